"""How much each member counts: by its errors at the origins, shrunk towards the whole panel's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from agent.forecasting.backtesting import Trials
from agent.forecasting.series import Floats, Step

SHRINK = 30.0
"""A series' own errors count as much as the panel's once it has so many of them."""
SLOW, QUICK = 4.0, 12.0
"""How sharply the better member is preferred. By month and week origins are few, and chance is
large: there the members stay near to equal."""
AGED = 0.6
"""What an origin counts against the one after it: what was best of late is best next."""
LEAST = 0.02
"""A smaller weight is none."""
MOST = 10.0
WEEKLY: Mapping[str, float] = MappingProxyType({"trees": 1.3})
"""Members' errors are taken for so many times larger than they were: trees learn a year's weeks by
heart, and that shows only when the next year differs."""


@dataclass(frozen=True)
class Taste:
    """power: how sharply the better member is preferred; doubts: name -> what its errors are
    multiplied by; apart: whether an origin's own errors stay out of its weights; but: an origin of
    the past that does not count, None for none."""

    power: float = QUICK
    doubts: Mapping[str, float] = field(default_factory=dict)
    apart: bool = False
    but: int | None = None


def taste_of(step: Step) -> Taste:
    """What suits series of this step."""
    # By day an origin tells of so many values that weights hardly know its chance, and without it
    # they know less.
    slow = step in (Step.MONTH, Step.WEEK)
    return Taste(SLOW if slow else QUICK, WEEKLY if step is Step.WEEK else {}, slow)


PLAIN = Taste()


def weights(trials: Trials, scale: Floats, taste: Taste = PLAIN) -> Floats:
    """(members, n): positive, summing to one for each series; equal where nothing was tried."""
    paths = list(trials.members.values())
    equal = np.full((len(paths), paths[0].shape[1]), 1 / len(paths))
    share = np.power(AGED, np.arange(len(trials.truth)), dtype=np.float64)
    if taste.but is not None:
        share[taste.but] = 0.0
    errors = np.stack([_error(path[1:], trials.truth, scale, share) for path in paths])
    fine = np.isfinite(errors).all(axis=0)
    if not fine.any():
        return equal
    count = np.isfinite(trials.truth[share > 0]).sum(axis=(0, 2))
    whole = np.minimum(errors[:, fine], MOST).mean(axis=1)[:, None]
    own = np.where(fine, errors, whole)
    trust = (count / (count + SHRINK))[None, :]
    mixed = np.exp(trust * np.log(_against_best(own)) + (1 - trust) * np.log(_against_best(whole)))
    doubt = np.array([taste.doubts.get(name, 1.0) for name in trials.members])[:, None]
    weight = (_against_best(mixed) * doubt) ** -taste.power
    weight /= weight.sum(axis=0, keepdims=True)
    weight[weight < LEAST] = 0.0
    found: Floats = weight / weight.sum(axis=0, keepdims=True)
    return found


def _against_best(errors: Floats) -> Floats:
    """Each member's error over the least of its column."""
    floored = np.maximum(errors, 1e-9)
    found: Floats = floored / floored.min(axis=0, keepdims=True)
    return found


def _error(path: Floats, truth: Floats, scale: Floats, share: Floats) -> Floats:
    """(n,): the mean absolute error over all origins and steps, in units of the scale."""
    off = np.abs(path - truth)
    counts = np.isfinite(off) * share[:, None, None]
    count = counts.sum(axis=(0, 2))
    total = np.where(counts > 0, off * share[:, None, None], 0.0).sum(axis=(0, 2))
    return np.where(count > 0, total / np.where(count > 0, count, 1.0) / scale, np.nan)


def combined(trials: Trials, weight: Floats) -> Floats:
    """(origins, n, horizon): the weighted mean of the members."""
    total: Floats = np.zeros_like(next(iter(trials.members.values())))
    for row, path in zip(weight, trials.members.values(), strict=True):
        total += row[None, :, None] * path
    return total


def honest(trials: Trials, scale: Floats, taste: Taste) -> Floats:
    """(origins, n, horizon): the combination from now, and of each origin of the past. Where the
    taste sets them apart, that is by the weights which the other origins tell, so that residuals
    are those of a combination that did not know them."""
    found = combined(trials, weights(trials, scale, taste))
    for origin in range(len(trials.truth) if taste.apart else 0):
        weight = weights(trials, scale, replace(taste, but=origin))
        paths = [path[1 + origin] for path in trials.members.values()]
        found[1 + origin] = np.einsum("mn,mnh->nh", weight, np.stack(paths))
    return found
