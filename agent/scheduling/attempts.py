"""One run from its first attempt to its outcome."""

from __future__ import annotations

import logging
import random
from contextlib import suppress
from typing import TYPE_CHECKING

from agent import words
from agent.errors import Failure, Throttled, Unavailable
from agent.scheduling.job import FAILED, GAVE_UP, STOPPED, Job, JobContext, Outcome, Stopped

if TYPE_CHECKING:
    from agent.services import Services

LOG = logging.getLogger(__name__)


def perform(services: Services, job: Job, context: JobContext) -> Outcome:
    """Run a job until it succeeds, fails for good, gives up or is stopped. Never raises."""
    try:
        return _until_decided(services, job, context)
    except Exception as error:  # one of the four broad handlers: a job's bug ends that job only
        LOG.exception("Job %s, run %s, ran into an unexpected error", job.name, context.run_id)
        return Outcome(
            FAILED,
            f"The job ran into an unexpected {type(error).__name__}; the log has the details.",
        )


def _until_decided(services: Services, job: Job, context: JobContext) -> Outcome:
    number = 1
    while True:
        answer = _once(services, job, context)
        if isinstance(answer, Outcome):
            return answer
        if number > job.retries:
            return Outcome(GAVE_UP, _after(number, answer))
        LOG.warning("Job %s, attempt %d: %s", job.name, number, answer)
        if context.stopping.wait(_pause(job, number, answer)):
            return Outcome(STOPPED, f"Stopped while waiting to try again. {answer}")
        number += 1
        with suppress(Unavailable):  # a count that is not written must not cost the attempt
            services.records.runs.attempt(context.run_id, number)


def _once(services: Services, job: Job, context: JobContext) -> Outcome | Failure:
    """The outcome, or the failure that may pass."""
    try:
        context.check()
        with words.speaking(services.settings.locale):
            return job.run(services, context)
    except Stopped as stopped:
        return Outcome(STOPPED, str(stopped))
    except Failure as failure:
        return Outcome(FAILED, str(failure)) if failure.permanent else failure


def _after(number: int, failure: Failure) -> str:
    return str(failure) if number == 1 else f"Tried {number} times. {failure}"


def _pause(job: Job, number: int, failure: Failure) -> float:
    """Doubles each time, give or take a quarter, so that replicas do not come back together; never
    less than what was asked for."""
    doubled: float = job.backoff * 2 ** (number - 1) * random.uniform(0.75, 1.25)
    return max(doubled, failure.after) if isinstance(failure, Throttled) else doubled
