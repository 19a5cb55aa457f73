"""Why a figure changed, in words: plain, exact, the largest part first. What is noise is no reason,
and what happened at the same time is named as that and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from agent import insights
from agent.insights import Answer, Sentence, strong, told
from agent.metrics import formats
from agent.metrics.questions import Scope
from agent.ports import Shop
from agent.records.events import KINDS
from agent.why import amounts as printing
from agent.why.changes import Segment
from agent.why.explanation import Explanation
from agent.why.matching import HOLIDAY, Match
from agent.why.parts import NOISE
from agent.words import locale, mark, t

amount, amounts, ranked = printing.amount, printing.amounts, printing.ranked
signed, stepped = printing.signed, printing.stepped
SAID = 2
"""Segments that a lead names."""
BRIEF = 14
"""Days up to which a holiday may say something of a whole period."""
_KINDS = {"new": mark("New customers"), "returning": mark("Returning customers")}


def lead(
    found: Explanation | None, answer: Answer, scope: Scope, shop: Shop, metric: str = "net_sales"
) -> tuple[Sentence, ...]:
    """How a metric moved, then what made it. Without an explanation, or where no segment stands
    out, the group that made most of it."""
    if found is None or not found.why.segments:
        return insights.lead(answer, scope, shop, metric)
    return sentences(found, shop)


def sentences(found: Explanation, shop: Shop) -> tuple[Sentence, ...]:
    """The headline, the largest segments, and behind the first of which anything is known what
    happened to it then."""
    own = replace(shop, currency=found.currency)
    said = [_headline(found, own)]
    matched = False
    for segment in telling(found)[:SAID]:
        said.append(sentence(found, segment))
        known = near(found, segment) if not matched else []
        said += [told(match_sentence(match)) for match in known[:1]]
        matched = matched or bool(known)
    return tuple(said)


def _headline(found: Explanation, shop: Shop) -> Sentence:
    """Net sales came to $412.6k, 8.1% more than expected."""
    why, metric = found.why, found.metric
    if why.against == "before" or why.after is None or why.before is None:
        return insights.headline(metric, why.after, why.before, shop)
    label, value = t(metric.label), strong(formats.number(why.after, metric.unit, found.currency))
    moved = formats.change(why.after, why.before, metric.unit, metric.good_up)
    size = moved.text.lstrip("+−")
    if not moved.arrow.strip("–") or size.startswith("×"):
        usual = formats.number(why.before, metric.unit, found.currency)
        return told(
            t("{metric} came to {value}; expected: {usual}.", metric=label, value=value,
              usual=strong(usual))
        )  # fmt: skip
    said = {"metric": label, "value": value, "size": strong(size)}
    if moved.arrow == "↑":
        return told(t("{metric} came to {value}, {size} more than expected.", **said))
    return told(t("{metric} came to {value}, {size} less than expected.", **said))


def telling(found: Explanation) -> list[Segment]:
    """The segments that are more than noise, the largest change first."""
    kept = [one for one in found.why.segments if one.part.verdict != NOISE and one.part.change]
    return sorted(kept, key=lambda one: -abs(one.part.change))


def sentence(found: Explanation, segment: Segment) -> Sentence:
    """Lighting in Germany made $17.6k of the gain, more than half of it."""
    change, moved = segment.part.change, found.moved
    said = {
        "name": place(found, segment),
        "amount": strong(amount(found, abs(change), short=True)),
    }
    if found.why.against == "expected":
        return _unexpected(said, change, moved)
    if not moved or change * moved < 0:
        up = change > 0
        return told(
            t("{name} added {amount}.", **said) if up else t("{name} lost {amount}.", **said)
        )
    share = change / moved
    rose = moved > 0
    if share > 1:
        text = (
            t("{name} added {amount}, more than the whole gain.", **said)
            if rose
            else t("{name} lost {amount}, more than the whole fall.", **said)
        )
    elif share > Decimal("0.5"):
        text = (
            t("{name} made {amount} of the gain, more than half of it.", **said)
            if rose
            else t("{name} made {amount} of the fall, more than half of it.", **said)
        )
    else:
        text = (
            t("{name} made {amount} of the gain.", **said)
            if rose
            else t("{name} made {amount} of the fall.", **said)
        )
    return told(text)


def _unexpected(said: Mapping[str, str], change: Decimal, moved: Decimal) -> Sentence:
    """Lighting in Germany came to $17.6k more than expected, more than half of the difference."""
    most = change * moved > 0 and abs(change) > abs(moved) / 2
    if most and change > 0:
        text = t(
            "{name} came to {amount} more than expected, more than half of the difference.", **said
        )
    elif most:
        text = t(
            "{name} came to {amount} less than expected, more than half of the difference.", **said
        )
    elif change > 0:
        text = t("{name} came to {amount} more than expected.", **said)
    else:
        text = t("{name} came to {amount} less than expected.", **said)
    return told(text)


def names(found: Explanation, segment: Segment) -> list[str]:
    """What a person reads for each of its values: Germany, Lighting."""
    return [_name(found, dimension, value) for dimension, value in segment.part.where.items()]


def title(found: Explanation, segment: Segment) -> str:
    """Germany · Lighting."""
    return " · ".join(names(found, segment))


def place(found: Explanation, segment: Segment) -> str:
    """The same within a sentence: Lighting in Germany."""
    by_kind = dict(zip(segment.part.where, names(found, segment), strict=True))
    if segment.part.where.get("country") is None:
        return " · ".join(by_kind.values())
    country = by_kind.pop("country")
    rest = " · ".join(by_kind.values())
    return t("{what} in {country}", what=rest, country=country) if rest else country


def _name(found: Explanation, dimension: str, value: str | None) -> str:
    if dimension == "customer_kind" and value in _KINDS:
        return t(_KINDS[str(value)])
    known = found.names.get(dimension, {})
    return formats.value_label(dimension, None if value is None else known.get(value, value))


def reason(found: Explanation, segment: Segment) -> str:
    """In a few words: that it is nothing unusual, what happened to it then, or how it moved."""
    part = segment.part
    if part.verdict == NOISE:
        return t("Within its usual variation")
    matched = near(found, segment)
    if matched:
        return match_words(matched[0])
    if not part.expected:
        return t("New in this period") if found.why.against == "before" else t("Nothing expected")
    if not part.actual:
        return t("Nothing in this period")
    unit = found.metric.unit
    moved = formats.change(part.actual, part.expected, unit, found.metric.good_up)
    before = formats.number(part.expected, unit, found.currency)
    if found.why.against == "expected":
        return t("{change} against {expected} expected", change=moved.text, expected=before)
    return t("{change} from {before}", change=moved.text, before=before)


def near(found: Explanation, segment: Segment) -> list[Match]:
    """What happened in the period to this very segment, and not to all of the shop. Of some weeks a
    holiday explains little."""
    brief = found.why.scope.days <= BRIEF
    near = [match for match in segment.matches if match.near and match.now]
    return [match for match in near if brief or match.kind != HOLIDAY]


def beside(found: Explanation) -> list[Match]:
    """What else happened, those that no segment names, the period's own first."""
    named = [(m.kind, m.name, m.first) for one in telling(found) for m in near(found, one)]
    return [m for m in found.why.matches if (m.kind, m.name, m.first) not in named]


def match_words(match: Match) -> str:
    """Out of stock: Walnut sideboard, 9 – 16 Nov."""
    days = formats.date_range(match.first, match.last)
    kind = t(KINDS.get(match.kind, KINDS["other"]))
    return t("{kind}: {name}, {days}", kind=kind, name=match_name(match), days=days)


def match_name(match: Match) -> str:
    """As people named it; of a holiday, in the language spoken, and where it is one."""
    if match.kind != HOLIDAY:
        return match.name
    name = match.also.get(locale().partition("_")[0]) or t(match.name)
    country = match.part.get("country")
    if not country:
        return name
    place = formats.value_label("country", country)
    return t("{name} ({country})", name=name, country=place)


def match_sentence(match: Match) -> str:
    """Out of stock in the same days: Walnut sideboard, 9 – 16 Nov."""
    days = formats.date_range(match.first, match.last)
    kind = t(KINDS.get(match.kind, KINDS["other"]))
    said = {"kind": kind, "name": match_name(match), "days": days}
    if match.now:
        return t("{kind} in the same days: {name}, {days}.", **said)
    return t("{kind} in the period before: {name}, {days}.", **said)
