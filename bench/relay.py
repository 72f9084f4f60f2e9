"""The relay's own share on each runtime, against a bare relay there."""

from programs import run
from results import Result, median, of


async def _relay(runtime: str, rounds: int) -> list[Result]:
    samples = await run("relay.js", runtime, str(rounds))
    own, bare = samples["relay"], samples["bare"]
    cold = 3  # the first bursts, in which both still warm up
    return [of(f"relay-p50-{runtime}", "ms", own["latency"], median(bare["latency"])),
            of(f"relay-time-per-frame-{runtime}", "us", own["burst"][cold:], median(bare["burst"][cold:]))]


async def on_deno(rounds: int = 1000) -> list[Result]:
    return await _relay("deno", rounds)


async def on_workerd(rounds: int = 1000) -> list[Result]:
    return await _relay("workerd", rounds)
