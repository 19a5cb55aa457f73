"""The product's own records, one value for each noun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from agent.records.audit import Audit
from agent.records.backup import Backup
from agent.records.deliveries import Deliveries
from agent.records.judgement import Events, Findings, Forecasts
from agent.records.kpis import Kpis
from agent.records.migrate import migrate
from agent.records.people import Links, Passwords, Tokens, Users
from agent.records.runs import Runs
from agent.records.schedules import Schedules
from agent.records.sources import (
    Agreements,
    Checks,
    Connections,
    Hooks,
    Rejects,
    SealedTexts,
)
from agent.records.store import Store, open_store
from agent.records.targets import Targets
from agent.records.views import Views

if TYPE_CHECKING:
    from agent.ports import Clock

KEEP_RUNS = timedelta(days=90)
KEEP_HOOKS = timedelta(days=14)
KEEP_FORECASTS = timedelta(days=800)
KEEP_FINDINGS = timedelta(days=800)
KEEP_REJECTS = timedelta(days=90)


@dataclass(frozen=True)
class Records:
    store: Store
    users: Users
    links: Links
    tokens: Tokens
    targets: Targets
    kpis: Kpis
    views: Views
    schedules: Schedules
    runs: Runs
    deliveries: Deliveries
    audit: Audit
    connections: Connections
    hooks: Hooks
    sealed: SealedTexts
    checks: Checks
    agreements: Agreements
    rejects: Rejects
    forecasts: Forecasts
    findings: Findings
    events: Events

    def ping(self) -> None:
        """Returns when the database answers; raises Unavailable."""
        self.store.ping()

    def prune(self) -> dict[str, int]:
        """Forget what nobody can use any more; returns rows per noun."""
        return {
            "runs": self.runs.prune(self.store.now() - KEEP_RUNS),
            "deliveries of platforms": self.hooks.prune(self.store.now() - KEEP_HOOKS),
            "forecasts": self.forecasts.prune(self.store.now() - KEEP_FORECASTS),
            "findings": self.findings.prune((self.store.now() - KEEP_FINDINGS).date()),
            "rejected documents": self.rejects.prune(self.store.now() - KEEP_REJECTS),
            "links": self.links.prune(),
            "sign-in failures": self.users.throttle.prune(),
        }

    def backup(self, folder: str | Path) -> dict[str, int]:
        """Write all tables into a folder; returns rows per table. Raises Refused."""
        return Backup(self.store).write(Path(folder))

    def restore(self, folder: str | Path) -> dict[str, int]:
        """Replace all tables by a backup, or change nothing and raise BadFile."""
        return Backup(self.store).restore(Path(folder))

    def close(self) -> None:
        self.store.engine.dispose()


def open_records(url: str, clock: Clock, passwords: Passwords | None = None) -> Records:
    """Connect, bring the tables up to date and hand out the nouns.

    `url` is sqlite:///path or postgresql://...; raises BadSetting for any other, and Unavailable.
    """
    store = open_store(url, clock)
    try:
        migrate(store)
    except BaseException:
        store.engine.dispose()
        raise
    return Records(
        store=store,
        users=Users(store, passwords or Passwords()),
        links=Links(store),
        tokens=Tokens(store),
        targets=Targets(store),
        kpis=Kpis(store),
        views=Views(store),
        schedules=Schedules(store),
        runs=Runs(store),
        deliveries=Deliveries(store),
        audit=Audit(store),
        connections=Connections(store),
        hooks=Hooks(store),
        sealed=SealedTexts(store),
        checks=Checks(store),
        agreements=Agreements(store),
        rejects=Rejects(store),
        forecasts=Forecasts(store),
        findings=Findings(store),
        events=Events(store),
    )
