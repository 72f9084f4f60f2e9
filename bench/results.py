"""What was measured: one line a name, with its limit or peer from the same run."""

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "results.json"


@dataclass
class Result:
    name: str
    unit: str
    value: float
    least: float | None = None
    most: float | None = None
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.baseline else None

    def json(self) -> dict:
        rounded = {"value": self.value, "min": self.least, "max": self.most, "baseline": self.baseline,
                   "ratio": self.ratio}
        rounded = {key: None if number is None else float(f"{number:.4g}") for key, number in rounded.items()}
        return {"name": self.name, "value": rounded["value"], "unit": self.unit, "min": rounded["min"],
                "max": rounded["max"], "baseline": rounded["baseline"], "ratio": rounded["ratio"]}


def percentile(samples: list[float], share: float) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(samples: list[float]) -> float:
    return percentile(samples, 0.5)


def of(name: str, unit: str, samples: list[float], baseline: float | None = None, share: float = 0.5) -> Result:
    return Result(name, unit, percentile(samples, share), min(samples), max(samples), baseline)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().split("\n")[0]


def save(results: list[Result], versions: dict[str, str], failed: list[str]):
    """Writes the file; names that were not asked for keep what they had, those that failed have nothing."""
    before = json.loads(FILE.read_text())["results"] if FILE.exists() else []
    merged = {entry["name"]: entry for entry in before if entry["name"] not in failed}
    merged |= {result.name: result.json() for result in results}
    machine = {"system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count()}
    text = json.dumps({"machine": machine, "versions": versions, "commit": _said("git", "rev-parse", "--short", "HEAD"),
                       "results": list(merged.values())}, indent=2)
    FILE.write_text(text + "\n")


def table(results: list[Result]) -> str:
    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    rows = [("name", "value", "unit", "min", "max", "baseline", "ratio")]
    rows += [(r.name, number(r.value), r.unit, number(r.least), number(r.most), number(r.baseline), number(r.ratio))
             for r in results]
    widths = [max(len(row[i]) for row in rows) for i in range(7)]
    return "\n".join("  ".join(cell.ljust(w) if i in (0, 2) else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(row, widths))).rstrip() for row in rows)
