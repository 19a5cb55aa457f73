"""The documents are held to the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import SETTINGS
from commands.docs import pages
from commands.line import COMMANDS

ROOT = Path(__file__).resolve().parents[1]


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
