"""Overview's chart goes on with what is kept, and stands as ever where nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from agent.errors import Refused
from agent.forecasting.asking import Wanted
from agent.forecasting.keeping import key
from agent.forecasting.outlook import Landing, Outlook
from agent.forecasting.series import Step
from agent.metrics.catalogue import METRICS
from agent.metrics.questions import Scope
from agent.records.forecasts import Forecast
from agent.services import Services
from dashboard import goingon
from dashboard.charts import Chart, Series
from dashboard.goals import month_of
from dashboard.pages.overview import series
from dashboard.viewing import viewed
from dashboard.views import foretelling, goals
from tests.dashboard.outlooks import FRIDAY, outlook, sums

PANEL = series("net_sales")


@pytest.fixture
def scope(services: Services) -> Scope:
    today = services.today(services.shop())
    return Scope((services.shop().shop_id,), today - timedelta(days=20), today - timedelta(days=1))


@pytest.fixture
def chart(services: Services, scope: Scope) -> Chart:
    view = viewed(services.answer, PANEL, scope, scope).view
    assert isinstance(view, Chart)
    now, *others = view.series
    return replace(view, series=(replace(now, values=np.full(now.values.size, 100.0)), *others))


def keep(services: Services, monkeypatch: pytest.MonkeyPatch, made: Outlook) -> None:
    """As if this had been kept."""
    wanted = Wanted(services.shop(), "net_sales")
    services.records.forecasts.keep([Forecast(key(wanted), "2026-11-16", 1, "theta", 28)])
    monkeypatch.setattr(goingon, "kept", lambda *_: replace(made, wanted=wanted))


def test_seven_days_follow_with_bands_and_their_record(
    services: Services, scope: Scope, chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(services, monkeypatch, outlook(100.0))
    view = goingon.gone_on(services, PANEL, chart, scope)
    assert isinstance(view, Chart) and view.rule is not None
    assert view.x.size == chart.x.size + 7
    assert {one.values.size for one in view.series if one.role != "previous"} == {view.x.size}
    assert view.rule.x == chart.x[-1] and view.rule.word == "Forecast"
    assert np.isfinite(view.bands[0].low[-7:]).all() and np.isnan(view.bands[0].low[:-7]).all()
    assert "Next 7 days:" in view.footer and "80% likely between" in view.footer
    assert outlook().track.sentence() in view.footer


def test_a_day_out_of_scale_ends_the_line_and_is_named(
    services: Services, scope: Scope, chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = np.full(28, 100.0)
    point[4] = 300.0
    friday = replace(FRIDAY, first=date(2026, 11, 21), last=date(2026, 11, 21))
    made = outlook(point=point, assumes=(friday,), sums=sums(point, 1.0))
    keep(services, monkeypatch, made)
    view = goingon.gone_on(services, PANEL, chart, scope)
    assert isinstance(view, Chart) and view.x.size == chart.x.size + 4
    assert "Black Friday, 21 Nov: about" in view.footer


def test_the_chart_stands_where_nothing_is_kept_or_can_be(
    services: Services, scope: Scope, chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = goingon.gone_on(services, PANEL, chart, scope)
    assert isinstance(before, Chart) and before.bands == () and before.footer == chart.footer
    keep(services, monkeypatch, outlook())
    for other in (
        scope.where("country", "DE"),
        replace(scope, currency="EUR"),
        scope.during(scope.start, scope.end - timedelta(days=3)),
    ):
        assert goingon.gone_on(services, PANEL, chart, other) is chart

    def refused(*_: object) -> None:
        raise Refused("Too short.")

    monkeypatch.setattr(goingon, "kept", refused)
    assert goingon.gone_on(services, PANEL, chart, scope) is chart


def test_a_month_lands_with_its_range_and_no_certainty() -> None:
    made = outlook()
    place = Landing(made.metric, date(2026, 11, 1), 2000.0, 2900.0, 3000.0, 3100.0, 2500.0, 1.0)
    said = foretelling.lands(place, made)
    assert said.startswith("Nov 2026 is expected to end with net sales of $3.0k, 80% likely")
    assert "more than 99%" in said and made.track.sentence() in said
    assert "less than 1%" in foretelling.lands(replace(place, chance=0.0), made)
    assert "The target" not in foretelling.lands(replace(place, chance=None), made)


def test_today_goes_on_by_the_hour_to_where_it_ends(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock says 08:41: the ninth hour is not over."""
    shop, today = services.shop(), services.today(services.shop())
    scope = Scope((shop.shop_id,), today, today)
    wanted = Wanted(shop, "net_sales", Step.HOUR)
    services.records.forecasts.keep([Forecast(key(wanted), "2026-11-17T07", 1, "theta", 24)])
    asked: list[int] = []

    def kept(_: Services, wanted: Wanted, steps: int) -> Outlook:
        asked.append(steps)
        point = np.full(steps, 10.0)
        made = outlook(wanted=wanted, point=point, sums=sums(point, 2.0))
        hours = np.datetime64("2026-11-17T08", "h") + np.arange(steps)
        return replace(made, dates=hours)

    monkeypatch.setattr(goingon, "kept", kept)
    hours = np.datetime64(today, "h") + np.arange(24)
    values = np.where(np.arange(24) < 8, 5.0, 0.0)
    chart = Chart(
        *("line", "", "", "money", "EUR", hours.astype("datetime64[ms]")),
        (Series("now", "This period", values, "now"),),
        grain="hour",
    )
    view = goingon.gone_on(services, PANEL, chart, scope)
    assert isinstance(view, Chart) and view.rule is not None
    assert asked == [16]
    now, ahead = view.series
    assert np.flatnonzero(np.isfinite(now.values)).tolist() == list(range(8))
    assert np.flatnonzero(np.isfinite(ahead.values)).tolist() == list(range(8, 24))
    assert view.x.size == 24
    assert "Today is expected to end at €200" in view.footer
    yesterday = scope.during(today - timedelta(days=1), today - timedelta(days=1))
    assert goingon.gone_on(services, PANEL, chart, yesterday) is chart


def test_where_a_month_lands_is_asked_of_what_is_foretold_alone(
    services: Services, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_id, asked = services.shop().shop_id, list[str]()
    monkeypatch.setattr(goals, "landed", lambda _, __, name: asked.append(name))
    month = month_of(scope, services.today(services.shop()))
    rows = [SimpleNamespace(metric=METRICS[name]) for name in ("orders", "net_sales", "units")]
    assert goals.landing_words(services, scope, rows, month) == ""  # type: ignore[arg-type]
    assert asked == []
    keys = [key(Wanted(services.shop(), name)) for name in ("units", "net_sales")]
    services.records.forecasts.keep([Forecast(k, "2026-11-16", 1, "theta", 28) for k in keys])
    goals.landing_words(services, scope, rows, month)  # type: ignore[arg-type]
    assert asked == ["net_sales", "units"]
    assert goingon.foretold(services, shop_id) == {"net_sales", "units"}
