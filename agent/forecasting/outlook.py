"""What a shop's metric will be: the newest kept forecast, or one fitted now and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.errors import Refused
from agent.forecasting import gathering, keeping, landings, scoring
from agent.forecasting.asking import History, Wanted
from agent.forecasting.foreseen import Assumption as Assumption
from agent.forecasting.foreseen import Landing as Landing
from agent.forecasting.foreseen import Made as Made
from agent.forecasting.foreseen import Outlook as Outlook
from agent.forecasting.foreseen import Sums as Sums
from agent.forecasting.foreseen import Track as Track
from agent.forecasting.foreseen import adds as adds
from agent.forecasting.series import Step
from agent.forecasting.teaching import asked, check, reach, taught
from agent.ports import Shop
from agent.records.forecasts import Forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.fitting.process import Watch
    from agent.services import Services

FITTED = (7, 28, 90)
"""Days are fitted so far at once: who asks for 14 days and then for 28 waits once."""


def outlook(
    services: Services, wanted: Wanted, horizon: int, *, who: str = "", watch: Watch | None = None
) -> Outlook:
    """The newest kept forecast of the series where it is of the last step that is over and reaches
    so far; else one fitted now, within the limit of fits for `who`, and kept (unless filtered).

    Raises Refused where the history is too short (and says how much is needed) or the metric is not
    known there, Throttled, Unavailable, Stopped.
    """
    found = asked(services, wanted)
    check(found, horizon)
    standing = keeping.newest(services.records.forecasts, found, horizon)
    if not standing:
        services.limits.take("fits", who)
        standing = fitted(services, found, _so_far(found, horizon), watch)
    return told(services, standing, found, horizon)


def kept(services: Services, wanted: Wanted, horizon: int) -> Outlook | None:
    """What is kept of it, without fitting anything; None where nothing is. Raises Refused."""
    found = asked(services, wanted)
    standing = keeping.newest(services.records.forecasts, found, horizon)
    return told(services, standing, found, horizon) if standing else None


def fitted(
    services: Services, found: History, horizon: int, watch: Watch | None = None, **more: Any
) -> tuple[Forecast, ...]:
    """Fit one history now and keep the forecasts; filtered ones are made and not kept. Where the
    whole is kept already it stays, and its members are made to agree with it."""
    held = keeping.whole(services.records.forecasts, found, horizon)
    job = gathering.Job(horizon, held=keeping.point(held))
    given = taught(services, found)
    holidays, (rows,) = gathering.fit(services, [given], job, watch, **more)
    made = keeping.forecasts_of(given, rows, holidays, services.clock.now(), held)
    if found.wanted.filters:
        return made
    records = services.records.forecasts
    made = keeping.carried(records, made)
    records.keep(made[1:] if held else made)
    return made


def told(services: Services, standing: Sequence[Forecast], found: History, horizon: int) -> Outlook:
    """Kept forecasts as an outlook, each with its record. Raises Refused where the whole was."""
    whole = standing[0]
    if whole.refusal:
        raise Refused(whole.refusal)
    tracks = [
        scoring.track(services.records.forecasts.scores(one.key), one, found.wanted.step)
        for one in standing
    ]
    return keeping.outlook_of(standing, found, horizon, tracks)


def _so_far(found: History, horizon: int) -> int:
    """By day the next of the usual lengths that the history is enough for."""
    if found.wanted.step is not Step.DAY:
        return horizon
    most = reach(found)
    return next((days for days in FITTED if horizon <= days <= most), horizon)


def landing(services: Services, shop: Shop, metric: str, who: str = "") -> Landing | None:
    """Where this month ends, against its target. None where the metric neither adds up nor is a
    ratio, and where the history is too short; raises Throttled and Unavailable."""
    row = services.catalogue().get(metric)
    if row is None or not (row.ratio or adds(row)):
        return None
    today = services.today(shop)
    month = today.replace(day=1)
    left = (landings.ends_of(month) - today).days + 1
    try:
        found = outlook(services, Wanted(shop, metric), left, who=who)
    except Refused:
        return None
    return landings.of(services, found, month, left)
