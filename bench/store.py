"""What the store is asked for by each thing that people and machines do."""

import sys

from programs import run
from results import Result

PLACES = {"deno": "one isolate of Deno", "isolates": "two isolates of Deno", "workerd": "workerd"}
FRAME = "frame, each way"


def _cell(cost: dict | None) -> str:
    return "" if cost is None else f"{cost['reads']:.4g} + {cost['writes']:.4g}"


def _table(costs: dict[str, dict[str, dict]]) -> str:
    things = dict.fromkeys(thing for each in costs.values() for thing in each)
    lines = [f"{'reads + writes of':36}" + "".join(f"{PLACES[place]:>24}" for place in costs)]
    lines += [f"{thing:36}" + "".join(f"{_cell(costs[place].get(thing)):>24}" for place in costs) for thing in things]
    return "\n".join(lines)


async def operations() -> list[Result]:
    costs = {place: await run("store.js", place) for place in PLACES}
    print(_table(costs), file=sys.stderr)
    frames = [sum(costs[place][FRAME][kind] for kind in ("reads", "writes")) for place in ("deno", "workerd")]
    return [Result("store-operations-per-frame", "", max(frames), min(frames), max(frames))]
