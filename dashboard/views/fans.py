"""A forecast as a chart: what was, what is likely, and within which bands."""

from __future__ import annotations

import numpy as np

from agent.forecasting.outlook import Outlook
from agent.forecasting.series import Step
from agent.words import mark, t
from dashboard.charts import Band, Chart, Mark, Rule, Series, Values
from dashboard.views import wording
from dashboard.views.foretelling import Peak, beside, finding, peak, said
from dashboard.views.trends import PER

SHOWN = {Step.HOUR: 72, Step.DAY: 84, Step.WEEK: 52, Step.MONTH: 24}

LEVELS = (0.8, 0.95)


def fan(outlook: Outlook, steps: int, target: float | None = None) -> Chart:
    """The past in ink, what is ahead in the accent over its bands, today between them."""
    shown = min(outlook.past.size, max(SHOWN[outlook.wanted.step], 2 * steps))
    past, point = outlook.past[outlook.past.size - shown :], outlook.point[:steps]
    x = np.concatenate([outlook.past_dates[-shown:], outlook.dates[:steps]])
    found = peak(outlook, steps)
    measure = t(PER[outlook.wanted.step], metric=wording.brief(t(outlook.metric.label)))
    unit = f", {outlook.wanted.shop.currency}" if outlook.metric.unit == "money" else ""
    marks = () if found is None else (_named(outlook, found),)
    word = mark("Now") if outlook.wanted.step is Step.HOUR else mark("Today")
    return Chart(
        kind="line",
        title=finding(outlook, steps, target),
        measure=f"{measure}{unit}. {t('Bands hold 80% and 95% of likely outcomes.')}",
        unit=outlook.metric.unit,
        currency=outlook.wanted.shop.currency,
        x=x.astype("datetime64[ms]"),
        series=(
            Series("past", t("Actual"), _padded(past, 0, steps), "past"),
            Series("ahead", t("Forecast"), _padded(point, shown, 0), "ahead"),
        ),
        grain=outlook.wanted.step.value,
        target=target,
        marks=marks,
        footer=" ".join(filter(None, (outlook.track.sentence(), beside(outlook)))),
        bands=bands(outlook, steps, (shown, 0)),
        rule=Rule(x[shown - 1].astype("datetime64[ms]"), t(word)) if shown else None,
    )


def _named(outlook: Outlook, found: Peak) -> Mark:
    value = said(outlook, float(outlook.point[found.top]))
    moment = outlook.dates[found.top].astype("datetime64[ms]")
    return Mark(moment, found.name, t("about {value}", value=value))


def bands(outlook: Outlook, steps: int, around: tuple[int, int]) -> tuple[Band, ...]:
    """The two bands, with so many unknown places before and after them."""
    return tuple(
        _band(level, outlook.bounds[level], steps, around)
        for level in LEVELS
        if level in outlook.bounds
    )


def _band(level: float, edges: tuple[Values, Values], steps: int, around: tuple[int, int]) -> Band:
    low, high = (_padded(edge[:steps], *around) for edge in edges)
    return Band(level, low, high)


def _padded(values: Values, before: int, after: int) -> Values:
    return np.pad(values.astype(float), (before, after), constant_values=np.nan)
