"""The documents are held to the code."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from agent.anomalies import judged
from agent.anomalies.handling import HANDLED_DAYS, STAYS
from agent.forecasting import calendar
from agent.forecasting.history import NEED
from agent.forecasting.series import Step
from agent.quality import CHECKS
from agent.records import events
from agent.resilience import POLICIES
from agent.scheduling import JOBS
from agent.settings import SETTINGS
from agent.sources.connectors import CONNECTORS, connector
from agent.sources.http.parsing import RECIPES
from agent.sources.shopify import agreement, bulk, hooks, identity, orders
from commands.docs import pages
from commands.line import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _anchors(page: str) -> set[str]:
    """The names that headings of a page are linked by."""
    titles = re.findall(r"^#+ (.+)$", page, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", pages())
def test_reference_pages_are_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name], "run: make docs"


def test_readme_names_every_setting_and_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [row.name for row in SETTINGS if f"`{row.name}`" not in readme]
    missing += [command for command in COMMANDS if f"`{command}" not in readme]
    assert missing == []


def test_the_architecture_names_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = [p.name for top in ("agent", "dashboard") for p in (ROOT / top).iterdir() if p.is_dir()]
    assert [room for room in rooms if not room.startswith("_") and f"{room}/" not in page] == []


def test_the_changelog_has_the_version() -> None:
    version = next(
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text().splitlines()
        if line.startswith("version")
    )
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        there = page.parent / path if path else page
        if not there.exists():
            wrong.append(path)
        elif anchor and anchor not in _anchors(there.read_text(encoding="utf-8")):
            wrong.append(f"{path}#{anchor}")
    assert wrong == []


def test_decisions_are_numbered_one_by_one() -> None:
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(path.name[:3]) for path in found]
    assert all(later == former + 1 for former, later in pairwise(numbers))
    titles = [path.read_text(encoding="utf-8").split(".")[0] for path in found]
    assert titles == [f"# {number}" for number in numbers]


def test_the_sources_page_names_every_kind_scope_topic_and_reason() -> None:
    page = _page("docs/sources.md")
    names = [*CONNECTORS, *RECIPES, *identity.NEEDED, identity.ALL_ORDERS, *hooks.TOPICS]
    assert [name for name in (*names, *hooks.PRIVACY) if f"`{name}`" not in page] == []
    reasons = (agreement.WINDOW, agreement.GIFT_CARD, agreement.REFUND, agreement.LATE)
    assert [one for one in (*reasons, agreement.UNKNOWN) if f"\n| {one} |" not in page] == []


def test_the_sources_page_has_the_figures_of_the_code() -> None:
    page = " ".join(_page("docs/sources.md").split())
    said = (
        f"Bulk exports of {orders.DAYS} days each",
        f"of more than {bulk.MOST_LINES:,} lines",
        f"the {orders.OVERLAP.seconds // 60} minutes before it",
        f"once a day the {orders.NIGHTLY.days} days",
        f"Up to {orders.FEW:,} orders",
        f"older than {orders.VISIBLE_DAYS} days",
        f"at most the last {agreement.DAYS}",
    )
    assert [words for words in said if words not in page] == []


def test_the_operations_page_names_every_job_with_its_times() -> None:
    page = _page("docs/operations.md")
    missing = [name for name in JOBS if f"`{name}`" not in page]
    timed = [(name, JOBS[name].cron) for name in JOBS if JOBS[name].cron]
    assert missing + [row for row in timed if f"| `{row[0]}` | `{row[1]}` |" not in page] == []
    crons = {kind: connector(kind).cron for kind in CONNECTORS}
    assert crons == {
        "shopify": "*/15 * * * *",
        "postgres": "*/15 * * * *",
        "http": "40 */3 * * *",
        "folder": "*/5 * * * *",
        "redis": "* * * * *",
    }, "then docs/sources.md says other times, too"


def test_the_operations_page_names_every_policy_and_check() -> None:
    page = _page("docs/operations.md")
    rows = [
        f"| `{kind}` | {policy.pace} | {policy.failures} | {policy.pause:g} s | {policy.tries} |"
        f" {policy.deadline:g} s |"
        for kind, policy in POLICIES.items()
    ]
    assert [row for row in rows if row not in page] == []
    assert [rule.label for rule in CHECKS if f"\n| {rule.label} |" not in page] == []


def test_the_judgement_page_has_the_figures_and_kinds_of_the_code() -> None:
    page = " ".join(_page("docs/judgement.md").split())
    steps = [step for step in Step if step is not Step.NUMBER]
    said = [f"| {step.value} | {NEED[step]} |" for step in steps]
    said.append(f"after {STAYS['critical']} days where it is critical or a warning,")
    said.append(f"after {STAYS['notice']} otherwise; what was handled stays in sight")
    said.append(f"for {HANDLED_DAYS} days")
    said += [f"| {', '.join(kinds)} |" for kinds in (calendar.EVENTS, calendar.UNPLANNED)]
    assert [words for words in said if words not in page] == []
    kinds = {*filter(None, judged.KINDS), "together"}
    rows = re.findall(r"^\| ([a-z, ]+) \|", _page("docs/judgement.md"), re.M)
    named = {name for row in rows for name in row.split(", ")}
    assert {*kinds, *events.KINDS} - named == set()
