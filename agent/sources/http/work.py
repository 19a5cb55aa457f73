"""A connection and its recipe, ready to ask: what is asked of a window, and what it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agent import logs
from agent.errors import NotConfigured, Refused
from agent.ports import RATES_SHOP, Shop
from agent.sources.connectors import Link
from agent.sources.http.asking import Service
from agent.sources.http.configuration import Recipe
from agent.sources.http.network import Answered, Asked, Caps, Network, Veil
from agent.sources.http.rows import Gathered, Reader
from agent.sources.http.signing import Signing, passed
from agent.sources.http.templates import Filling, Window
from agent.sources.landing import Landing, land
from agent.sources.zones import zone_of
from agent.words import n, t

DAY = timedelta(days=1)
YES = ("yes", "true", "on", "1")
TOKEN_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Work:
    """A connection with its recipe, ready to ask."""

    link: Link
    recipe: Recipe
    service: Service
    veil: Veil

    @property
    def shop(self) -> Shop:
        return RATES_SHOP if self.recipe.target == "rates" else self.link.shop

    @property
    def last(self) -> date:
        """The last day to ask for, on the account's clocks."""
        named = self.service.filling.text(self.recipe.account.timezone)
        zone = zone_of(named or self.shop.timezone).name
        today = self.link.services.today(replace(self.shop, timezone=zone))
        return today - DAY if self.recipe.window.until == "yesterday" else today

    def gather(self, window: Window, pages: int = 0) -> Gathered:
        """The records of a window as rows; of its first `pages` alone where that is given."""
        reader, gathered = Reader(self.recipe, self.service.filling), Gathered()
        for number, (answer, records) in enumerate(self.service.pages(window), start=1):
            reader.read(answer, records, gathered)
            if number == pages:
                break
        return gathered

    def land(self, gathered: Gathered) -> Landing:
        """The rows as the warehouse takes them. Raises Refused where none of them can be used."""
        services = self.link.services
        plain = Reader(self.recipe, self.service.filling).plain(gathered)
        landed = land(services.warehouse, self.shop, plain, services.clock.now())
        rejects = [*gathered.rejects, *landed.rejects]
        if rejects and not landed.count:
            raise Refused(
                n(
                    "The answer's one row cannot be used: {why}",
                    "None of the answer's {count:,} rows can be used: {why}",
                    gathered.read,
                    count=gathered.read,
                    why=rejects[0][1],
                ),
                hint=t("Nothing was changed. Compare the recipe with what the service answers."),
            )
        hidden = [(self.veil.hide(document), reason) for document, reason in rejects]
        return replace(landed, rejects=hidden)


@contextmanager
def at_work(link: Link, recipe: Recipe) -> Iterator[Work]:
    """The connection ready to ask; its lines are closed afterwards. Raises NotConfigured where an
    answer to the recipe's questions is missing."""
    veil = Veil()
    filling = Filling(_settings(link, recipe), lambda name: veil.add(link.secret(name)))
    recipe = _chosen(recipe, filling)
    network = Network(veil, private=link.setting("allow_private").lower() in YES)
    # A token that was got with a secret is none that the log's own veil knows.
    logs.veil(veil.hide)
    try:
        call = link.upstream.call

        caps = Caps(TOKEN_BYTES, recipe.limits.seconds)

        def token(asked: Asked) -> Answered:
            return call(lambda: passed(network.ask(asked, caps)))

        clock = link.services.clock
        signing = Signing(recipe.auth, filling, veil, clock, token)
        service = Service(recipe, filling, network, signing, clock, call, link.watch.check)
        yield Work(link, recipe, service, veil)
    finally:
        network.close()
        logs.unveil(veil.hide)


def _settings(link: Link, recipe: Recipe) -> dict[str, str]:
    found = {}
    for name, question in recipe.settings.items():
        given = link.setting(name) or ("" if question.secret else question.default)
        if question.required and not given and name not in link.typed:
            raise NotConfigured(t("{field} is missing.", field=t(question.label)))
        if not question.secret:
            found[name] = re.sub(r"\D", "", given) if question.digits else given
    return found


def _chosen(recipe: Recipe, filling: Filling) -> Recipe:
    """The recipe with the settings in its pivots."""
    pivots = tuple(replace(p, choose=filling.text(p.choose)) for p in recipe.answer.pivot)
    return replace(recipe, answer=replace(recipe.answer, pivot=pivots))
