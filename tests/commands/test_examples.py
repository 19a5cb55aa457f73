"""The examples of docs/judgement.md and README.md run as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.commands.conftest import FOR_GIFTS, Run

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "judgement.md").read_text(encoding="utf-8")


EXAMPLE = re.compile(r"^python app.py (.* docs/examples/.*)$", re.M)


def fenced(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.M | re.S)


def named(command: str) -> set[str]:
    """The columns that the table under a command's heading says come out."""
    section = PAGE.partition(f"\n### {command}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (`.*?) \|", section.partition("| out |")[2], re.M)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.fixture
def written(run: Run, tmp_path: Path) -> Path:
    """A folder in which all commands of the page were run."""
    shutil.copytree(DOCS / "examples", tmp_path / "docs" / "examples")
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    examples = [*EXAMPLE.findall(readme), *EXAMPLE.findall(PAGE)]
    assert len(examples) == 6
    for line in examples:
        done = run(*shlex.split(line))
        assert done.code == 0, done.err
    return tmp_path


def test_the_commands_write_what_the_page_says(written: Path) -> None:
    ahead = pd.read_csv(written / "forecast.csv")
    assert set(ahead.columns) == named("forecast")
    assert len(ahead) == 2 * 14
    found = pd.read_csv(written / "findings.csv")
    assert set(found.columns) == named("anomalies")
    told = found[found.is_anomaly]
    assert told[["series_id", "ds", "kind"]].to_numpy().tolist() == [
        ["Germany", "2026-10-14", "drop"]
    ]
    why = json.loads((written / "why.json").read_text())
    (shown,) = (json.loads(block) for block in fenced("json"))
    assert [{key: one[key] for key in shown} for one in why["segments"]] == [shown]


def test_the_events_can_be_imported(run: Run, gifts: Path, tmp_path: Path) -> None:
    assert run("import", str(gifts), "--format", "online-retail", *FOR_GIFTS).code == 0
    (block,) = fenced("csv")
    (tmp_path / "events.csv").write_text(block)
    done = run("import", "events.csv", "--format", "events", "--shop", "Gift Shop")
    assert done.code == 0, done.err
    assert "3" in done.out
    assert "rejected" not in done.err
