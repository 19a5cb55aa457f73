"""The table of formats: each can be loaded, named, told apart, and is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadFile
from agent.sources.registry import SOURCES, by_columns, source_for
from tests.agent.sources.test_guessing import HEADERS

FORMATS = Path(__file__).resolve().parents[3] / "docs" / "formats.md"


@pytest.mark.parametrize("name", SOURCES)
def test_every_format_has_its_name_its_columns_and_its_row_in_the_docs(name: str) -> None:
    source = source_for(name)
    assert source.name == name
    assert by_columns(tuple(HEADERS[name].split(","))) is source
    assert f"| `{name}` |" in FORMATS.read_text()


@pytest.mark.parametrize(
    "header",
    [
        "order,date,total",
        "date,channel,amount",
        "Order ID,Date,Source,Amount,Quantity",
        "date,cost",
        "name,value",
    ],
)
def test_what_may_be_anything_is_taken_for_nothing(header: str) -> None:
    with pytest.raises(BadFile, match="those of no format"):
        by_columns(tuple(header.split(",")))
