"""A progress line on the terminal; plain lines where there is none."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from agent.sources.base import Progress

WIDTH = 28
EVERY = 0.1


class Bar:
    """Draws Progress values on stderr: in place on a terminal, one line a step elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._drawn = 0.0
        self._step = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._live and self._step:
            sys.stderr.write("\r\033[K")

    def show(self, progress: Progress) -> None:
        if not self._live:
            if progress.step != self._step:
                print(f"{progress.step} …", file=sys.stderr)
        elif progress.step != self._step or time.monotonic() - self._drawn > EVERY:
            self._draw(progress)
        self._step = progress.step

    def _draw(self, progress: Progress) -> None:
        share = min(progress.done / progress.total, 1.0) if progress.total else 0.0
        full = "█" * round(share * WIDTH)
        rate = f"  {progress.rows_per_second:,.0f} rows/s" if progress.rows_per_second else ""
        sys.stderr.write(f"\r\033[K{progress.step:<12} {full:<{WIDTH}} {share:4.0%}{rate}")
        sys.stderr.flush()
        self._drawn = time.monotonic()
