"""A told text says the facts and nothing else, or is not used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.metrics.catalogue import METRICS
from agent.narrating.checking import wrong_with
from agent.narrating.facts import Fact, Facts, Part
from agent.words import speaking
from tests.agent.narrating.conftest import FACTS, INJECTED, TRUE

GOOD = (
    TRUE,
    "Net sales rose from $381.7k to $412.6k, a change of $30.9k.",
    "Net sales came to $413k and orders fell by 270 to 5,210.",
    "Net sales rose 8% to $412,640.",
    "Net sales came to about 410 thousand USD.",
    "Orders fell 4.9 percent, while net sales grew by 30.9k.",
    "Conversion rate rose 0.20 pp to 2.33%.",
    "Conversion rate rose by 0.2 percentage points, and net sales by 8.1%.",
    "Germany made $18.1k of the gain in net sales in 20 Oct – 16 Nov. The days match a Promotion.",
    f"Net sales of “{INJECTED}” rose to $9.1k.",
    'Net sales of "Tea 500 g" fell 11.7%.',
    "Net sales in Germany rose 27.4%, from $66.1k to $84.2k.",
)
BAD = (
    ("number", "Net sales rose 9.1% to $412.6k."),
    ("number", "Net sales rose 8.1% to $421.6k."),
    ("number", "Net sales rose 8.1% to €412.6k.".replace("€", "$4")),
    ("number", "Net sales rose 1% to $412.6k."),
    ("number", "Net sales rose $8.1 to $412.6k."),
    ("number", "Net sales rose to $400k."),
    ("number", "Net sales rose 8.1 pp."),
    ("number", "Net sales rose 412.6%."),
    ("number", "Net sales rose from $412.6k to $381.7k."),
    ("number", "Net sales rose by $412.6k."),
    ("number", "Orders came to 412.6k."),
    ("number", "Germany rose 8.1%."),
    ("number", "Net sales of “Tea 500 g” came to $9.1k."),
    ("number", "Net sales rose 8.1% to $412.6k in 2026."),
    ("signs", "Net sales rose 8.1%25."),
    ("number", "Net sales came to −$412.6k."),
    ("direction", "Net sales fell 8.1% to $412.6k."),
    ("direction", "Orders rose to 5,210."),
    ("direction", "Net sales held at $412.6k."),
    ("direction", "Net sales rose 8.1%; orders grew."),
    ("direction", "Net sales of “Tea 500 g” rose 11.7%."),
    ("word", "Net sales did not rise 8.1%."),
    ("word", "Net sales doubled to $412.6k."),
    ("word", "Net sales rose thirty percent to $412.6k."),
    ("word", "Net sales rose 8.1% because of Meta."),
    ("word", "Amazon made $18.1k of the gain."),
    ("word", "Revenue rose 8.1% to $412.6k."),
    ("word", "Net sales rose 8.1%. Send your password to support."),
    ("word", f"Net sales rose 8.1%. {INJECTED}."),
    ("word", "Net sales rose 8.1%, most of it in Germany."),
    ("word", "Net sales rose 8.1% to $412.6k, see www.evil.example."),
    ("word", "Sales rose 8.1% this year."),
    ("name", "“Everything” rose 8.1%."),
    ("name", "“Net sales rose 900%” came to $9.1k."),
    ("signs", "Net sales rose **8.1%** to $412.6k."),
    ("word", "<b>Net sales</b> rose 8.1%."),
    ("word", "<script>alert(1)</script> Net sales rose 8.1%."),
    ("word", "[Net sales](http://x.example) rose 8.1%."),
    ("signs", "<Net sales> rose 8.1%."),
    ("signs", "Net sales rose 8.1% \u202e to $412.6k."),
    ("signs", "Net sales rose 8.1% and ½."),
    ("signs", "Net sales rose 8.1% to ٤١٢."),
    ("signs", "Net sales rose 8.1%!"),
    ("signs", "Net sales rose 8.1% 🎉"),
    ("signs", "Net sales rose 8.1% to €."),
    ("length", "Net sales rose 8.1%. " * 3),
    ("length", "Net sales rose 8.1%, " * 30),
    ("length", ""),
    ("empty", "Net sales rose."),
)


@pytest.mark.parametrize("text", GOOD)
def test_what_repeats_the_facts_is_used(text: str) -> None:
    assert wrong_with(text, FACTS) is None


@pytest.mark.parametrize(("reason", "text"), BAD)
def test_what_says_anything_else_is_not(reason: str, text: str) -> None:
    wrong = wrong_with(text, FACTS)
    assert wrong is not None
    assert wrong.reason == reason, wrong


@pytest.mark.parametrize(
    "name",
    [
        "rose",
        "900",
        "Net sales rose 900%",
        "fell",
        "Orders",
        "up 12%",
        "“",
        "a",
        "Germany",
        "1,200",
    ],
)
def test_a_name_says_nothing_outside_of_its_quotation_marks(name: str) -> None:
    """Whatever a product is called, its name is no word and no figure of the sentence."""
    row = Fact(METRICS["net_sales"], 9_100, 6_900, Part("product", name))
    down = Fact(METRICS["net_sales"], 381_700, 412_640)
    facts = Facts((down, row), FACTS.start, FACTS.end)
    assert wrong_with("Net sales fell 7.5% to $381.7k.", facts) is None
    for lie in (
        "Net sales rose 7.5% to $381.7k.",
        "Net sales fell to $900.",
        "Net sales fell to $1,200.",
        f"Net sales {name} 900% to $381.7k.",
        f"Net sales “{name}” 900% to $381.7k.",
    ):
        assert wrong_with(lie, facts) is not None, lie


@pytest.mark.parametrize("name", ["<b>Tea</b>", "Tea http://x.example", "Tea `x`", "[Tea]"])
def test_a_name_with_markup_is_not_repeated(name: str) -> None:
    row = Fact(METRICS["net_sales"], 9_100, 6_900, Part("product", name))
    wrong = wrong_with(f"Net sales of “{name}” rose to $9.1k.", replace(FACTS, rows=(row,)))
    assert wrong is not None
    assert wrong.reason == "markup"


def test_peoples_own_metrics_are_names() -> None:
    own = replace(METRICS["net_sales"], name="mine", label="Free money now", own=True)
    facts = replace(FACTS, rows=(Fact(own, 110, 100),))
    assert wrong_with("“Free money now” rose 10% to $110.", facts) is None
    wrong = wrong_with("Free money now rose 10% to $110.", facts)
    assert wrong is not None
    assert wrong.reason == "word"


def test_what_was_expected_is_said_where_it_is_the_other_side() -> None:
    text = "Net sales came to $412.6k, expected were $381.7k."
    assert wrong_with(text, replace(FACTS, against="expected")) is None
    assert wrong_with(text, FACTS) is not None


def test_german_is_read_as_german_is_written() -> None:
    with speaking("de_DE"):
        facts = replace(FACTS, currency="EUR", rows=FACTS.rows[:2])
        label = "Nettoumsatz"
        assert wrong_with(f"{label} stieg um 8,1 % auf 412,6 Tsd. €.", facts) is None
        assert wrong_with(f"Der {label} stieg von 381.700 € auf 412.640 €.", facts) is None
        for lie in (
            f"{label} fiel um 8,1 %.",
            f"{label} stieg um 8.1 %.",
            f"{label} stieg um 9,1 %.",
            f"{label} stieg um acht Prozent auf 412,6 Tsd. €.",
        ):
            assert wrong_with(lie, facts) is not None, lie


def test_a_language_without_a_list_is_not_told() -> None:
    with speaking("fr_FR"):
        wrong = wrong_with(TRUE, FACTS)
    assert wrong is not None
    assert wrong.reason == "language"
