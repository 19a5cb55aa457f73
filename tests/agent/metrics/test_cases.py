"""Every number is proved by somebody else's SQL."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.metrics.catalogue import METRICS
from agent.metrics.questions import Ask as Words
from tests.agent.metrics.conftest import Ask

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text())["case"]
NOVEMBER = "&from=2026-11-01&to=2026-11-16"


def test_every_metric_has_a_case() -> None:
    proved = {name for case in CASES for name in Words.parse(case["ask"]).metrics}
    assert proved == set(METRICS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["ask"])
def test_equals_hand_written_sql(ask: Ask, tea: Any, case: dict[str, str]) -> None:
    frame = ask(case["ask"] + NOVEMBER)
    metric, dimension = frame.metrics[0].name, frame.dimensions[0].name
    statement = sa.text(case["sql"]).columns(
        sa.column("key", sa.String), sa.column("value", sa.Float)
    )
    proof = {row["key"]: row["value"] for row in tea.read(statement).to_pylist()}
    keys = [None if key is None else str(key) for key in frame.values(dimension)]
    found = {k: float(v) for k, v in zip(keys, frame.values(metric), strict=True)}
    # A day that the proof does not name has no rows: the calendar shows it as zero.
    silent = set(found) - set(proof) if frame.dimensions[0].unit == "date" else set()
    assert found == pytest.approx(proof | dict.fromkeys(silent, 0.0), abs=1e-9)
