"""Whether the time of an answer tells that a user exists."""

from programs import run
from results import Result, median


async def unknown_user() -> list[Result]:
    """An unknown user's time / a wrong credential's, for each way in on each runtime: the one that is furthest from 1."""
    ratios = []
    for runtime in ("deno", "workerd"):
        times = await run("timing.js", runtime)
        ratios += [median(way["unknown"]) / median(way["known"]) for way in times.values()]
    worst = max(ratios, key=lambda ratio: max(ratio, 1 / ratio))
    return [Result("unknown-user-timing", "ratio", worst, min(ratios), max(ratios), 1.0)]
