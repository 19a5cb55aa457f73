"""The agent's own jobs: one row each. A room above adds its own: Jobs({**ROWS, "report": JOB})."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from agent.errors import NotConfigured, NotFound
from agent.scheduling.job import Job

ROWS: Mapping[str, str] = {
    "agreement": "agent.scheduling.shops:AGREE",
    "checkpoint": "agent.scheduling.checkpoint:JOB",
    "demo_tick": "agent.scheduling.demo_tick:JOB",
    "forecasts": "agent.scheduling.forecasts:JOB",
    "hooks": "agent.scheduling.shops:WORK",
    "prune": "agent.scheduling.prune:JOB",
    "rebuild": "agent.scheduling.upkeep:REBUILD",
    "retention": "agent.scheduling.upkeep:RETENTION",
    "subscriptions": "agent.scheduling.shops:REPAIR",
    "quality": "agent.scheduling.quality:JOB",
    "recover": "agent.scheduling.sync:RECOVER",
    "sync": "agent.scheduling.sync:JOB",
    "watch": "agent.scheduling.watch:JOB",
}
"""Job name -> where its row stands. Modules are imported when the job is first looked up."""


class Jobs(Mapping[str, Job]):
    """Jobs by name, from rows that are jobs or say where one stands ("reports.delivery:JOB")."""

    def __init__(self, rows: Mapping[str, str | Job] = ROWS) -> None:
        self._rows = dict(rows)

    def __getitem__(self, name: str) -> Job:
        """The job's row; raises KeyError, or NotConfigured when a library is absent."""
        row = self._rows[name]
        if isinstance(row, Job):
            return row
        module, _, attribute = row.partition(":")
        try:
            job: Job = getattr(import_module(module), attribute)
        except ImportError as error:
            raise NotConfigured(f"The job {name!r} cannot run here: {error}.") from error
        return job

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


JOBS = Jobs()


def find(jobs: Mapping[str, Job], name: str) -> Job:
    """The job of that name; raises NotFound naming those that exist, or NotConfigured."""
    try:
        return jobs[name]
    except KeyError:
        known = ", ".join(sorted(jobs))
        raise NotFound(f"There is no job {name!r}.", hint=f"Known: {known}.") from None
