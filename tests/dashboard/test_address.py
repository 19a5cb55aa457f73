from __future__ import annotations

from datetime import date

import pytest

from agent.errors import NotFound, Refused
from agent.metrics.questions import Filter
from agent.services import Services
from dashboard.address import own_words, parse, read


def test_nothing_in_the_address_is_the_last_28_days(services: Services) -> None:
    here = read(services, "/", "")
    assert (here.scope.start, here.scope.end) == (date(2026, 10, 20), date(2026, 11, 16))
    assert here.scope.shops == ("almas-tea",)
    assert (here.note, dict(here.own)) == ("", {})


def test_an_address_reads_back_as_itself(services: Services) -> None:
    search = "?from=2026-11-01&to=2026-11-16&country=DE&country=AT&product=T1&kpi=orders"
    here = read(services, "/", search)
    assert read(services, "/", here.search) == here
    assert here.scope.filters == (Filter("country", ("DE", "AT")), Filter("product", ("T1",)))


def test_a_control_changes_one_thing_and_keeps_the_rest(services: Services) -> None:
    here = read(services, "/", "from=2026-11-01&to=2026-11-16&country=DE&kpi=orders")
    moved = read(services, "/", here.href(kpi="net_sales").partition("?")[2])
    assert moved.scope == here.scope
    assert moved.own == {"kpi": "net_sales"}
    other = here.href(path="/explore", by="product")
    assert other.startswith("/explore?")
    assert "kpi" not in other, "one page's words stay on that page"
    assert "country=DE" in other


@pytest.mark.parametrize(
    ("search", "kept", "words"),
    [
        ("country=DE&from=2026-13-01", ("country",), "not a day"),
        ("country=DE&from=2026-11-16&to=2026-11-01", ("country",), "after its end"),
        ("country=DE&period=fortnight", ("country",), "not known"),
        ("country=DE&cmp=moon", ("country",), "not known"),
        ("country=DE&shop=nobody", ("country",), "no shop called"),
        ("country=DE&day=2026-11-01", ("country",), "cannot be a filter"),
        ("country=DE&kpi=happiness", ("country",), "no metric called 'happiness'"),
        ("country=DE&grain=fortnight", ("country",), "not known here"),
        ("country=" + "x" * 40_000, (), "too long"),
        ("&".join(f"country={n}" for n in range(1050)), (), "1,000"),
        ("&".join(f"x{n}=1" for n in range(2000)), (), "too many"),
    ],
)
def test_what_cannot_be_is_left_out_with_a_sentence(
    services: Services, search: str, kept: tuple[str, ...], words: str
) -> None:
    here = read(services, "/", search)
    assert tuple(f.dimension for f in here.scope.filters) == kept
    assert words in here.note
    assert "Shown without" in here.note


def test_a_list_of_metrics_keeps_what_is_known(services: Services) -> None:
    here = read(services, "/explore", "metrics=net_sales,happiness,orders&by=nothing")
    assert here.own == {"metrics": "net_sales,orders"}
    assert "no metric called 'happiness'" in here.note
    assert "no dimension called 'nothing'" in here.note
    assert read(services, "/explore", here.search).note == ""


def test_five_metrics_are_four_with_a_sentence(services: Services) -> None:
    here = read(services, "/explore", "metrics=net_sales,orders,units,customers,discounts")
    assert here.own["metrics"] == "net_sales,orders,units,customers"
    assert "Up to 4 metrics" in here.note


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("metrics=net_sale", "Did you mean net_sales?"),
        ("by=contry", "Did you mean country?"),
        ("by=shop", "one shop"),
        ("split=day", "not known here"),
        ("refunds=never", "not known"),
        ("currency=XXQ", "is not a currency"),
        ("cmp=targets", "not known"),
        ("of=nothing", "is not known"),
        ("at=-1", "is not known"),
        ("receipt=happiness", "no metric called"),
    ],
)
def test_every_word_that_makes_no_sense_is_named(
    services: Services, search: str, words: str
) -> None:
    here = read(services, "/explore", f"country=DE&{search}")
    assert words in here.note
    assert here.scope.filters == (Filter("country", ("DE",)),)
    assert here.own == {}


def test_the_command_line_says_the_same(services: Services) -> None:
    for search in ("metrics=net_sale&by=country", "metrics=orders&by=contry"):
        with pytest.raises(Refused) as refused:
            services.question(search)
        assert str(refused.value) in read(services, "/explore", search).note


def test_a_receipt_is_not_carried_on(services: Services) -> None:
    here = read(services, "/explore", "receipt=net_sales&of=country:DE&at=sales:50&by=product")
    assert "receipt" not in here.href()
    assert "receipt=orders" in here.href(receipt="orders")
    assert "of=" not in here.href(receipt="orders")


def test_from_and_to_fall_together(services: Services) -> None:
    here = read(services, "/", "from=2026-11-30&to=2026-11-01")
    assert here.scope.preset == "last_28_days"


def test_a_download_takes_no_liberties(services: Services) -> None:
    with pytest.raises(Refused):
        parse(services, "/", "kpi=happiness")
    with pytest.raises(NotFound):
        parse(services, "/", "shop=nobody")


def test_without_a_shop_there_is_nothing_near(empty_services: Services) -> None:
    with pytest.raises(NotFound):
        read(empty_services, "/", "country=DE")


def test_a_currency_without_rates_leaves_the_shop_s_own_money(services: Services) -> None:
    here = read(services, "/", "currency=KRW&country=DE")
    assert here.scope.currency == ""
    assert here.scope.filters == (Filter("country", ("DE",)),)
    assert "No exchange rates are kept." in here.note
    with pytest.raises(Refused):
        parse(services, "/", "currency=KRW")


def test_a_value_that_the_shop_never_had_is_left_out_and_its_neighbour_offered(
    services: Services,
) -> None:
    here = read(services, "/", "country=Germny&country=AT&not_channel=moon&product=T1")
    assert here.scope.filters == (Filter("country", ("AT",)), Filter("product", ("T1",)))
    assert "There is no country called 'Germny' in this shop." in here.note
    assert "Did you mean DE (Germany)?" in here.note
    assert "There is no channel called 'moon'" in here.note
    assert here.near == Filter("country", ("AT", "DE"))
    assert read(services, "/", "country=Germny&country=DE").near is None
    with pytest.raises(Refused) as refused:
        services.question("metrics=orders&country=Germny")
    assert str(refused.value) in read(services, "/", "country=Germny").note
    with pytest.raises(Refused):
        parse(services, "/", "country=Germny")


def test_beside_another_fault_unknown_values_are_still_said(services: Services) -> None:
    here = read(services, "/", "country=Atlantis&country=DE&cmp=moon")
    assert here.scope.filters == (Filter("country", ("DE",)),)
    assert "cmp=moon" in here.note and "'Atlantis'" in here.note


def test_words_that_mean_nothing_are_named_aside(services: Services) -> None:
    here = read(services, "/", "countri=DE&from=2026-11-01&from=2026-11-02&to=2026-11-16")
    assert here.note == ""
    assert "A question has no word 'countri'. Did you mean country?" in here.aside
    assert "from is given twice." in here.aside
    for word in own_words():
        assert read(services, "/customers", f"{word}=x").aside == ""
    with pytest.raises(Refused):
        parse(services, "/", "countri=DE")


def test_more_rows_than_a_page_shows(services: Services) -> None:
    here = read(services, "/products", "top=99999999")
    assert here.own == {}
    assert "Use 12, or 50 to 500 in steps of 50." in here.note
