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
    frame = ask(case["ask"] + ("" if "from=" in case["ask"] else NOVEMBER))
    metric, dimension = frame.metrics[0].name, frame.dimensions[0].name
    proof = read(tea, case["sql"], sa.column("key", sa.String), sa.column("value", sa.Float))
    expected = {row["key"]: row["value"] for row in proof}
    keys = [None if key is None else str(key) for key in frame.values(dimension)]
    found = dict(zip(keys, map(number, frame.values(metric)), strict=True))
    # A day that the proof does not name has no rows: zero of what is added up, and no rate.
    silent = set(found) - set(expected) if frame.dimensions[0].unit != "text" else set()
    nothing = None if METRICS[metric].ratio else 0.0
    assert found == pytest.approx(expected | dict.fromkeys(silent, nothing), abs=1e-9)


@pytest.mark.parametrize("case", [c for c in CASES if "total" in c], ids=lambda case: case["ask"])
def test_the_total_is_asked_not_added_up(ask: Ask, tea: Any, case: dict[str, str]) -> None:
    frame = ask(case["ask"] + ("" if "from=" in case["ask"] else NOVEMBER))
    (proof,) = read(tea, case["total"], sa.column("value", sa.Float))
    assert number(frame.total(frame.metrics[0].name)) == pytest.approx(proof["value"])


def read(warehouse: Any, text: str, *columns: sa.ColumnClause[Any]) -> list[dict[str, Any]]:
    return list(warehouse.read(sa.text(text).columns(*columns)).to_pylist())


def number(value: Any) -> float | None:
    return None if value is None else float(value)
