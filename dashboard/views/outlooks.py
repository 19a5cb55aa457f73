"""The parts of the page Forecasts on paper and in files: from what is kept, nothing is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from agent.errors import Refused
from agent.forecasting.outlook import Outlook
from agent.forecasting.settling import settling as settling_of
from agent.insights import told
from agent.metrics.questions import Ask, Scope
from agent.records.forecasts import Forecast
from agent.services import Services
from agent.targets import per_bucket
from agent.words import t
from dashboard.files.about import span_text
from dashboard.foretold import Asked, kept, sold
from dashboard.panels import Listed, Own, Spoken, Table
from dashboard.views import accuracy, fans, forecasts, foretelling, matured, sheets, shortages
from dashboard.views.stock import goods

Lists = Callable[[Services, Scope], Listed]
YEAR = timedelta(days=365)
SOON = 28
"""Days for which stock has to last."""


def of(services: Services, scope: Scope, asked: Asked, split: bool = False) -> Outlook:
    """What is kept of it, `split` into its parts or not. Raises Refused where there is nothing."""
    shop = services.shop(scope.shops[0])
    wanted = asked.split(shop, scope) if split else asked.wanted(shop, scope)
    found = kept(services, wanted, asked.horizon)
    if found is None:
        raise Refused(
            t("No forecast of this is kept yet."),
            hint=t("Open the page Forecasts: it is made there, and stays."),
        )
    return found


def target_of(services: Services, scope: Scope, asked: Asked) -> float | None:
    """The level that each step is held to; a part of the shop has none."""
    if scope.filters:
        return None
    metric = services.catalogue()[asked.metric]
    plan = services.records.targets.of(scope.shops[0])
    return per_bucket(plan, metric, scope, asked.step.value)


def fan(asked: Asked) -> Lists:
    def listed(services: Services, scope: Scope) -> Listed:
        outlook = of(services, scope, asked)
        chart = fans.fan(outlook, asked.horizon, target_of(services, scope, asked))
        return Listed(chart, sheets.fan_sheet(outlook, asked.horizon))

    return listed


def spoken(services: Services, scope: Scope, own: Own) -> Spoken:
    """The sentence of the page, and the days that it is about."""
    asked = Asked.of(own)
    try:
        outlook = of(services, scope, asked)
    except Refused as refused:
        return Spoken((refused.message,), t("No forecast yet"))
    days = outlook.dates[: asked.horizon].astype("datetime64[D]")
    span = span_text(days[0].item(), days[-1].item())
    lead = told(foretelling.lead(outlook, asked.horizon)).text
    return Spoken((lead, outlook.track.sentence()), span)


def settling(services: Services, scope: Scope) -> Listed:
    """What recent months settle at once all refunds are in."""
    shop = services.shop(scope.shops[0])
    months = settling_of(services, shop).months
    if not months:
        hint = t("What was sold before has settled.")
        raise Refused(t("Nothing was sold in the last months."), hint=hint)
    table = matured.table(months, shop.currency)
    return Listed(table, sheets.sheet_of(table, shop.currency))


def record(asked: Asked) -> Lists:
    return _tabled(asked, lambda outlook: forecasts.record(outlook))


def assumes(asked: Asked) -> Lists:
    return _tabled(asked, lambda outlook: forecasts.assumes(outlook, asked.horizon))


def _tabled(asked: Asked, shape: Callable[[Outlook], Table]) -> Lists:
    def listed(services: Services, scope: Scope) -> Listed:
        outlook = of(services, scope, asked)
        table = shape(outlook)
        return Listed(table, sheets.sheet_of(table, outlook.wanted.shop.currency))

    return listed


def members(asked: Asked) -> Lists:
    def listed(services: Services, scope: Scope) -> Listed:
        outlook = of(services, scope, asked, split=True)
        table = forecasts.members(outlook, asked.horizon, forecasts.names_of(outlook))
        return Listed(table, sheets.sheet_of(table, outlook.wanted.shop.currency))

    return listed


def stock(services: Services, scope: Scope) -> Listed:
    """What runs short. Raises Refused where no stock or no forecast of units is known."""
    shop = services.shop(scope.shops[0])
    if not services.warehouse.versions((shop.shop_id,)).get("inventory"):
        raise Refused(t("The shop has no stock figures yet."))
    units = kept(services, sold(shop, scope), SOON)
    if units is None:
        raise Refused(t("No forecast of units is kept yet."))
    found = shortages.shortages(units, SOON, at_hand(services, scope))
    table = shortages.table(found, units, SOON)
    return Listed(table, sheets.sheet_of(table, shop.currency))


def at_hand(services: Services, scope: Scope) -> Mapping[str, tuple[str, float]]:
    """Product -> its name and the units on hand now."""
    today = services.today(services.shop(scope.shops[0]))
    days = goods(scope.during(today - timedelta(days=SOON), today))
    frame = services.answer(Ask(("ending_units",), ("product",)).within(days), told=False)
    columns = (frame.values("product"), frame.labels("product"), frame.values("ending_units"))
    return {
        str(key): (str(label), float(units))
        for key, label, units in zip(*columns, strict=True)
        if key is not None and units is not None
    }


def scored(services: Services, shop_id: str, step: str) -> tuple[Forecast, ...]:
    """A year's scored forecasts of a shop by one step."""
    since = services.clock.now() - YEAR
    found = services.records.forecasts.scored(shop_id, since)
    return tuple(one for one in found if one.key.step == step)


def over_time(asked: Asked) -> Lists:
    def listed(services: Services, scope: Scope) -> Listed:
        every = scored(services, scope.shops[0], asked.step.value)
        metric = services.catalogue()[asked.metric]
        mine = [o for o in every if o.key.metric == asked.metric and not o.key.dimension]
        chart = accuracy.over_time(mine, metric)
        if chart is None:
            raise Refused(t("Too few forecasts have met their days yet."))
        return Listed(chart, sheets.score_sheet(mine))

    return listed


def by_metric(asked: Asked) -> Lists:
    def listed(services: Services, scope: Scope) -> Listed:
        every = scored(services, scope.shops[0], asked.step.value)
        table = accuracy.table(every, services.catalogue())
        if not table.rows:
            raise Refused(t("No forecast has met its days yet."))
        return Listed(table, sheets.sheet_of(table, ""))

    return listed
