"""The agent's own jobs: one row each. A room above adds its rows and hands over `Jobs` of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from agent.errors import NotConfigured, NotFound
from agent.scheduling.job import Job

JOBS: Mapping[str, str] = {
    "checkpoint": "agent.scheduling.checkpoint:JOB",
    "demo_tick": "agent.scheduling.demo_tick:JOB",
    "prune": "agent.scheduling.prune:JOB",
}
"""Job name -> where its row stands. Modules are imported when the job is first looked up."""


class Jobs(Mapping[str, Job]):
    """Jobs by name, from rows like JOBS: Jobs({**JOBS, "report": "reports.delivery:JOB"})."""

    def __init__(self, rows: Mapping[str, str] = JOBS) -> None:
        self._rows = dict(rows)

    def __getitem__(self, name: str) -> Job:
        """The job's row; raises KeyError, or NotConfigured when a library is absent."""
        module, _, attribute = self._rows[name].partition(":")
        try:
            job: Job = getattr(import_module(module), attribute)
        except ImportError as error:
            raise NotConfigured(f"The job {name!r} cannot run here: {error}.") from error
        return job

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def find(jobs: Mapping[str, Job], name: str) -> Job:
    """The job of that name; raises NotFound naming those that exist, or NotConfigured."""
    try:
        return jobs[name]
    except KeyError:
        known = ", ".join(sorted(jobs))
        raise NotFound(f"There is no job {name!r}.", hint=f"Known: {known}.") from None
