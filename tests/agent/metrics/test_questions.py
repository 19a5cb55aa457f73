"""The address bar's grammar, and what it refuses with a sentence."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Refused
from agent.metrics import periods
from agent.metrics.catalogue import MEASURES, METRICS
from agent.metrics.dimensions import FILTERS
from agent.metrics.questions import Ask, Filter, Question, Scope

TODAY = date(2026, 11, 17)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30)
FILTERS = st.lists(
    st.builds(
        Filter,
        st.sampled_from([n for n, d in FILTERS.items() if n != "shop" and not d.values]),
        st.lists(VALUES, min_size=1, max_size=3, unique=True).map(tuple),
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda f: (f.dimension, f.exclude),
).map(tuple)
DAYS = st.tuples(*[st.dates(date(1971, 1, 1), date(2190, 1, 1))] * 2).map(sorted)


@given(days=DAYS, filters=FILTERS, compare=st.sampled_from(["prev", "year", "none"]))
def test_a_scope_survives_the_address_bar(
    days: list[date], filters: tuple[Filter, ...], compare: str
) -> None:
    scope = Scope(("alma", "b & c"), days[0], days[1], compare, filters)  # type: ignore[arg-type]  # sampled
    assert Scope.parse(scope.query_string(), TODAY) == scope


@given(preset=st.sampled_from(list(periods.PRESETS)))
def test_a_moving_period_stays_moving(preset: str) -> None:
    scope = Scope.parse(f"period={preset}", TODAY)
    assert scope.preset == preset
    assert f"period={preset}" in scope.query_string()
    assert scope.start <= scope.end <= TODAY


def test_a_question_is_one_text() -> None:
    asked = "metrics=net_sales,orders&by=month&top=8&sort=-orders"
    text = f"{asked}&shop=alma&from=2026-01-01&to=2026-02-01&country=DE"
    question = Question.parse(text, TODAY)
    assert question.ask == Ask(("net_sales", "orders"), ("month",), 8, "-orders")
    assert Question.parse(question.query_string(), TODAY) == question
    assert hash(question) == hash(Question.parse(text, TODAY))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("metrics=", "names no metric"),
        ("metrics=orders&by=colour", "no dimension called 'colour'"),
        ("metrics=orders&by=day,month", "two time grains"),
        ("metrics=orders,orders", "same thing twice"),
        ("metrics=orders&by=country,channel,product,vendor", "three dimensions at most"),
        ("metrics=orders&top=many", "top=many is not a whole number"),
        ("metrics=orders&top=999999", "outside 0 to 10,000"),
        ("metrics=orders&sort=-units", "neither a metric nor a dimension"),
        ("metrics=orders&from=tomorrow", "from=tomorrow is not a day"),
        ("metrics=orders&from=2026-02-30", "from=2026-02-30 is not a day"),
        ("metrics=orders&from=2026-02-02&to=2026-01-01", "after its end"),
        ("metrics=orders&to=0999-01-01", "outside 1970 to 2199"),
        ("metrics=orders&period=next_week", "period=next_week is not known"),
        ("metrics=orders&cmp=mars", "cmp=mars is not known"),
        ("metrics=orders&day=2026-01-01", "day cannot be a filter"),
        ("metrics=orders&county=DE", "no word 'county'"),
        ("metrics=orders&form=2026-01-01", "no word 'form'"),
        ("metrics=orders&metrics=units", "metrics is given twice"),
        ("metrics=orders&weekday=Caturday", "weekday=Caturday is not known"),
        ("metrics=orders&customer_kind=old", "customer_kind=old is not known"),
        ("metrics=orders&country=%00", "a character that no value can have"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        Question.parse(text, TODAY)
    assert words in refused.value.message
    assert refused.value.permanent


def test_a_metric_that_nobody_defined_is_refused_when_it_is_looked_up() -> None:
    """Not before: people's own metrics are known only to who answers."""
    asked = Question.parse("metrics=profit", TODAY).ask
    with pytest.raises(Refused, match="no metric called 'profit'"):
        _ = asked.rows
    with pytest.raises(Refused, match="no metric called 'profit'"):
        asked.completed({})


def test_a_misspelt_key_is_told_its_neighbour() -> None:
    with pytest.raises(Refused) as refused:
        Question.parse("metrics=orders&county=DE", TODAY)
    assert refused.value.hint == "Did you mean country?"


def test_a_weekday_may_be_called_by_its_name() -> None:
    assert Scope.parse("weekday=monday", TODAY).filters == (Filter("weekday", ("1",)),)


def test_ten_thousand_filter_values_are_refused() -> None:
    with pytest.raises(Refused):
        Scope.parse([("country", str(n)) for n in range(10_000)], TODAY)
    with pytest.raises(Refused):
        Scope.parse("&".join(f"country={n}" for n in range(10_000)), TODAY)


def test_drilling_keeps_the_path() -> None:
    scope = Scope.parse("from=2026-01-01&to=2026-01-31&country=DE&product_type=Tea", TODAY)
    deeper = scope.where("product", "T1")
    assert [f.dimension for f in deeper.filters] == ["country", "product_type", "product"]
    sideways = deeper.where("country", "AT")
    assert [f.values for f in sideways.filters] == [("AT",), ("Tea",), ("T1",)]
    assert [f.dimension for f in sideways.without("product_type").filters] == ["country", "product"]
    assert [f.dimension for f in sideways.up_to("product_type").filters] == [
        "country",
        "product_type",
    ]


@pytest.mark.parametrize(
    ("start", "end", "compare", "first", "last"),
    [
        ("2026-10-20", "2026-11-16", "prev", "2026-09-22", "2026-10-19"),  # four weeks
        ("2026-11-01", "2026-11-16", "prev", "2026-10-01", "2026-10-16"),  # a month in progress
        ("2026-11-01", "2026-11-30", "prev", "2026-10-01", "2026-10-31"),  # a whole month
        ("2026-03-01", "2026-03-30", "prev", "2026-02-01", "2026-02-28"),  # a shorter month before
        ("2026-07-01", "2026-09-30", "prev", "2026-04-01", "2026-06-30"),  # a quarter
        ("2026-01-01", "2026-12-31", "prev", "2025-01-01", "2025-12-31"),  # a year
        ("2026-10-01", "2026-11-22", "prev", "2026-07-01", "2026-08-22"),  # a quarter in progress
        ("2026-10-01", "2026-11-30", "prev", "2026-07-01", "2026-08-30"),
        (
            "2026-04-01",
            "2026-06-29",
            "prev",
            "2026-01-01",
            "2026-03-31",
        ),  # the one before is as long
        ("2026-01-01", "2026-11-22", "prev", "2025-01-01", "2025-11-22"),  # a year in progress
        ("2026-09-01", "2026-10-31", "prev", "2026-07-01", "2026-08-31"),  # two months
        ("2026-11-16", "2026-11-16", "prev", "2026-11-09", "2026-11-09"),  # a day: the same weekday
        (
            "2026-11-05",
            "2026-11-14",
            "prev",
            "2026-10-22",
            "2026-10-31",
        ),  # ten days: two weeks back
        ("2028-02-29", "2028-02-29", "year", "2027-02-28", "2027-02-28"),  # a leap day
        ("2026-10-20", "2026-11-16", "year", "2025-10-20", "2025-11-16"),
    ],
)
def test_comparison_periods(start: str, end: str, compare: str, first: str, last: str) -> None:
    day = date.fromisoformat
    found = periods.before(day(start), day(end), compare)
    assert found == (day(first), day(last))


@given(days=DAYS, grain=st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_buckets_cover_the_period_without_holes(days: list[date], grain: str) -> None:
    start, end = days
    made = periods.buckets(start, end, grain).astype("datetime64[D]")
    assert made[0] <= start
    assert made[-1] <= end
    assert (made[1:] > made[:-1]).all()
    assert len(made) <= periods.bucket_count(start, end, grain)
    following = periods.buckets(end, date(2195, 1, 1), grain).astype("datetime64[D]")
    assert made[-1] == following[0]


def test_every_metric_says_what_it_means() -> None:
    for metric in METRICS.values():
        assert metric.definition.endswith(".")
        assert len(metric.definition) > 20


def test_what_is_no_metric_says_what_it_is_too() -> None:
    for measure in MEASURES.values():
        assert (measure.name in METRICS) != bool(measure.about), measure.name
