from __future__ import annotations

import numpy as np

from agent.anomalies.judging import judge
from agent.anomalies.together import together
from tests.agent.anomalies.panels import panel, sales


def test_an_odd_mixture_is_named_once_and_by_what_leads() -> None:
    rng = np.random.default_rng(0)
    common = np.exp(0.03 * rng.standard_normal(260))
    values = sales(4, 260, noise=0.02) * common[None, :]
    values[0, 240:242] *= 0.2
    values[1, 240:242] *= 2.5
    values[2, 240:242] *= 0.3
    judged = judge(panel(values), together=False)
    found = together(values, judged, seed=1)
    assert found.is_anomaly[240:242].sum() == 1
    assert found.score[240:242].max() == found.score[200:].max()
    assert found.is_anomaly[200:].sum() <= 3
    assert found.leading[240] in (0, 1, 2)
    again = together(values, judged, seed=1)
    np.testing.assert_array_equal(found.score, again.score)
    assert found.score[:60].max() == 0


def test_one_metric_is_never_odd_together() -> None:
    values = sales(1, 150)
    assert not together(values, judge(panel(values))).is_anomaly.any()
