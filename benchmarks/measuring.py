"""What work costs, and figures that stand beside their floor or goal.

CPU is counted, not only time: on a busy machine the clock tells of the neighbours. It includes all
threads, and children that have ended.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and of the clock."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Figure:
    """A measured value beside what the least possible work takes in the same run, and the goal.

    `more` says that larger is better; without `floor` or `goal` there is nothing to compare with.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_is: str = ""
    goal: float | None = None
    more: bool = False

    @property
    def ratio(self) -> float | None:
        """Value over floor."""
        return self.value / self.floor if self.floor else None

    @property
    def of_goal(self) -> float | None:
        """Value over goal."""
        return self.value / self.goal if self.goal else None

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.more else self.value <= self.goal


def cost(work: Callable[[], Any]) -> Cost:
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return Cost(_cpu() - cpu, time.perf_counter() - wall)


def middle(
    work: Callable[[], Any], runs: int, before: Callable[[], Any] | None = None, times: int = 1
) -> Cost:
    """The medians over several runs of one go; `times` goes in a row make one run, for short work.
    `before` prepares each run and is not counted."""
    found = []
    for _ in range(runs):
        if before is not None:
            before()
        found.append(cost(lambda: [work() for _ in range(times)]))
    return Cost(*(statistics.median(getattr(c, n) for c in found) / times for n in ("cpu", "wall")))


def _cpu() -> float:
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def machine() -> dict[str, Any]:
    """What the figures were measured on; `busy` when more wants to run than there are cores."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    return {
        "cores": cores,
        "load": round(load, 2),
        "busy": load > cores,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def write(folder: Path, name: str, figures: Sequence[Figure], quick: bool) -> Path:
    """NAME.json: machine, and each figure with its ratios."""
    rows = [{**asdict(f), "ratio": f.ratio, "of_goal": f.of_goal, "met": f.met} for f in figures]
    told = {"benchmark": name, "quick": quick, "machine": machine(), "figures": rows}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(told, indent=1, allow_nan=False) + "\n")
    return path


def lines(figures: Sequence[Figure]) -> list[str]:
    """The figures as a table of text."""
    width = max(len(figure.name) for figure in figures)
    return [f"  {figure.name:<{width}}  {_told(figure)}".rstrip() for figure in figures]


def _told(figure: Figure) -> str:
    told = f"{_number(figure.value):>10} {figure.unit:<9}"
    if figure.floor is not None and figure.ratio is not None:
        told += f"  {figure.ratio:6.2f} x {_number(figure.floor)} ({figure.floor_is})"
    if figure.goal is not None and figure.of_goal is not None:
        sign = "≥" if figure.more else "≤"
        word = "met" if figure.met else "MISSED"
        told += f"  goal {sign} {_number(figure.goal)}: {figure.of_goal:.2f} of it, {word}"
    return told


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
