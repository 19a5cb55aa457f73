"""People's own metrics: what a formula over formulas comes to, and which ones are refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Refused
from agent.metrics.formulas import Sign
from agent.metrics.kpis import HIGHEST, build, check, check_removed, in_words, read
from agent.metrics.metric import Metric, Unit


@dataclass(frozen=True)
class Row:
    name: str
    formula: str
    label: str = ""
    unit: Unit = "number"
    good_up: bool = True
    definition: str = ""


def row(name: str, formula: str) -> Row:
    return Row(name, formula, name.capitalize())


def metric(name: str, formula: str, label: str = "", source: str = "Sales ledger") -> Metric:
    return Metric(name, label or name.capitalize(), "number", "", formula, source=source)


BUILTIN = {
    m.name: m
    for m in (
        metric("net_sales", "net_sales", "Net sales"),
        metric("orders", "orders", "Orders"),
        metric("sessions", "sessions", "Sessions", "Sessions by day"),
        metric("average_order_value", "placed_sales / orders", "Average order value"),
        metric("gross_profit", "net_sales - cogs", "Gross profit"),
    )
}
FIGURES = {
    "net_sales": Fraction(1200),
    "orders": Fraction(16),
    "sessions": Fraction(500),
    "placed_sales": Fraction(1360),
    "cogs": Fraction(300),
}


class Exact:
    """Hand arithmetic: fractions, None for unknown."""

    def constant(self, value: float) -> Fraction | None:
        return Fraction(value)

    def minus(self, value: Fraction | None) -> Fraction | None:
        return None if value is None else -value

    def pair(self, sign: Sign, left: Fraction | None, right: Fraction | None) -> Fraction | None:
        if left is None or right is None or (sign == "/" and right == 0):
            return None
        return eval(f"a {sign} b", {"a": left, "b": right})  # the plainest other way to do it


def comes_to(kpi: Metric) -> Fraction | None:
    return kpi.parsed.value(FIGURES.__getitem__, Exact())


def test_a_metric_stands_in_a_kpi_with_its_own_formula_in_parentheses() -> None:
    made = build([row("x", "gross_profit / average_order_value")], BUILTIN)["x"]
    assert made.formula == "(net_sales - cogs) / (placed_sales / orders)"
    assert made.measures == ("net_sales", "cogs", "placed_sales", "orders")
    assert made.ratio
    assert made.own
    assert comes_to(made) == Fraction(900) / 85


def test_a_kpi_stands_on_another_whatever_their_order() -> None:
    rows = [row("a", "b * 2 - orders"), row("b", "gross_profit - net_sales")]
    made = build(rows, BUILTIN)
    assert comes_to(made["a"]) == (900 - 1200) * 2 - 16
    assert build(rows[::-1], BUILTIN) == made
    assert not made["a"].ratio


def test_what_a_kpi_tells_about_itself() -> None:
    rows = [
        Row("visit_value", "net_sales / sessions", "Value of a visit", "money"),
        Row("twice", "visit_value * 2", "Twice", "money", False, "Two visits."),
    ]
    visit, twice = build(rows, BUILTIN).values()
    assert (visit.unit, visit.good_up, visit.label) == ("money", True, "Value of a visit")
    assert visit.definition == "Defined here as net_sales / sessions."
    assert visit.source == twice.source == "Sales ledger, Sessions by day"
    assert (twice.good_up, twice.definition) == (False, "Two visits.")
    assert in_words("visit_value*2 / orders", {**BUILTIN, visit.name: visit}) == (
        "Value of a visit * 2 / Orders"
    )


NAMES = list(BUILTIN)
NUMBERS = st.integers(1, 9).map(str)
FORMULAS = st.recursive(
    st.sampled_from(NAMES) | NUMBERS,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        )
        | inner.map(lambda part: f"-{part}")
    ),
    max_leaves=6,
)


def by_hand(text: str, figures: dict[str, Fraction]) -> Fraction | None:
    """Python's own arithmetic over fractions."""
    wrapped = "".join(f"Fraction({sign})" if sign.isdigit() else sign for sign in text)
    try:
        return Fraction(eval(wrapped, {"Fraction": Fraction, **figures}))
    except ZeroDivisionError:
        return None


@given(FORMULAS, FORMULAS)
def test_a_random_formula_comes_to_what_hand_arithmetic_says(one: str, two: str) -> None:
    figures = {name: comes_to(m) or Fraction(0) for name, m in BUILTIN.items()}
    below = by_hand(one, figures)
    made = read([row("one", one), row("two", f"{two} + one * orders")], BUILTIN)
    if "one" in made.left_out:
        # Refused only where it names nothing or can never be answered.
        assert not any(name in one for name in NAMES) or below is None
        return
    assert comes_to(made.metrics["one"]) == below
    if "two" in made.metrics and below is not None:
        assert comes_to(made.metrics["two"]) == by_hand(
            f"{two} + one * orders", figures | {"one": below}
        )


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("net_sales / sesions", r"^Bad: .*'sesions'\. Did you mean sessions\?"),
        ("bad + 1", r"^Bad is defined by itself: bad → bad\."),
        ("orders / 0", "^Bad: The formula divides by zero"),
        ("orders / (2 - 2)", "^Bad: It divides by what is always zero"),
        ("orders / (sessions - sessions)", "^Bad: It divides by what is always zero"),
        ("orders / (gross_profit - net_sales + 0*orders) / -(1-1)", "always zero"),
        ("1 + 1", "^Bad: The formula names no metric"),
        ("__import__('os').system('true')", "^Bad: .*cannot stand in a formula"),
        ("orders.real", "cannot stand"),
        ("orders ** 2", "cannot stand"),
        ("orders if orders else 1", "cannot stand"),
        ("(orders", "cannot be read"),
        ("", "cannot be read"),
        ("-" * 60 + "orders", "nested"),
        ("+".join(["average_order_value"] * 24), "Written out in full"),
        ("orders + " * 80 + "orders", "longer than"),
    ],
)
def test_what_is_refused_is_named_and_harms_no_other(formula: str, why: str) -> None:
    rows = [row("bad", formula), row("good", "net_sales / orders")]
    found = read(rows, BUILTIN)
    assert list(found.metrics) == ["good"]
    with pytest.raises(Refused, match=why):
        check(rows, BUILTIN, "bad")
    assert check(rows, BUILTIN, "good").formula == "net_sales / orders"
    assert list(found.left_out) == ["bad"]


def test_a_circle_is_told_with_its_way() -> None:
    rows = [row("a", "b + orders"), row("b", "c / orders"), row("c", "a - 1")]
    with pytest.raises(Refused, match="A is defined by itself: a → b → c → a"):
        check(rows, BUILTIN, "a")
    assert build(rows, BUILTIN) == {}


def test_a_change_that_breaks_another_is_refused() -> None:
    rows = [row("base", "orders * 1"), row("ratio", "net_sales / base")]
    assert check(rows, BUILTIN, "base")
    with pytest.raises(Refused, match=r"^Ratio: It divides by what is always zero"):
        check([replace(rows[0], formula="orders - orders"), rows[1]], BUILTIN, "base")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("orders", "built-in"),
        ("placed_sales", "built-in"),
        ("country", "cannot be"),
        ("product_label", "cannot be"),
        ("if", "cannot be"),
    ],
)
def test_names_that_are_taken(name: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check([row(name, "net_sales")], BUILTIN, name)
    assert build([row(name, "net_sales")], BUILTIN) == {}


def test_a_base_that_is_gone_leaves_its_users_out_with_the_reason() -> None:
    rows = [row("user", "base / orders"), row("on_top", "user * 2"), row("other", "orders")]
    found = read(rows, BUILTIN)
    assert list(found.metrics) == ["other"]
    assert found.left_out["user"].startswith("User: There is no metric called 'base'")
    assert found.left_out["on_top"].startswith("User: There is no metric called 'base'")


def test_what_is_used_cannot_be_removed() -> None:
    rows = [row("one", "base / orders"), row("two", "base * 2"), row("other", "orders")]
    with pytest.raises(Refused, match="base is used by One and Two"):
        check_removed(rows, "base")
    check_removed(rows, "one")


def test_a_tower_has_a_top_whatever_order_it_is_read_in() -> None:
    tower = [row("kpi_0", "orders")]
    tower += [row(f"kpi_{n}", f"kpi_{n - 1} + 1") for n in range(1, HIGHEST + 5)]
    up, down = read(tower, BUILTIN), read(tower[::-1], BUILTIN)
    assert set(up.metrics) == set(down.metrics) == {f"kpi_{n}" for n in range(HIGHEST)}
    with pytest.raises(Refused, match=f"Kpi_{HIGHEST} stands on more than"):
        check(tower, BUILTIN, f"kpi_{HIGHEST}")
    endless = [row("kpi_0", "orders")]
    endless += [row(f"kpi_{n}", f"kpi_{n - 1} + 1") for n in range(1, 2000)]
    assert len(build(endless[::-1], BUILTIN)) == HIGHEST
