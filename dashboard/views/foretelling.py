"""What is said of what comes next: how much, how sure, and which days bring most of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from agent.forecasting.outlook import Assumption, Landing, Outlook
from agent.forecasting.series import Step
from agent.insights import strong
from agent.metrics import formats
from agent.words import inner, mark, n, t
from dashboard.views import wording

SIDES = {0.8: (0.1, 0.9), 0.95: (0.025, 0.975)}

FEASTS = ("feast", "promotion", "campaign", "holiday")

LIFTED = 1.25
"""From how much above the usual a day belongs to a feast."""

NOTABLE = 0.05
"""How much more than its days a feast must bring to be named."""

RISK = 0.8
SURE = 0.99

BEFORE = {
    Step.HOUR: mark("the last {count} hours"),
    Step.DAY: mark("the last {count} days"),
    Step.WEEK: mark("the last {count} weeks"),
    Step.MONTH: mark("the last {count} months"),
}

STEPS = {
    Step.HOUR: mark("hour"),
    Step.DAY: mark("day"),
    Step.WEEK: mark("week"),
    Step.MONTH: mark("month"),
}

GUESSES = {
    Step.HOUR: mark("Repeating the day before"),
    Step.DAY: mark("Repeating the week before"),
    Step.WEEK: mark("Repeating the year before"),
    Step.MONTH: mark("Repeating the year before"),
}


@dataclass(frozen=True)
class Peak:
    """The days of the horizon that a feast lifts: `share` of what all of it brings."""

    name: str
    first: date
    last: date
    days: int
    share: float
    top: int


def ahead(step: Step, count: int) -> str:
    """The next 28 days."""
    said = {
        Step.HOUR: n("the next {count} hour", "the next {count} hours", count, count=count),
        Step.DAY: n("the next {count} day", "the next {count} days", count, count=count),
        Step.WEEK: n("the next {count} week", "the next {count} weeks", count, count=count),
        Step.MONTH: n("the next {count} month", "the next {count} months", count, count=count),
    }
    return said[step]


def said(outlook: Outlook, value: float, style: formats.Style = "short") -> str:
    currency = outlook.wanted.shop.currency
    return formats.number(float(value), outlook.metric.unit, currency, style)


def likely(outlook: Outlook, steps: int, level: float = RISK) -> tuple[float, float, float]:
    """Low, middle and high of what the first steps come to; NaN where that cannot be said."""
    low, high = SIDES[level]
    return outlook.total(steps, low), outlook.total(steps, 0.5), outlook.total(steps, high)


def lead(outlook: Outlook, steps: int) -> str:
    """What is expected, within which range, and which days bring most of it."""
    low, middle, high = likely(outlook, steps)
    days = ahead(outlook.wanted.step, steps)
    if not np.isfinite([low, middle, high]).all():
        return _by_step(outlook, steps)
    words = {
        "value": _counted(outlook, middle),
        "days": days,
        "low": strong(said(outlook, low)),
        "high": strong(said(outlook, high)),
    }
    if outlook.adds:
        text = t(
            "We expect {value} in {days}, and it is 80% likely to land between {low} and {high}.",
            **words,
        )
    else:
        text = t(
            "{metric} is likely to be {value} over {days}, 80% likely between {low} and {high}.",
            **words | {"metric": t(outlook.metric.label), "value": strong(said(outlook, middle))},
        )
    return " ".join(filter(None, (text, _feast_words(outlook, steps))))


def _counted(outlook: Outlook, value: float) -> str:
    """$482.0k for net sales; 12,209 orders; gross sales of $93.0k."""
    figure, metric = strong(said(outlook, value)), inner(wording.spelled(t(outlook.metric.label)))
    if outlook.metric.name == "net_sales":
        return figure
    if outlook.metric.unit == "count":
        return t("{count} {things}", count=figure, things=metric)
    return t("{metric} of {value}", metric=metric, value=figure)


def _by_step(outlook: Outlook, steps: int) -> str:
    """For what does not add up over days: a usual step of it."""
    low, high = outlook.bounds[RISK]
    return t(
        "{metric} is likely to be about {value} in a usual {step} of {days}, 80% likely between"
        " {low} and {high}.",
        metric=t(outlook.metric.label),
        value=strong(said(outlook, float(np.nanmedian(outlook.point[:steps])))),
        step=t(STEPS[outlook.wanted.step]),
        days=ahead(outlook.wanted.step, steps),
        low=strong(said(outlook, float(np.nanmedian(low[:steps])))),
        high=strong(said(outlook, float(np.nanmedian(high[:steps])))),
    )


def _feast_words(outlook: Outlook, steps: int) -> str:
    found = peak(outlook, steps)
    if found is None:
        return ""
    share = wording.share(found.share)
    if found.days == 1:
        day = formats.day(found.first)
        return t("{name}, {day}, brings {share} of it.", name=found.name, day=day, share=share)
    return t(
        "The {count} days around {name} bring {share} of it.",
        count=found.days,
        name=found.name,
        share=share,
    )


def peak(outlook: Outlook, steps: int) -> Peak | None:
    """The feast that lifts the days around it most, where one brings much more than its days."""
    if outlook.wanted.step is not Step.DAY or not outlook.adds:
        return None
    found = [_peak(outlook, steps, one) for one in outlook.assumes if one.kind in FEASTS]
    notable = [one for one in found if one and one.share > one.days / steps + NOTABLE]
    return max(notable, key=lambda one: one.share - one.days / steps, default=None)


def _peak(outlook: Outlook, steps: int, feast: Assumption) -> Peak | None:
    point, dates = outlook.point[:steps], outlook.dates[:steps].astype("datetime64[D]")
    whole, usual = float(np.nansum(point)), float(np.nanmedian(point))
    within = (dates >= np.datetime64(feast.first)) & (dates <= np.datetime64(feast.last))
    lifted = np.nan_to_num(point) > LIFTED * usual
    if whole <= 0 or usual <= 0 or not (within & lifted).any():
        return None
    top = int(np.flatnonzero(within)[np.nanargmax(point[within])])
    start = end = top
    while start > 0 and lifted[start - 1]:
        start -= 1
    while end + 1 < point.size and lifted[end + 1]:
        end += 1
    first, last = dates[start].item(), dates[end].item()
    share = float(np.nansum(point[start : end + 1])) / whole
    return Peak(t(feast.name), first, last, end - start + 1, share, top)


def finding(outlook: Outlook, steps: int, target: float | None) -> str:
    """What can be said of the days ahead with some certainty; else what is shown."""
    found, metric = peak(outlook, steps), wording.brief(t(outlook.metric.label))
    recent = outlook.past[-steps:]
    if found is not None:
        usual = float(np.nanmedian(recent))
        beats = target is not None and (usual >= target) == outlook.metric.good_up
        if beats:
            return t("{feast} lifts a level that already beats target", feast=found.name)
        return t("{feast} lifts {metric}", feast=found.name, metric=inner(metric))
    low, _, high = likely(outlook, steps)
    before = t(BEFORE[outlook.wanted.step], count=steps)
    if outlook.adds and recent.size == steps and np.isfinite(recent).all():
        was = float(recent.sum())
        if low > was:
            return t("{metric} will likely exceed {before}", metric=metric, before=before)
        if high < was:
            return t("{metric} will likely stay below {before}", metric=metric, before=before)
    days = ahead(outlook.wanted.step, steps)
    return t("{metric} in {days}", metric=metric, days=days)


def beside(outlook: Outlook) -> str:
    """How the plain guess did, and that the latest forecasts drift."""
    track = outlook.track
    words = []
    if track.naive_miss is not None:
        miss = formats.number(track.naive_miss, "percent")
        guess = t(GUESSES[outlook.wanted.step])
        words.append(
            t("{guess} would have been off by {miss}.", guess=guess, miss=miss)
            if track.beats_naive
            else t("{guess} would have been nearer, off by {miss}.", guess=guess, miss=miss)
        )
    if track.drifting:
        words.append(t("The latest forecasts did worse than before: go by them with care."))
    return " ".join(words)


def lands(place: Landing, outlook: Outlook) -> str:
    """Where a month ends, how likely its target is met, and how good such forecasts were."""
    middle, low, high = (said(outlook, value) for value in (place.middle, place.low, place.high))
    text = t(
        "{month} is expected to end with {metric} of {value}, 80% likely between {low} and {high}.",
        metric=inner(wording.spelled(t(place.metric.label))),
        month=formats.bucket(place.month, "month"),
        value=middle,
        low=low,
        high=high,
    )
    chance = ""
    if place.chance is not None:
        chance = t("The target is met with {chance}.", chance=_chance(place.chance))
    return " ".join(filter(None, (text, chance, outlook.track.sentence())))


def _chance(share: float) -> str:
    """No forecast is certain."""
    if share > SURE:
        return t("more than {share}", share=wording.share(SURE))
    return (
        t("less than {share}", share=wording.share(1 - SURE))
        if share < 1 - SURE
        else wording.share(share)
    )
