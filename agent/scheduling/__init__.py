"""Work at its time: jobs, their slots, and the runs that come of them."""

from __future__ import annotations

from agent.scheduling.jobs import JOBS, ROWS, Jobs
from agent.scheduling.scheduler import Scheduler

__all__ = ["JOBS", "ROWS", "Jobs", "Scheduler"]
