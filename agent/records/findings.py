"""What was found unusual, one row an incident, and what people said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.records.schema import FINDINGS
from agent.records.store import Store, new_id, rows
from agent.words import mark, t

OPEN, ACKNOWLEDGED, SNOOZED = "open", "acknowledged", "snoozed"
STATES = (OPEN, ACKNOWLEDGED, SNOOZED)
VERDICTS: Mapping[str, str] = {
    "real": mark("Real"),
    "expected": mark("This was expected"),
    "wrong": mark("Not an anomaly"),
}
SEVERITIES = ("critical", "warning", "notice", "good")


@dataclass(frozen=True)
class Finding:
    """One incident of one series, from its `first` unusual step to its `last`; `over` once it is
    back to usual. `actual`, `expected`, `low` and `high` are sums over these steps for what adds
    up, means for what does not."""

    shop_id: str
    metric: str
    step: str
    kind: str
    severity: str
    first: str
    last: str
    dimension: str = ""
    member: str = ""
    over: bool = False
    actual: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    score: float = 0.0
    content: Mapping[str, Any] = field(default_factory=dict)
    finding_id: str = ""
    found_at: datetime | None = None
    changed_at: datetime | None = None
    state: str = OPEN
    snoozed_until: datetime | None = None
    verdict: str = ""
    handled_by: str = ""
    handled_at: datetime | None = None


@dataclass(frozen=True)
class Handling:
    """What a person does with a finding: a new state, a verdict, or both; by whom."""

    state: str
    by: str
    verdict: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Findings:
    store: Store

    def keep(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Insert new ones, and renew what was found of known ones: what people did with a finding
        stays as it is. Returns them with ids."""
        now = self.store.now()
        kept = tuple(_dated(one, now) for one in findings)
        with self.store.write() as connection:
            for one in kept:
                self._keep(connection, one)
        return kept

    def _keep(self, connection: sa.Connection, one: Finding) -> None:
        known = sa.update(FINDINGS).where(FINDINGS.c.finding_id == one.finding_id)
        found = {name: value for name, value in _row(one).items() if name not in _HANDLED}
        if not connection.execute(known.values(**found)).rowcount:
            connection.execute(sa.insert(FINDINGS).values(**_row(one)))

    def get(self, finding_id: str) -> Finding:
        """Raises NotFound."""
        with self.store.read() as connection:
            return _get(connection, finding_id)

    def all(self, shop_id: str, since: str = "", **where: str) -> tuple[Finding, ...]:
        """A shop's findings, the newest first: those that ended on or after the day `since`, and
        whose columns are as `where` says."""
        wanted = [FINDINGS.c[name] == value for name, value in where.items()]
        mine = sa.select(FINDINGS).where(
            FINDINGS.c.shop_id == shop_id, FINDINGS.c.last >= since, *wanted
        )
        ordered = mine.order_by(
            FINDINGS.c.first.desc(), FINDINGS.c.score.desc(), FINDINGS.c.finding_id
        )
        with self.store.read() as connection:
            return tuple(_finding(row) for row in rows(connection, ordered))

    def briefly(self, shop_id: str) -> tuple[Finding, ...]:
        """As `all`, without what is kept around each: a quick read for their states."""
        with self.store.read() as connection:
            return tuple(_finding(row) for row in rows(connection, _brief(shop_id)))

    def waiting(self, shop_id: str, since: str) -> tuple[Finding, ...]:
        """Those, without what is kept around each, that nobody has acknowledged and that go on or
        ended on or after the day `since`."""
        lately = sa.or_(FINDINGS.c.over.is_(False), FINDINGS.c.last >= since)
        mine = _brief(shop_id).where(FINDINGS.c.state != ACKNOWLEDGED, lately)
        with self.store.read() as connection:
            return tuple(_finding(row) for row in rows(connection, mine))

    def changed(self, shop_id: str) -> datetime | None:
        """When the last of a shop's was found, renewed or handled; None where there is none."""
        times = [sa.func.max(FINDINGS.c[name]) for name in ("changed_at", "handled_at")]
        with self.store.read() as connection:
            found = connection.execute(sa.select(*times).where(FINDINGS.c.shop_id == shop_id)).one()
        return max((at for at in found if at is not None), default=None)

    def handle(self, finding_id: str, handling: Handling) -> Finding:
        """The finding afterwards. Raises NotFound, and Refused for a state that cannot be."""
        _check(handling)
        values = {
            "state": handling.state,
            "snoozed_until": handling.until,
            "verdict": handling.verdict,
            "handled_by": handling.by,
            "handled_at": self.store.now(),
        }
        with self.store.write() as connection:
            _get(connection, finding_id)
            mine = sa.update(FINDINGS).where(FINDINGS.c.finding_id == finding_id)
            connection.execute(mine.values(**values))
            return _get(connection, finding_id)

    def wake(self) -> int:
        """Open again what was snoozed until now; returns how many."""
        over = sa.and_(FINDINGS.c.state == SNOOZED, FINDINGS.c.snoozed_until <= self.store.now())
        with self.store.write() as connection:
            woken = sa.update(FINDINGS).where(over).values(state=OPEN, snoozed_until=None)
            return connection.execute(woken).rowcount

    def verdicts(self, shop_id: str) -> dict[str, int]:
        """How often people said what, over all of a shop's findings."""
        counted = (
            sa.select(FINDINGS.c.verdict, sa.func.count().label("count"))
            .where(FINDINGS.c.shop_id == shop_id, FINDINGS.c.verdict != "")
            .group_by(FINDINGS.c.verdict)
        )
        with self.store.read() as connection:
            return {row["verdict"]: row["count"] for row in rows(connection, counted)}

    def prune(self, before: date) -> int:
        """Forget what ended before a day, with what people said of it; returns how many."""
        with self.store.write() as connection:
            old = sa.delete(FINDINGS).where(FINDINGS.c.last < before.isoformat())
            return connection.execute(old).rowcount


def _brief(shop_id: str) -> sa.Select[Any]:
    columns = [column for column in FINDINGS.c if column.name != "content"]
    return sa.select(*columns).where(FINDINGS.c.shop_id == shop_id)


_HANDLED = ("found_at", "state", "snoozed_until", "verdict", "handled_by", "handled_at")


def _check(handling: Handling) -> None:
    if handling.state not in STATES:
        raise Refused(t("A finding cannot be {state!r}.", state=handling.state))
    if handling.verdict and handling.verdict not in VERDICTS:
        raise Refused(t("There is no verdict {verdict!r}.", verdict=handling.verdict))
    if (handling.state == SNOOZED) != (handling.until is not None):
        raise Refused(t("Say until when the finding is to be quiet."))


def _dated(one: Finding, now: datetime) -> Finding:
    return replace(
        one, finding_id=one.finding_id or new_id(), found_at=one.found_at or now, changed_at=now
    )


def _row(one: Finding) -> dict[str, Any]:
    return asdict(one) | {"content": dict(one.content)}


def _get(connection: sa.Connection, finding_id: str) -> Finding:
    found = rows(connection, sa.select(FINDINGS).where(FINDINGS.c.finding_id == finding_id))
    if not found:
        raise NotFound(t("There is no such finding; it may have been forgotten."))
    return _finding(found[0])


def _finding(row: sa.RowMapping) -> Finding:
    return Finding(**row)
