"""Money of another currency turned into the shop's, at each day's rate.

Rates say how many of a currency one unit of their base buys. Days after the last have the last
day's; before the first there is none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.ports import RATES_SHOP, Warehouse
from agent.sources.base import Flags, Ints
from agent.sources.values import one, unscaled
from agent.warehouse import schema


class Till:
    """Changes money at the rates that the warehouse keeps; read once."""

    def __init__(self, warehouse: Warehouse | None, currencies: Sequence[str]) -> None:
        self._rates: dict[str, tuple[Ints, Ints]] = {}
        self._base = ""
        if warehouse is not None and len(set(currencies)) > 1:
            self._read(warehouse, sorted(set(currencies)))

    def _read(self, warehouse: Warehouse, currencies: list[str]) -> None:
        rates = schema.RATES.c
        found = warehouse.read(
            sa.select(rates.currency, rates.base, rates.local_date, rates.rate)
            .where(rates.shop_id == RATES_SHOP.shop_id)
            .where(sa.or_(rates.currency.in_(currencies), rates.base.in_(currencies)))
            .order_by(rates.currency, rates.local_date)
        )
        if not len(found):
            return
        self._base = found["base"][0].as_py()
        for currency in currencies:
            own = found.filter(pc.equal(found["currency"], currency))
            if len(own):
                day = np.asarray(one(own["local_date"]).cast(pa.int32()), dtype=np.int64)
                self._rates[currency] = day, unscaled(one(own["rate"]))

    def exchange(self, money: tuple[Ints, Ints], currencies: tuple[str, str]) -> tuple[Ints, Flags]:
        """Amounts (ten-thousandths) of days (since 1970) in another currency, and where there was a
        rate. Rounded half to even, in whole numbers: no binary float holds money."""
        (amount, day), (source, target) = money, currencies
        have, has = self._of(source, day)
        want, wants = self._of(target, day)
        known = has & wants
        exact = [
            _divided(a * w, h) if k else 0
            for a, w, h, k in zip(
                amount.tolist(), want.tolist(), have.tolist(), known.tolist(), strict=True
            )
        ]
        fits = np.array([abs(value) < 2**62 for value in exact], dtype=np.bool_)
        value = np.array([v if abs(v) < 2**62 else 0 for v in exact], dtype=np.int64)
        return value, known & fits

    def _of(self, currency: str, day: Ints) -> tuple[Ints, Flags]:
        """How many of a currency the base buys on each day, in units of the tenth decimal."""
        if currency == self._base:
            return np.full(len(day), 10**10, dtype=np.int64), np.ones(len(day), dtype=np.bool_)
        if currency not in self._rates:
            return np.ones(len(day), dtype=np.int64), np.zeros(len(day), dtype=np.bool_)
        days, rate = self._rates[currency]
        place = np.searchsorted(days, day, side="right") - 1
        return rate[np.maximum(place, 0)], place >= 0


def _divided(above: int, below: int) -> int:
    """The quotient, half to even."""
    whole, rest = divmod(above, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2 == 1))
