"""Forecasts over HTTP: the series and its bands as JSON, its lines as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response

from agent.errors import Refused
from agent.forecasting.asking import SEASONS, Wanted
from agent.forecasting.outlook import Outlook, Track, outlook
from agent.forecasting.series import Floats, Step
from agent.metrics.grammar import filters_of, pairs_of, unknown_word
from agent.services import Services
from agent.words import t
from dashboard.routes.api import JSON, as_json, query_string
from dashboard.routes.people import known
from dashboard.routes.turns import name_of

ADDRESS = "/api/analytics/forecast"
OWN = ("metric", "h", "by", "step", "top", "shop")
USUAL = "28"
MOST = 400
QUANTILES = {"low": 0.1, "middle": 0.5, "high": 0.9}


def forecasts(services: Services) -> Blueprint:
    """GET /api/analytics/forecast and forecast.csv: metric, h steps, step (day, week, month, hour),
    by a dimension with its top members, shop and filters. What is kept is told; else it is fitted
    now, within the limit of fits."""
    rooms = Blueprint("forecasts", __name__)

    def asked() -> Outlook:
        wanted, horizon = wanted_of(services, query_string())
        person = known()
        return outlook(services, wanted, horizon, who="" if person is None else name_of(person))

    @rooms.get(ADDRESS)
    def told() -> Response:
        return Response(as_json(to_json(asked())), content_type=JSON)

    @rooms.get(f"{ADDRESS}.csv")
    def lines() -> Response:
        found = asked()
        name = f"forecast-{found.wanted.metric}-{found.origin}.csv"
        head = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(to_csv(found), content_type="text/csv; charset=utf-8", headers=head)

    return rooms


def wanted_of(services: Services, query: str) -> tuple[Wanted, int]:
    """What an address asks for. Raises Refused for words that nothing here has, and NotFound."""
    pairs = pairs_of(query)
    for key, _ in pairs:
        if refused := unknown_word(key, words=OWN):
            raise refused
    given = dict(pairs)
    step = given.get("step", Step.DAY.value)
    if step not in SEASONS:
        raise Refused(
            t("step={text} is not known.", text=step[:40]),
            hint=t("Known: {names}.", names=", ".join(SEASONS)),
        )
    shop = services.shop(given.get("shop"))
    filters = filters_of(pairs)
    services.known.check((shop.shop_id,), filters)
    wanted = Wanted(
        shop,
        given.get("metric", "net_sales"),
        Step(step),
        given.get("by", ""),
        _number("top", given.get("top", "5"), 50),
        filters,
    )
    return wanted, _number("h", given.get("h", USUAL), MOST)


def _number(name: str, text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= most:
        raise Refused(
            t(
                "{name}={text} is no whole number from 1 to {most}.",
                name=name,
                text=text[:20],
                most=most,
            )
        )
    return int(text)


def to_json(found: Outlook) -> dict[str, Any]:
    """The whole with its members. Numbers that are not known are null."""
    horizon = len(found.point)
    sums = {name: found.total(horizon, level) for name, level in QUANTILES.items()}
    return {
        "metric": found.metric.name,
        "unit": found.metric.unit,
        "step": found.wanted.step.value,
        "dimension": found.wanted.dimension,
        "member": found.member,
        "made_at": found.made_at.isoformat(),
        "origin": found.origin.isoformat(),
        "method": found.method,
        "dates": found.dates.astype(str).tolist(),
        "point": _plain(found.point),
        "bounds": {
            f"{level:.0%}".rstrip("%"): {"low": _plain(low), "high": _plain(high)}
            for level, (low, high) in found.bounds.items()
        },
        "naive": _plain(found.naive),
        "sums": {"steps": horizon, **{name: _one(value) for name, value in sums.items()}},
        "track": _track(found.track),
        "assumes": [
            {
                "kind": one.kind,
                "name": one.name,
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
                "note": one.note,
            }
            for one in found.assumes
        ],
        "refusal": found.refusal,
        "members": [to_json(member) for member in found.members],
    }


def _track(track: Track) -> dict[str, Any]:
    return {
        "sentence": track.sentence(),
        "miss": track.miss,
        "naive_miss": track.naive_miss,
        "inside_80": list(track.inside_80),
        "inside_95": list(track.inside_95),
        "tested": track.tested,
        "drifting": track.drifting,
        "made": [
            {
                "origin": one.origin.isoformat(),
                "steps": one.scored,
                "miss": one.miss,
                "naive_miss": one.naive_miss,
                "inside_80": one.inside_80,
                "inside_95": one.inside_95,
                "tested": one.tested,
            }
            for one in track.made
        ],
    }


def to_csv(found: Outlook) -> str:
    """One row a member and step, the whole first with an empty member."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    bands = ("lo50", "hi50", "lo80", "hi80", "lo95", "hi95")
    writer.writerow(["member", found.wanted.step.value, "point", *bands, "naive"])
    for one in (found, *found.members):
        writer.writerows(_rows(one))
    return out.getvalue()


def _rows(one: Outlook) -> Iterator[list[Any]]:
    sides = [side for level in sorted(one.bounds) for side in one.bounds[level]]
    # A spreadsheet would take such a name for a formula.
    member = f"'{one.member}" if one.member[:1] in "=+-@\t\r" and one.member else one.member
    for place, day in enumerate(one.dates.astype(str).tolist()):
        values = (one.point[place], *(side[place] for side in sides), one.naive[place])
        yield [member, day, *("" if math.isnan(value) else float(value) for value in values)]


def _plain(values: Floats) -> list[float | None]:
    return [_one(value) for value in values.tolist()]


def _one(value: float) -> float | None:
    return value if math.isfinite(value) else None
