"""Every forecast as it was made, and how it did once the days were there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.records.schema import FORECASTS
from agent.records.store import Store, rows

SERIES = ("shop_id", "metric", "dimension", "member", "step")


@dataclass(frozen=True)
class Key:
    """Whose forecast: a metric of a shop, of all of it or of one `member` of a `dimension`, by the
    hour, day, week or month."""

    shop_id: str
    metric: str
    dimension: str = ""
    member: str = ""
    step: str = "day"


@dataclass(frozen=True)
class Score:
    """How a forecast did: over so many steps, the sum of what came, of what was missed (absolute,
    in the metric's unit), of what the naive guess would have missed, and how many lay inside."""

    scored: int = 0
    actual: float | None = None
    missed: float | None = None
    naive_missed: float | None = None
    inside_50: int = 0
    inside_80: int = 0
    inside_95: int = 0


@dataclass(frozen=True)
class Forecast:
    """`origin` is the last step that was known, as text; `refusal` says why there is none."""

    key: Key
    origin: str
    version: int
    method: str
    horizon: int
    content: Mapping[str, Any] = field(default_factory=dict)
    refusal: str = ""
    made_at: datetime | None = None
    score: Score = Score()
    scored_at: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether every step of it has been scored."""
        return self.score.scored >= self.horizon


@dataclass(frozen=True)
class Forecasts:
    store: Store

    def keep(self, forecasts: Iterable[Forecast]) -> None:
        """Keep them, in place of those of the same series and origin."""
        now = self.store.now()
        with self.store.write() as connection:
            for one in forecasts:
                self.store.upsert(connection, FORECASTS, _row(one, now))

    def score(self, forecast: Forecast, score: Score) -> None:
        """Write down how it did so far."""
        values = asdict(score) | {"scored_at": self.store.now()}
        with self.store.write() as connection:
            connection.execute(
                sa.update(FORECASTS)
                .where(*_of(forecast.key), FORECASTS.c.origin == forecast.origin)
                .values(**values)
            )

    def newest(self, key: Key) -> Forecast | None:
        """The latest forecast of a series."""
        return next(iter(self.of(key, limit=1)), None)

    def metrics(self, shop_id: str, step: str = "day") -> frozenset[str]:
        """The metrics of which there is a forecast of all of a shop by a step."""
        columns, wanted = FORECASTS.c, {"shop_id": shop_id, "step": step, "dimension": ""}
        mine = [columns[name] == value for name, value in wanted.items()]
        with self.store.read() as connection:
            found = connection.execute(sa.select(columns.metric).where(*mine).distinct())
            return frozenset(found.scalars())

    def of(self, key: Key, limit: int = 60) -> tuple[Forecast, ...]:
        """A series' forecasts, the newest first."""
        mine = sa.select(FORECASTS).where(*_of(key))
        return self._read(mine.order_by(FORECASTS.c.origin.desc()).limit(limit))

    def scores(self, key: Key, limit: int = 400) -> tuple[Forecast, ...]:
        """How a series' forecasts did, the newest first: without their content, which is long."""
        mine = _briefly().where(*_of(key))
        return self._read(mine.order_by(FORECASTS.c.origin.desc()).limit(limit))

    def current(self, shop_id: str) -> tuple[Forecast, ...]:
        """The newest forecast of every series of a shop."""
        names = [FORECASTS.c[name] for name in SERIES]
        newest = (
            sa.select(*names, sa.func.max(FORECASTS.c.origin).label("origin"))
            .where(FORECASTS.c.shop_id == shop_id)
            .group_by(*names)
            .subquery()
        )
        same = [FORECASTS.c[name] == newest.c[name] for name in (*SERIES, "origin")]
        return self._read(sa.select(FORECASTS).join(newest, sa.and_(*same)).order_by(*names))

    def unscored(self, shop_id: str) -> tuple[Forecast, ...]:
        """What was forecast and not yet scored to its end, the oldest first."""
        open_ones = (
            sa.select(FORECASTS)
            .where(FORECASTS.c.shop_id == shop_id, FORECASTS.c.refusal == "")
            .where(FORECASTS.c.scored < FORECASTS.c.horizon)
            .order_by(FORECASTS.c.origin)
        )
        return self._read(open_ones)

    def scored(self, shop_id: str, since: datetime) -> tuple[Forecast, ...]:
        """What was made since then and has a score, the oldest first: without their content, which
        is long."""
        done = (
            _briefly()
            .where(FORECASTS.c.shop_id == shop_id, FORECASTS.c.scored > 0)
            .where(FORECASTS.c.made_at >= since)
            .order_by(FORECASTS.c.origin)
        )
        return self._read(done)

    def prune(self, before: datetime) -> int:
        """Forget what was made before; returns how many."""
        with self.store.write() as connection:
            return connection.execute(
                sa.delete(FORECASTS).where(FORECASTS.c.made_at < before)
            ).rowcount

    def _read(self, statement: sa.Select[Any]) -> tuple[Forecast, ...]:
        with self.store.read() as connection:
            return tuple(_forecast(row) for row in rows(connection, statement))


def _briefly() -> sa.Select[Any]:
    columns = [column for column in FORECASTS.c if column.name != "content"]
    return sa.select(*columns, sa.literal({}, sa.JSON).label("content"))


def _of(key: Key) -> list[sa.ColumnElement[bool]]:
    return [FORECASTS.c[name] == getattr(key, name) for name in SERIES]


def _row(one: Forecast, now: datetime) -> dict[str, Any]:
    own = ("origin", "version", "method", "horizon", "refusal", "scored_at")
    return {
        **asdict(one.key),
        **asdict(one.score),
        **{name: getattr(one, name) for name in own},
        "content": dict(one.content),
        "made_at": one.made_at or now,
    }


def _forecast(row: sa.RowMapping) -> Forecast:
    key = Key(*(row[name] for name in SERIES))
    score = Score(**{name: row[name] for name in Score.__dataclass_fields__})
    rest = {k: v for k, v in row.items() if k not in SERIES and k not in Score.__dataclass_fields__}
    return Forecast(key=key, score=score, **rest)
