"""States of a section whose figures are not whole: what is said, and what can be done."""

from __future__ import annotations

from dashboard import components as parts
from tests.dashboard.test_components import of_class, tags, text


def test_a_partial_value_is_a_dash_with_what_is_missing_since_when() -> None:
    section = parts.partial("ad costs", "07:12", "$32.05")
    assert text(of_class(section, "value")) == "–"
    assert "No ad costs since 07:12" in text(section)
    (known,) = tags(section, "Details")
    assert text(known) == "Show last known$32.05"
    assert not getattr(known, "open", None), "one click away, not in sight"


def test_a_partial_value_that_was_never_known_has_no_last_one() -> None:
    section = parts.partial("sessions")
    assert text(section) == "–No sessions yet"
    assert tags(section, "Details") == []


def test_no_access_names_the_role_and_who_can_give_it() -> None:
    said = text(parts.no_access("customer names", "analyst"))
    assert "No access to customer names" in said
    assert "This needs the role analyst. An administrator can change your role." in said
    assert "Mara can change" in text(parts.no_access("costs", "admin", "Mara"))


def test_a_stale_note_says_source_time_effect_and_next_try() -> None:
    note = parts.stale("Ad costs", "07:12", "Acquisition cost is hidden.", "07:45")
    said = "Ad costs stopped arriving at 07:12. Acquisition cost is hidden. Next try 07:45."
    assert text(note) == said
    assert tags(note, "Link") == []
    link = tags(
        parts.stale("Stock", "07:12", "Cover waits.", way=("See source", "/sources")), "Link"
    )
    assert [(text(one), one.href) for one in link] == [("See source", "/sources")]


def test_filters_that_fit_nothing_offer_the_nearest_way_out_first() -> None:
    section = parts.nothing_fits("/?a", ("Drop Country: Austria", "/?b"))
    assert [(text(a), a.href) for a in tags(section, "Link")] == [
        ("Drop Country: Austria", "/?b"),
        ("Clear filters", "/?a"),
    ]
    assert [a.href for a in tags(parts.nothing_fits("/?a"), "Link")] == ["/?a"]


def test_labels_of_key_figures_are_real_while_they_load() -> None:
    bones = parts.skeleton("kpis", "Net sales", "Orders")
    assert [text(label) for label in of_class(bones, "label")] == ["Net sales", "Orders"]
    assert len(of_class(bones, "kpi")) == 2
    assert len(of_class(parts.skeleton("kpis"), "kpi")) == 6
