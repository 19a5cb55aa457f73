"""People's own metrics as they are kept, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from agent.errors import NotFound, Refused
from agent.records import Records
from agent.records.kpis import MOST, Kpi, Rows
from tests.clock import START, FrozenClock

VALUE = Kpi("visit_value", "Value of a visit", "money", "net_sales / sessions", created_by="ann")


def anything(_: Rows) -> None:
    """Every set of rows is allowed."""


def nothing(rows: Rows) -> None:
    raise Refused(f"Not these {len(rows)}.")


def test_there_changed_and_gone(records: Records, clock: FrozenClock) -> None:
    kept = records.kpis.add(replace(VALUE, label=" Value  of a visit "), anything)
    assert kept == replace(VALUE, created_at=START)
    assert records.kpis.all() == (kept,) == (records.kpis.get("visit_value"),)
    clock.advance(days=1)
    wanted = replace(VALUE, formula="total_sales / sessions", target=2.5, created_by="bo")
    changed = records.kpis.change(wanted, anything)
    assert (changed.created_by, changed.created_at) == ("ann", START), "who made it stays"
    assert records.kpis.get("visit_value") == replace(wanted, created_by="ann", created_at=START)
    assert records.kpis.remove("visit_value", anything) == changed
    assert records.kpis.all() == ()
    for wrong in (records.kpis.get, lambda name: records.kpis.remove(name, anything)):
        with pytest.raises(NotFound, match="visit_value"):
            wrong("visit_value")
    with pytest.raises(NotFound):
        records.kpis.change(VALUE, anything)


def test_the_version_moves_with_every_change(records: Records) -> None:
    versions = [records.kpis.version()]
    for change in (
        lambda: records.kpis.add(VALUE, anything),
        lambda: records.kpis.change(replace(VALUE, good_up=False), anything),
        lambda: records.kpis.add(replace(VALUE, name="other"), anything),
        lambda: records.kpis.remove("other", anything),
        lambda: records.kpis.remove(VALUE.name, anything),
    ):
        change()
        assert records.kpis.version() == records.kpis.version() != versions[-1]
        versions.append(records.kpis.version())
    assert versions[0] == versions[-1], "nothing is nothing"
    assert versions[4] == versions[2], "the same KPIs, the same version"
    assert len(set(versions)) == 4


def test_what_is_not_allowed_changes_nothing(records: Records) -> None:
    with pytest.raises(Refused, match="Not these 1"):
        records.kpis.add(VALUE, nothing)
    assert records.kpis.all() == ()
    records.kpis.add(VALUE, anything)
    with pytest.raises(Refused, match="Not these 1"):
        records.kpis.change(replace(VALUE, label="Other"), nothing)
    with pytest.raises(Refused, match="Not these 0"):
        records.kpis.remove(VALUE.name, nothing)
    assert records.kpis.get(VALUE.name).label == VALUE.label


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Visit value"},
        {"name": "1st"},
        {"name": "a"},
        {"name": "x" * 61},
        {"label": " "},
        {"label": "x" * 81},
        {"unit": "euro"},
        {"target": float("nan")},
        {"warning": 3.0},
        {"target": 5.0, "warning": 6.0, "critical": 5.5},
        {"definition": "x" * 1001},
    ],
)
def test_what_cannot_be_kept(records: Records, change: dict[str, object]) -> None:
    with pytest.raises(Refused):
        records.kpis.add(replace(VALUE, **change), anything)  # type: ignore[arg-type]  # wrong values are the point
    assert records.kpis.all() == ()


def test_a_name_is_given_once_however_many_ask_at_once(records: Records) -> None:
    gate = Barrier(6)

    def add(_: int) -> bool:
        gate.wait()
        try:
            records.kpis.add(VALUE, anything)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(add, range(6))) == 1


def test_two_changes_at_once_cannot_close_a_circle(records: Records) -> None:
    """Each change alone would be fine; `allowed` sees what the other one wrote."""
    for name, formula in (("one", "orders"), ("two", "orders")):
        records.kpis.add(replace(VALUE, name=name, formula=formula), anything)
    gate = Barrier(2)

    def no_circle(rows: Rows) -> None:
        if {row.formula for row in rows} == {"one", "two"}:
            raise Refused("A circle.")

    def point(name: str, other: str) -> bool:
        gate.wait()
        try:
            records.kpis.change(replace(VALUE, name=name, formula=other), no_circle)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(point, ("one", "two"), ("two", "one"))) == [False, True]


def test_there_is_an_end_to_them(records: Records) -> None:
    for number in range(MOST):
        records.kpis.add(replace(VALUE, name=f"kpi_{number}"), anything)
    with pytest.raises(Refused, match=str(MOST)):
        records.kpis.add(VALUE, anything)
