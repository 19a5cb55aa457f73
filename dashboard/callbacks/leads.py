"""The sentence that comes first, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent import insights
from agent.insights import strong
from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.questions import Ask
from agent.why import telling
from agent.words import n, t
from dashboard import components
from dashboard.callbacks import cross, reasons
from dashboard.callbacks.showing import Showing
from dashboard.views import wording
from dashboard.views.stock import LOW_DAYS, goods

Words = list[tuple[str, bool]]
METRIC = "net_sales"


def draw(showing: Showing) -> Any:
    """What the page has to say in a sentence or two; the strong parts are its figures."""
    if showing.ahead and showing.page.dated:
        return components.lead(((t("These days are still to come."), False),))
    say = SAID.get(showing.page.path, moved)
    words = say(showing)
    found = reasons.known(showing, METRIC) if say is moved else None
    return reasons.lead(showing, found, words) if found else components.lead(tuple(words))


def moved(showing: Showing) -> Words:
    """How net sales moved, and which segments made most of it."""
    words: Words = []
    for sentence in telling.lead(
        reasons.known(showing, METRIC), showing.answer, showing.scope, showing.shop
    ):
        words += [(" ", False)] if words else []
        words += sentence.parts
    return words


def products(showing: Showing) -> Words:
    """Of one product its place among all; else how few make most of it, and what runs out."""
    picked = cross.chosen(showing.scope, "product")
    scope = showing.scope.without("product").alone()
    frame = showing.ask(Ask(("net_sales",), ("product", "abc")), scope)
    if len(picked) == 1 and picked[0] in frame.values("product"):
        return [*_place(frame, picked[0]), *_left(showing, picked[0])]
    return [*_few(frame), *_running_out(showing)]


def _place(frame: Frame, product: str) -> Words:
    place = frame.values("product").index(product)
    return told(
        t(
            "{name} is number {place} of {count} products by net sales, in class {grade}.",
            name=strong(str(frame.labels("product")[place])),
            place=formats.number(place + 1, "count"),
            count=formats.number(len(frame), "count"),
            grade=frame.values("abc")[place] or "C",
        )
    )


def _left(showing: Showing, product: str) -> Words:
    scope = goods(showing.scope.without("product")).where("product", product)
    frame = showing.attempt(Ask(("stock_cover", "ending_units")), scope)
    if frame is None:
        return []
    days = frame.total("stock_cover")
    if frame.total("ending_units") == 0:
        return told(" " + strong(t("It is out of stock.")))
    if days is None:
        return []
    count = round(float(days))
    text = n("{days} day of stock is left.", "{days} days of stock are left.", count, days=count)
    return told(" " + text)


def _few(frame: Frame) -> Words:
    grades, whole = frame.values("abc"), frame.total("net_sales")
    best, count = grades.count("A"), len(grades)
    if not best or not whole or best == count:
        return told(t("Net sales by product, and what is left of each."))
    values = zip(grades, frame.values("net_sales"), strict=True)
    brought = sum(float(value or 0) for grade, value in values if grade == "A") / float(whole)
    return told(
        t(
            "{few} of {count} products bring {share} of net sales.",
            few=formats.number(best, "count"),
            count=formats.number(count, "count"),
            share=strong(wording.share(brought)),
        )
    )


def _running_out(showing: Showing) -> Words:
    if not showing.has("inventory"):
        return []
    asked = Ask(("stock_cover", "ending_units"), ("product",))
    frame = showing.attempt(asked, goods(showing.scope))
    if frame is None:
        return []
    rows = list(zip(frame.values("stock_cover"), frame.values("ending_units"), strict=True))
    out = sum(units == 0 for _, units in rows)
    low = sum(bool(units) and days is not None and days < LOW_DAYS for days, units in rows)
    gone = n("{count} is out of stock.", "{count} are out of stock.", out, count=strong(str(out)))
    soon = n(
        "{count} has stock for less than {days} days.",
        "{count} have stock for less than {days} days.",
        low,
        count=strong(str(low)),
        days=LOW_DAYS,
    )
    return told("".join([f" {gone}" if out else "", f" {soon}" if low else ""]))


def marketing(showing: Showing) -> Words:
    """What the spend brought, and at what price."""
    frame = showing.attempt(Ask(("marketing_spend", "new_customers", "cac", "mer")))
    if frame is None or not frame.total("marketing_spend"):
        return moved(showing)

    def said(metric: str) -> str:
        return strong(wording.said(frame, metric, frame.total(metric), "short"))

    new = formats.number(frame.total("new_customers"), "count")
    spend = said("marketing_spend")
    if frame.total("cac") is None:
        return told(t("{spend} of marketing spend brought no new customer.", spend=spend))
    return told(
        t(
            "{spend} of marketing spend brought {count} new customers, at {cost} each.",
            spend=spend,
            count=new,
            cost=said("cac"),
        )
    )


def told(text: str) -> Words:
    """A sentence in parts: what `strong` marked is strong."""
    return list(insights.told(text).parts)


SAID: Mapping[str, Callable[[Showing], Words]] = {
    "/products": products,
    "/marketing": marketing,
}
