"""Bridges: from a figure of the period before to today's, step by step, to the cent.

Net sales: sessions x conversion x order value, then what reversals did. Order value is what was
placed per order: gross sales plus discounts. Where sessions are not known, it begins with orders. A
second bridge looks at the same change from the goods: price, volume, mix, discounts, reversals; a
third at new and returning customers. Any ratio is split into what stands above and below its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from agent.metrics.frames import Number
from agent.why.shapley import Ratio, product_parts, rate_and_mix, to_cents
from agent.words import mark

CENT = Decimal("0.01")
DIGITS = 50
FINE = Decimal("0.000001")
"""What ratios are told in."""
FACTORS = {
    "sessions": mark("Sessions"),
    "conversion": mark("Conversion"),
    "orders": mark("Orders"),
    "order_value": mark("Order value"),
    "sales_reversals": mark("Sales reversals"),
    "volume": mark("Volume"),
    "mix": mark("Mix"),
    "price": mark("Price"),
    "discounts": mark("Discounts"),
    "new": mark("New customers"),
    "returning": mark("Returning customers"),
    "others": mark("Guests"),
    "above": mark("Above the line"),
    "below": mark("Below the line"),
}


@dataclass(frozen=True)
class Step:
    """What a cause adds to the change. `before` and `after` are its own figures, None where it has
    none that a person would read."""

    name: str
    change: Decimal
    before: Number = None
    after: Number = None


@dataclass(frozen=True)
class Bridge:
    """`before` plus all steps' changes is `after`, exactly."""

    name: str
    before: Decimal
    after: Decimal
    steps: tuple[Step, ...]

    @property
    def change(self) -> Decimal:
        return self.after - self.before


Figures = Mapping[str, Number]
"""A period's figures by measure: net_sales, placed_sales, sales_reversals, orders, sessions."""


@dataclass(frozen=True)
class Goods:
    """Of one product in one period: pieces ordered, and their gross sales."""

    units: Decimal
    gross: Decimal


def by_funnel(before: Figures, after: Figures) -> Bridge:
    """Net sales as sessions x orders per session x placed sales per order, plus reversals. Without
    sessions in one of the periods, as orders x placed sales per order."""
    placed = [_money(side, "placed_sales") for side in (before, after)]
    totals = [_sum(side, "placed_sales", "sales_reversals") for side in (before, after)]
    # The ledger knows parts of a cent: they go where the total's own cent goes.
    reversals = [total - each for total, each in zip(totals, placed, strict=True)]
    factors = [_factors(side, _has_sessions(before, after)) for side in (before, after)]
    names = tuple(factors[0])
    parts = product_parts(tuple(factors[0].values()), tuple(factors[1].values()))
    # What was placed without an order being counted has no factor: it is the order value's doing.
    left = Fraction(placed[1] - placed[0]) - sum(parts, Fraction(0))
    parts[-1] += left
    cents = to_cents(parts, placed[1] - placed[0], CENT)
    steps = tuple(
        Step(name, cent, float(factors[0][name]), float(factors[1][name]))
        for name, cent in zip(names, cents, strict=True)
    )
    reversal = Step("sales_reversals", reversals[1] - reversals[0], *reversals)
    return Bridge("funnel", totals[0], totals[1], (*steps, reversal))


def _has_sessions(*sides: Figures) -> bool:
    return all(side.get("sessions") for side in sides)


def _factors(side: Figures, sessions: bool) -> dict[str, Fraction]:
    placed, orders = Fraction(_money(side, "placed_sales")), Fraction(side.get("orders") or 0)
    value = placed / orders if orders else Fraction(0)
    if not sessions:
        return {"orders": orders, "order_value": value}
    visits = Fraction(side.get("sessions") or 0)
    return {"sessions": visits, "conversion": orders / visits, "order_value": value}


def by_goods(
    before: Mapping[str, Goods], after: Mapping[str, Goods], beside: tuple[Figures, Figures]
) -> Bridge:
    """Net sales from the goods. Volume: more or fewer pieces at the old and new mean price. Mix:
    dearer or cheaper goods among them. Price: the same goods at other prices; a product that is in
    one period only has no other price, and is mix. `beside` holds discounts and reversals of both
    periods, and gross sales."""
    gross = [_money(side, "gross_sales") for side in beside]
    names = sorted({*before, *after})
    nothing = Goods(Decimal(0), Decimal(0))
    pairs = [(before.get(name, nothing), after.get(name, nothing)) for name in names]
    price, mix, volume = _price_mix_volume(pairs)
    left = Fraction(gross[1] - gross[0]) - price - mix - volume
    cents = to_cents([volume, mix + left, price], gross[1] - gross[0], CENT)
    steps = [Step(name, cent) for name, cent in zip(("volume", "mix", "price"), cents, strict=True)]
    discounts = [_money(side, "discounts") for side in beside]
    totals = [_sum(side, "gross_sales", "discounts", "sales_reversals") for side in beside]
    reversals = [t - g - d for t, g, d in zip(totals, gross, discounts, strict=True)]
    steps.append(Step("discounts", discounts[1] - discounts[0], *discounts))
    steps.append(Step("sales_reversals", reversals[1] - reversals[0], *reversals))
    return Bridge("goods", totals[0], totals[1], tuple(steps))


def _price_mix_volume(pairs: Sequence[tuple[Goods, Goods]]) -> tuple[Fraction, Fraction, Fraction]:
    """Of a change in gross sales: units x mean price splits into volume and mean price, and the
    mean price's part into each product's own price, and mix."""
    with localcontext(prec=DIGITS):
        units = [Fraction(sum((pair[n].units for pair in pairs), Decimal(0))) for n in (0, 1)]
        gross = [Fraction(sum((pair[n].gross for pair in pairs), Decimal(0))) for n in (0, 1)]
    if not all(units):
        return Fraction(0), Fraction(0), gross[1] - gross[0]
    mean = [g / u for g, u in zip(gross, units, strict=True)]
    volume, dearer = product_parts([units[0], mean[0]], [units[1], mean[1]])
    price = _price(pairs) * (units[0] + units[1]) / 2
    return price, dearer - price, volume


def _price(pairs: Sequence[tuple[Goods, Goods]]) -> Fraction:
    """What a piece costs more, at both periods' mean share of each product. To fifty digits, for
    fractions of thousands of products grow without end; what that leaves is mix, as all else is."""
    with localcontext(prec=DIGITS):
        units = [sum((pair[n].units for pair in pairs), Decimal(0)) for n in (0, 1)]
        dearer = Decimal(0)
        for old, new in pairs:
            if old.units and new.units:
                weight = old.units / units[0] + new.units / units[1]
                dearer += weight / 2 * (new.gross / new.units - old.gross / old.units)
    return Fraction(dearer)


def by_kind(before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> Bridge:
    """Net sales of new and of returning customers, and of papers that know neither."""
    names = ("new", "returning")
    sides = (before, after)
    totals = [sum(side.values(), Decimal(0)) for side in sides]
    steps = [
        Step(
            name,
            after.get(name, Decimal(0)) - before.get(name, Decimal(0)),
            before.get(name, Decimal(0)),
            after.get(name, Decimal(0)),
        )
        for name in names
    ]
    rest = [
        total - sum((side.get(name, Decimal(0)) for name in names), Decimal(0))
        for total, side in zip(totals, sides, strict=True)
    ]
    if any(rest):
        steps.append(Step("others", rest[1] - rest[0], *rest))
    return Bridge("customers", totals[0], totals[1], tuple(steps))


def of_ratio(before: tuple[Number, Number], after: tuple[Number, Number]) -> Bridge:
    """A ratio's change by what stands above and below its line, each (above, below). A ratio of
    nothing is 0."""
    old, new = (_ratio(pair) for pair in (before, after))
    values = [
        round(
            Decimal(each[0].numerator)
            * each[1].numerator
            / (Decimal(each[0].denominator) * each[1].denominator),
            6,
        )
        for each in (old, new)
    ]
    parts = product_parts(old, new)
    cents = to_cents(parts, values[1] - values[0], FINE)
    steps = tuple(
        Step(name, cent, before[n], after[n])
        for n, (name, cent) in enumerate(zip(("above", "below"), cents, strict=True))
    )
    return Bridge("ratio", values[0], values[1], steps)


def _ratio(pair: tuple[Number, Number]) -> tuple[Fraction, Fraction]:
    above, below = Fraction(pair[0] or 0), Fraction(pair[1] or 0)
    return (above, 1 / below) if below else (Fraction(0), Fraction(0))


def of_groups(
    before: Mapping[str, tuple[Number, Number]], after: Mapping[str, tuple[Number, Number]]
) -> Bridge:
    """A ratio's change over groups: of each one its own rate's doing (`NAME rate`) and its weight's
    (`NAME mix`). Steps are in the groups' sorted order."""
    names = sorted({*before, *after})
    sides = [
        [Ratio(*(float(x or 0) for x in side.get(name, (0, 0)))) for name in names]
        for side in (before, after)
    ]
    values = [Ratio(sum(r.top for r in side), sum(r.per for r in side)).value for side in sides]
    rounded = [round(Decimal(value), 6) for value in values]
    effects = [Fraction(x) for pair in rate_and_mix(sides[0], sides[1]) for x in pair]
    cents = to_cents(effects, rounded[1] - rounded[0], FINE)
    labels = [f"{name} {kind}" for name in names for kind in ("rate", "mix")]
    return Bridge(
        "groups",
        rounded[0],
        rounded[1],
        tuple(Step(label, cent) for label, cent in zip(labels, cents, strict=True)),
    )


def _money(side: Figures, name: str) -> Decimal:
    """To the cent; what is not known is nothing."""
    value = side.get(name)
    return Decimal(0) if value is None else Decimal(str(value)).quantize(CENT)


def _sum(side: Figures, *names: str) -> Decimal:
    """The sum of exact amounts, to the cent."""
    every = (Decimal(str(side.get(name) or 0)) for name in names)
    return sum(every, Decimal(0)).quantize(CENT)
