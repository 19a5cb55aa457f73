"""Every text of the screen is in every catalogue, with the same values to fill in."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from agent.words import FOLDER
from commands import words
from commands.line import main

CATALOGUES = sorted(FOLDER.glob("*.po"))


def texts(of: object) -> tuple[str, ...]:
    return tuple(of) if isinstance(of, tuple | list) else (str(of),)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def wrong(message: Message) -> bool:
    """Whether a form has other values than its source: the last one stands for further plurals."""
    wanted = texts(message.id)
    pairs = enumerate(texts(message.string))
    return any(
        said and fields(said) != fields(wanted[min(i, len(wanted) - 1)]) for i, said in pairs
    )


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_nothing_is_untranslated_and_nothing_is_left_over(path: Path) -> None:
    catalogue = words.brought_up(path, words.gathered())
    missing = [m.id for m in catalogue if m.id and not words.is_said(m.string)]
    assert missing == [], "run `make words` and translate them"
    with path.open("rb") as file:
        kept = {str(m.id) for m in read_po(file, locale=path.stem) if m.id}
    assert kept - {str(m.id) for m in catalogue if m.id} == set(), "run `make words`"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_has_the_values_of_its_source(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    assert [m.id for m in catalogue if m.id and wrong(m)] == []


def test_texts_are_gathered_from_code_scripts_templates_and_tables() -> None:
    texts = {str(message.id) for message in words.gathered() if message.id}
    told = ("Skip to content", "Undo", "Sign in and go on", "Net sales", "product types")
    assert set(told) <= texts


def test_gathering_keeps_what_is_translated_and_drops_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "de_DE.po"
    shutil.copy(FOLDER / "de_DE.po", path)
    with path.open("a") as file:
        file.write('\n#: gone.py\nmsgid "A text of old"\nmsgstr "Ein alter Text"\n')
    assert main(["words", str(tmp_path)]) == 0
    written = path.read_text()
    assert "A text of old" not in written
    assert re.search(r'msgid "Net sales"\nmsgstr "Nettoumsatz"', written)
    assert main(["words", str(tmp_path)]) == 0
    assert path.read_text() == written, "the second time changes nothing"
