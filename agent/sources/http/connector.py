"""The connection to any service that answers in JSON: a recipe says how to ask it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agent.errors import Refused
from agent.sources.connectors import Field, Link, Probe, Synced
from agent.sources.http import parsing
from agent.sources.http.bringing import STREAM, Bringing, Brought
from agent.sources.http.configuration import Recipe
from agent.sources.http.templates import Window
from agent.sources.http.work import Work, at_work
from agent.sources.landing import Landing
from agent.words import mark, n, t

OWN = "own"
SHOWN = 10
PROBED_DAYS = 7
MOST_REPLAYED = 62
DAY = timedelta(days=1)
_DAY = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")

ADS = ("google_ads",)
FIELDS: Sequence[Field] = (
    Field(
        "recipe",
        mark("Service"),
        "choice",
        mark("Which service, or a recipe of your own."),
        default="ga4",
        choices=(*parsing.RECIPES, OWN),
        required=True,
        place=True,
    ),
    Field("property_id", mark("Property id"), help=mark("Google Analytics."), when=("ga4",)),
    Field(
        "key",
        mark("Key of the service account"),
        "secret",
        mark("Google Analytics."),
        when=("ga4",),
    ),
    Field(
        "account_id",
        mark("Account id"),
        help=mark("Meta ads, Google Ads."),
        when=("meta", *ADS, OWN),
    ),
    Field(
        "login_account_id",
        mark("Customer id of the manager account"),
        help=mark("Google Ads, where a manager account gives the access."),
        when=ADS,
    ),
    Field(
        "channel",
        mark("Channel"),
        help=mark("What these costs are called; each connection has one of its own."),
        when=("meta", *ADS, OWN),
    ),
    Field(
        "action_type",
        mark("Action that counts as a purchase"),
        help=mark("Meta ads."),
        when=("meta",),
    ),
    Field(
        "token",
        mark("Access token"),
        "secret",
        mark("Meta ads, and recipes of your own."),
        when=("meta", OWN),
    ),
    Field("developer_token", mark("Developer token"), "secret", mark("Google Ads."), when=ADS),
    Field(
        "client_id",
        mark("Client id"),
        help=mark("Google Ads, and recipes of your own."),
        when=(*ADS, OWN),
    ),
    Field("client_secret", mark("Client secret"), "secret", mark("Google Ads."), when=(*ADS, OWN)),
    Field("refresh_token", mark("Refresh token"), "secret", mark("Google Ads."), when=(*ADS, OWN)),
    Field("base", mark("Base currency"), help=mark("Exchange rates."), when=("rates",)),
    Field(
        "currencies",
        mark("Currencies"),
        help=mark("Exchange rates: codes with commas."),
        when=("rates",),
    ),
    Field("user", mark("User"), help=mark("Recipes of your own."), when=(OWN,)),
    Field("password", mark("Password"), "secret", mark("Recipes of your own."), when=(OWN,)),
    Field(
        "config",
        mark("Recipe"),
        "long",
        mark("TOML or JSON, where the service is your own: see docs/sources-http.md."),
        place=True,
        when=(OWN,),
    ),
    Field(
        "allow_private",
        mark("Private addresses"),
        "flag",
        mark("Allow addresses of this machine and its network, and those without encryption."),
    ),
)


@dataclass(frozen=True)
class HttpConnector:
    """See agent.sources.connectors.Connector."""

    kind: str = "http"
    label: str = mark("HTTP and JSON")
    icon: str = "globe"
    help: str = mark("Google Analytics, Meta ads, Google Ads, exchange rates, or any JSON service.")
    fields: Sequence[Field] = FIELDS
    cron: str = "40 */3 * * *"
    names_shop: bool = False
    shopless: Sequence[str] = ("rates",)

    def has_shop(self, values: Mapping[str, str]) -> bool:
        """Exchange rates are everybody's."""
        return recipe_in(values).target != "rates"

    def questions(self, recipe: str) -> Sequence[str]:
        """The fields that a recipe asks for, besides itself; all for a recipe of one's own. Raises
        Refused."""
        if recipe == OWN:
            return tuple(field.name for field in self.fields if field.name != "recipe")
        return (*parsing.ready(recipe).settings, "allow_private")

    def probe(self, link: Link) -> Probe:
        """The newest days, as they would land. Raises Failure."""
        with at_work(link, recipe_of(link)) as work:
            last = work.last
            gathered = work.gather(Window(last - (PROBED_DAYS - 1) * DAY, last), pages=1)
            landed = work.land(gathered)
            done = Brought(set())
            Bringing(work, done).say(gathered)
            return _probe(work, landed, done)

    def sync(self, link: Link) -> Synced:
        """The newest days anew, then older ones that were never read, newest first."""
        with at_work(link, recipe_of(link)) as work:
            state = _state(link, work.recipe)
            done = Brought(set(state.get("owned", ())))
            bringing = Bringing(work, done)
            for window, after in _plan(work, state):
                bringing.bring(window)
                if after is not None:
                    state = {**state, **after, "owned": sorted(done.owned)}
                    link.save(STREAM, state)
            return Synced(done.read, done.changed, done.rejected, tuple(done.notes))

    def backfill(self, link: Link, first: date, last: date) -> Synced:
        """Days anew. Raises Refused for days to come, or the wrong way round."""
        with at_work(link, recipe_of(link)) as work:
            last = min(last, work.last)
            if first > last:
                raise Refused(t("These days cannot be asked for: they are none, or still to come."))
            state = _state(link, work.recipe)
            done = Brought(set(state.get("owned", ())))
            bringing = Bringing(work, done)
            for window in pieces(first, last, work.recipe.window.piece):
                bringing.bring(window)
            link.save(STREAM, {**state, "owned": sorted(done.owned)})
            return Synced(done.read, done.changed, done.rejected, tuple(done.notes))

    def replay(self, link: Link, stream: str, documents: Sequence[str]) -> Sequence[str]:
        """The days of rejected rows asked for again: a service tells a day whole or not at all."""
        days = [_day_of(document) for document in documents]
        found: dict[date, str] = {}
        with at_work(link, recipe_of(link)) as work:
            done = Brought(set(_state(link, work.recipe).get("owned", ())))
            for day in sorted({day for day in days if day})[:MOST_REPLAYED]:
                found[day] = _again(Bringing(work, done), day)
        unknown = t("The row has no day that could be asked for again.")
        return [found.get(day, unknown) if day else unknown for day in days]


def recipe_of(link: Link) -> Recipe:
    """The recipe of a connection. Raises Refused where one of its own cannot be used."""
    return recipe_in({name: link.setting(name) for name in ("recipe", "config")})


def recipe_in(values: Mapping[str, str]) -> Recipe:
    """The recipe that a form names or holds. Raises Refused."""
    name = values.get("recipe") or FIELDS[0].default
    if name != OWN:
        return parsing.ready(name)
    recipe = parsing.parse(values.get("config", ""))
    known = {field.name: field for field in FIELDS}
    for key, question in recipe.settings.items():
        field = known.get(key)
        if field is None or (field.kind == "secret") != question.secret:
            kind = "secret" if question.secret else "text"
            names = [one.name for one in FIELDS if one.kind == kind]
            raise Refused(
                t("The recipe asks for settings.{name}, which the form has not.", name=key),
                hint=t("It has {names}.", names=", ".join(names)),
            )
    return recipe


def pieces(first: date, last: date, days: int) -> Iterator[Window]:
    """The days from `first` to `last` in windows of `days` (0: one), newest first."""
    step = days or (last - first).days + 1
    end = last
    while end >= first:
        start = max(first, end - (step - 1) * DAY)
        yield Window(start, end)
        end = start - DAY


def _plan(work: Work, state: Mapping[str, Any]) -> Iterator[tuple[Window, dict[str, Any] | None]]:
    """The windows to read, and what is true once each is merged."""
    how, last = work.recipe.window, work.last
    newest = date.fromisoformat(state["newest"]) if "newest" in state else None
    first = last - (how.days - 1) * DAY
    if newest:
        first = min(first, newest + DAY)
    recent = list(pieces(first, last, how.piece))
    oldest = date.fromisoformat(state["oldest"]) if newest else first
    for window in recent:
        ends = {"newest": str(last), "oldest": str(min(oldest, first))}
        yield window, ends if window is recent[-1] else None
    goal = last - (how.history - 1) * DAY
    goal = date.fromisoformat(state["goal"]) if "goal" in state else goal
    for window in pieces(goal, min(oldest, first) - DAY, how.piece):
        yield window, {"oldest": str(window.start), "goal": str(goal)}


def _state(link: Link, recipe: Recipe) -> dict[str, Any]:
    """How far this recipe was read; a recipe or account that was changed begins anew, but what was
    brought stays its own."""
    own = {name: link.setting(name) for name, q in recipe.settings.items() if not q.secret}
    print_ = hashlib.sha256(repr((recipe, sorted(own.items()))).encode()).hexdigest()[:16]
    state = link.state(STREAM)
    if state.get("recipe") == print_:
        return state
    return {"recipe": print_, "target": recipe.target, "owned": state.get("owned", [])}


def _again(bringing: Bringing, day: date) -> str:
    """Why a row of a day cannot be used, "" where the day landed whole."""
    try:
        rejects = bringing.bring(Window(day, day))
    except Refused as refused:
        return refused.message
    return rejects[0][1] if rejects else ""


def _day_of(document: str) -> date | None:
    for year, month, day in _DAY.findall(document):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def _probe(work: Work, landed: Landing, done: Brought) -> Probe:
    recipe = work.recipe
    table = landed.tables["sales" if recipe.target == "orders" else recipe.target]
    names = [name for name in table.column_names if name not in ("shop_id", "revision")]
    shown = table.slice(0, SHOWN).select(names).to_pylist()
    rows = [["" if row[name] is None else str(row[name]) for name in names] for row in shown]
    facts = [
        (t("Service"), t(recipe.label)),
        (t("Version"), recipe.version),
        (t("Rows of the first page"), f"{landed.count:,}"),
    ]
    if landed.rejects:
        count = len(landed.rejects)
        done.note(
            n(
                "{count:,} row cannot be used: {why}",
                "{count:,} rows cannot be used: {why}",
                count,
                count=count,
                why=landed.rejects[0][1],
            )
        )
    return Probe(None, facts, tuple(done.notes), names, rows)


CONNECTOR = HttpConnector()
