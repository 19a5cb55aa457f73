"""What many rows take while they are written, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured through /proc")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_forty_thousand_rows_are_never_held(tmp_path: Path, form: str) -> None:
    call = [sys.executable, "-m", "benchmarks.exporting", "40000", str(tmp_path), form]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[form]["memory"] < 40
