"""The given days: public holidays by another process, feasts here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from agent.errors import Unavailable
from agent.forecasting import feasts, given
from agent.forecasting.feasts import Feast
from tests import almas_tea

if TYPE_CHECKING:
    from agent.services import Services

    Opener = Callable[..., Services]

FIRST, LAST = date(2026, 12, 20), date(2027, 1, 2)


def test_public_holidays_are_read_elsewhere_and_once(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*asked: Any) -> Any:
        raise AssertionError("the library would be loaded here")

    monkeypatch.setattr(feasts, "public_holidays", never)
    services = opened()
    services.warehouse.merge(almas_tea.batch())
    shop = services.shop("almas-tea")
    hasty = given.given(services, shop, FIRST, LAST, wait=False)
    assert not hasty.complete
    assert {one.name for one in hasty.days} == {"Christmas", "New Year's Eve"}
    found = given.given(services, shop, FIRST, LAST)
    assert found.complete
    assert "DE" in found.countries
    assert Feast(date(2027, 1, 1), "New Year's Day", "DE") in found.days
    assert Feast(date(2026, 12, 31), "New Year's Eve") in found.days
    assert [one.day for one in found.days] == sorted(one.day for one in found.days)
    monkeypatch.setattr(given, "Fitting", never)
    assert given.given(services, shop, FIRST, LAST) == found
    assert given.given(services, shop, FIRST, LAST, wait=False) == found


def test_without_the_other_process_and_without_sales_there_are_feasts(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def run(self, *asked: Any, **more: Any) -> Any:
            raise Unavailable("away")

        def close(self) -> None:
            """Nothing to end."""

    monkeypatch.setattr(given, "Fitting", Away)
    services = opened()
    services.warehouse.merge(almas_tea.batch())
    found = given.given(services, services.shop("almas-tea"), FIRST, LAST)
    assert not found.complete
    assert [one.name for one in found.days] == ["Christmas", "New Year's Eve"]
    monkeypatch.setattr(given, "countries", lambda *asked: {})
    assert given.given(services, services.shop("almas-tea"), FIRST, LAST).complete


def test_who_fits_has_the_days_at_hand(opened: Opener) -> None:
    class Fits:
        asked = 0

        def run(self, name: str, codes: Any, years: Any, **options: Any) -> Any:
            self.asked += 1
            return tuple((f"{year}-12-26", "Boxing Day", codes[0], ()) for year in years)

    fits = Fits()
    services = replace(opened(), fitting=fits)  # type: ignore[arg-type]
    services.warehouse.merge(almas_tea.batch())
    shop = services.shop("almas-tea")
    given.refreshed(services, shop, FIRST)
    given.refreshed(services, shop, FIRST)
    assert fits.asked == 1
    found = given.given(services, shop, FIRST, LAST, wait=False)
    assert found.complete
    assert "Boxing Day" in {one.name for one in found.days}
