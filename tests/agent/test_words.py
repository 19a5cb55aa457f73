"""The language spoken: within a block, back afterwards, English where nobody translated."""

from __future__ import annotations

import threading

from agent import words
from agent.words import n, t


def test_english_is_spoken_where_nobody_chose() -> None:
    assert words.locale() == "en_US"
    assert t("Net sales") == "Net sales"
    assert t("Drop {filter}", filter="Tea") == "Drop Tea"


def test_a_block_speaks_its_language_and_gives_the_former_back() -> None:
    with words.speaking("de_DE"):
        assert (words.locale(), words.tag()) == ("de_DE", "de-DE")
        assert t("Net sales") == "Nettoumsatz"
        assert t("Drop {filter}", filter="Tee") == "Tee weglassen"
        with words.speaking("en_US"):
            assert t("Net sales") == "Net sales"
        assert t("Net sales") == "Nettoumsatz"
    assert t("Net sales") == "Net sales"


def test_what_nobody_translated_is_said_in_english() -> None:
    with words.speaking("de_DE"):
        assert t("A text that is in no catalogue {x}", x=1) == "A text that is in no catalogue 1"
        assert n("{count} cup", "{count} cups", 2, count=2) == "2 cups"


def test_an_unknown_locale_is_english_and_one_without_a_file_has_its_numbers_only() -> None:
    with words.speaking("nonsense"):
        assert words.locale() == "en_US"
    with words.speaking("fr_FR"):
        assert (words.locale(), t("Net sales")) == ("fr_FR", "Net sales")


def test_a_count_takes_its_form() -> None:
    forms = ("{count} other channel", "{count} other channels")
    assert n(*forms, 1, count=1) == "1 other channel"
    assert n(*forms, 0, count=0) == "0 other channels"
    with words.speaking("de_DE"):
        assert n(*forms, 1, count=1) == "1 anderer Kanal"
        assert n(*forms, 3, count=3) == "3 andere Kanäle"


def test_another_thread_speaks_for_itself() -> None:
    heard: list[str] = []
    with words.speaking("de_DE"):
        thread = threading.Thread(target=lambda: heard.append(t("Net sales")))
        thread.start()
        thread.join()
    assert heard == ["Net sales"]


def test_a_label_in_a_sentence_is_small_in_english_only() -> None:
    assert words.inner("Net sales") == "net sales"
    with words.speaking("de_DE"):
        assert words.inner("Nettoumsatz") == "Nettoumsatz"


def test_a_text_in_a_named_language_needs_no_block() -> None:
    assert words.said("de_DE", "Orders") == "Bestellungen"
    assert words.said("en_US", "Orders") == "Orders"


def test_languages_have_their_own_names() -> None:
    assert words.languages() == ("en_US", "de_DE")
    assert [words.language_name(one) for one in words.languages()] == ["English", "Deutsch"]


def test_the_scripts_get_their_own_texts_and_no_others() -> None:
    assert words.told_in("assets/") == {}
    with words.speaking("de_DE"):
        told = words.told_in("assets/")
    assert told["Undo"] == "Rückgängig"
    assert "You are signed out." not in told


def test_an_abbreviation_at_the_end_brings_the_full_stop_along() -> None:
    assert t("Since {day}.", day="1. Nov.") == "Since 1. Nov."
    assert t("Since {day}.", day="1 Nov") == "Since 1 Nov."
    assert t("Left out: {name}..", name="a") == "Left out: a.."


def test_figures_in_a_text_are_those_of_the_locale() -> None:
    assert t("{count:,} of {usual:,.2f}", count=1234, usual=1234.5) == "1,234 of 1,234.50"
    with words.speaking("de_DE"):
        assert t("{count:,} of {usual:,.2f}", count=1234, usual=1234.5) == "1.234 of 1.234,50"
        assert n("{count:,} x {name!r}", "{count:,} xs", 1, count=1000, name="a") == "1.000 x 'a'"
