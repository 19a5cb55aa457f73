from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest

from agent.secrets.kept import RETIRED, Held, Shelf

VALUE = "p@ss w/rd'\"\\é"


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    made.put("A", Held(VALUE, "one", 1.0))
    return made


def test_memory_holds_a_value_encrypted_under_a_key_of_its_own(shelf: Shelf) -> None:
    kept = repr(vars(shelf)).encode() + b"".join(row[0] for row in shelf._kept.values())
    assert VALUE.encode() not in kept
    other = Shelf()
    other._kept.update(shelf._kept)
    with pytest.raises(Exception):  # noqa: B017  # cryptography's InvalidTag
        other.get("A")
    assert shelf.get("A") == Held(VALUE, "one", 1.0)


def test_a_value_is_masked_however_it_is_written(shelf: Shelf) -> None:
    for text in (VALUE, quote_plus(VALUE), json.dumps(VALUE), repr(VALUE), str({"a": [VALUE]})):
        assert VALUE not in shelf.masked(f"before {text} after")
        assert "•••" in shelf.masked(f"before {text} after")
        assert "rd" not in shelf.masked(text)
    assert shelf.masked("nothing of it") == "nothing of it"


def test_what_is_short_is_left_alone(shelf: Shelf) -> None:
    shelf.put("B", Held("abc", "one", 1.0))
    assert shelf.masked("abcdef") == "abcdef"
    shelf.put("C", Held("abcdef", "one", 1.0))
    assert shelf.masked("abcdef") == "•••"


def test_a_value_within_another_leaves_nothing_of_it(shelf: Shelf) -> None:
    shelf.put("B", Held("abcdef", "one", 1.0))
    shelf.put("C", Held("abcdefghij", "one", 1.0))
    assert shelf.masked("x abcdefghij y abcdef") == "x ••• y •••"


def test_each_line_of_a_value_with_lines_is_masked(shelf: Shelf) -> None:
    shelf.put("KEY", Held("-----BEGIN KEY-----\nMIIEvQIBADANBg\nab\n", "one", 1.0))
    assert shelf.masked("a MIIEvQIBADANBg b") == "a ••• b"
    assert shelf.masked("slab") == "slab", "a short line is not looked for"


def test_what_was_replaced_or_dropped_is_masked_still_and_within_bounds(shelf: Shelf) -> None:
    shelf.put("A", Held("the newer value", "one", 2.0))
    assert shelf.masked(f"{VALUE} the newer value") == "••• •••"
    shelf.drop("A")
    shelf.cover("typed and not kept")
    assert shelf.masked(f"{VALUE} the newer value typed and not kept") == "••• ••• •••"
    for number in range(RETIRED):
        shelf.cover(f"another {number}")
    assert shelf.masked("the newer value") == "the newer value"
    shelf.clear()
    assert shelf.masked("another 1") == "another 1"


def test_the_oldest_of_a_provider(shelf: Shelf) -> None:
    shelf.put("B", Held("b", "one", 5.0))
    shelf.put("C", Held("c", "two", 0.5))
    assert (shelf.oldest("one"), shelf.oldest("two"), shelf.oldest("three")) == (1.0, 0.5, None)
