"""Saved views and where people start, on both databases."""

from __future__ import annotations

import pytest

from agent.errors import NotFound, Refused
from agent.records import Records, Role
from agent.records.users import User
from tests.clock import START, FrozenClock


@pytest.fixture
def ana(records: Records) -> User:
    return records.users.add("ana@example.com", "Ana", Role.ANALYST)


@pytest.fixture
def bo(records: Records) -> User:
    return records.users.add("bo@example.com", "Bo", Role.VIEWER)


def test_ones_own_and_the_shared_ones(records: Records, ana: User, bo: User) -> None:
    mine = records.views.save(ana.user_id, " Top  of Germany ", "/explore", "?country=DE")
    assert (mine.name, mine.address) == ("Top of Germany", "/explore?country=DE")
    assert (mine.owner, mine.shared, mine.created_at) == (ana.user_id, False, START)
    ours = records.views.save(ana.user_id, "All of it", "/", shared=True)
    assert ours.address == "/"
    assert records.views.all_for(ana.user_id) == (ours, mine)
    assert records.views.all_for(bo.user_id) == (ours,)
    assert records.views.get(mine.view_id) == mine


def test_saving_again_moves_the_view(records: Records, ana: User, bo: User) -> None:
    first = records.views.save(ana.user_id, "Germany", "/explore", "country=DE")
    again = records.views.save(ana.user_id, "Germany", "/explore", "country=DE&by=product")
    assert again.view_id == first.view_id
    assert records.views.all_for(ana.user_id) == (again,)
    assert records.views.save(bo.user_id, "Germany", "/").view_id != first.view_id


def test_only_the_owner_renames_and_removes(records: Records, ana: User, bo: User) -> None:
    view = records.views.save(ana.user_id, "Germany", "/", shared=True)
    for deed in (
        lambda: records.views.rename(view.view_id, "Mine", bo.user_id),
        lambda: records.views.share(view.view_id, False, bo.user_id),
        lambda: records.views.remove(view.view_id, bo.user_id),
    ):
        with pytest.raises(NotFound, match="somebody else's"):
            deed()
    assert records.views.rename(view.view_id, "DE", ana.user_id).name == "DE"
    records.views.save(ana.user_id, "France", "/")
    with pytest.raises(Refused, match="already"):
        records.views.rename(view.view_id, "France", ana.user_id)
    assert records.views.remove(view.view_id).name == "DE", "an administrator names no owner"
    with pytest.raises(NotFound):
        records.views.get(view.view_id)


def test_a_start_view_ends_with_its_view(records: Records, ana: User, bo: User) -> None:
    view = records.views.save(ana.user_id, "Germany", "/", shared=True)
    for person in (ana, bo):
        records.users.set_start_view(person.user_id, view.view_id)
        assert records.users.get(person.user_id).start_view == view.view_id
    records.views.share(view.view_id, False, ana.user_id)
    assert records.users.get(bo.user_id).start_view is None, "it is not his to see any more"
    assert records.users.get(ana.user_id).start_view == view.view_id
    with pytest.raises(NotFound):
        records.users.set_start_view(bo.user_id, view.view_id)
    records.views.remove(view.view_id)
    assert records.users.get(ana.user_id).start_view is None


def test_saving_again_unshared_ends_others_start(records: Records, ana: User, bo: User) -> None:
    view = records.views.save(ana.user_id, "Germany", "/", shared=True)
    records.users.set_start_view(bo.user_id, view.view_id)
    records.views.save(ana.user_id, "Germany", "/", shared=False)
    assert records.users.get(bo.user_id).start_view is None


def test_taste_signs_nobody_out(records: Records, ana: User, clock: FrozenClock) -> None:
    clock.advance(hours=1)
    records.users.set_language(ana.user_id, "de_DE")
    view = records.views.save(ana.user_id, "Germany", "/")
    records.users.set_start_view(ana.user_id, view.view_id)
    found = records.users.get(ana.user_id)
    assert (found.language, found.changed_at) == ("de_DE", ana.changed_at)
    records.users.set_language(ana.user_id, None)
    records.users.set_start_view(ana.user_id, None)
    assert records.users.get(ana.user_id) == ana
    for wish in (records.users.set_language, records.users.set_start_view):
        with pytest.raises(NotFound):
            wish("nobody", None)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("//evil.example", ""),
        ("https://evil.example", ""),
        ("/\\evil.example", ""),
        ("/explore?x", ""),
        ("explore", ""),
        ("/explore", "a=\nb"),
        ("/explore", "x" * 33_000),
    ],
)
def test_a_view_stays_on_this_site(records: Records, ana: User, path: str, query: str) -> None:
    with pytest.raises(Refused, match="address"):
        records.views.save(ana.user_id, "Bad", path, query)
    assert records.views.all_for(ana.user_id) == ()


def test_a_view_needs_a_name_and_somebody(records: Records, ana: User) -> None:
    for name in ("", " ", "x" * 101):
        with pytest.raises(Refused, match="name"):
            records.views.save(ana.user_id, name, "/")
    with pytest.raises(NotFound, match="user"):
        records.views.save("nobody", "Mine", "/")
