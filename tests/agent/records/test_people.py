"""Users, passwords, links and tokens."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Literal

import pytest
import sqlalchemy as sa
from argon2 import Parameters, PasswordHasher, Type, extract_parameters
from argon2.exceptions import VerifyMismatchError

from agent.errors import NotFound, Refused
from agent.records import Records, Role
from agent.records.passwords import Passwords
from agent.records.schema import LINKS, SIGN_IN_FAILURES, TOKENS, USERS
from agent.records.users import Users
from tests.clock import FrozenClock

GOOD = "a long sentence"


def test_roles_include_the_ones_below() -> None:
    assert Role.VIEWER < Role.ANALYST < Role.ADMIN
    assert [role.allows(Role.ANALYST) for role in Role] == [False, True, True]
    assert Role.parse(" Admin ") is Role.ADMIN
    with pytest.raises(Refused, match="viewer, analyst, admin"):
        Role.parse("owner")


def test_a_user_is_found_by_any_writing_of_the_address(records: Records) -> None:
    ana = records.users.add(" Ana@Example.COM ", "  Ana   Lima ", Role.ADMIN)
    assert (ana.email, ana.name, ana.has_password) == ("ana@example.com", "Ana Lima", False)
    assert records.users.by_email("ANA@example.com") == ana == records.users.get(ana.user_id)
    assert records.users.by_email("bo@example.com") is None
    with pytest.raises(Refused, match=r"already a user ana@example\.com"):
        records.users.add("ana@EXAMPLE.com", "Other", Role.VIEWER)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "ana@example",
        "a b@example.com",
        "a@b@c.com",
        "a@b..com",
        "ana@example.com\nBcc: x@y.com",
        "ana@example.com,bo@example.com",
        "a" * 250 + "@x.com",
    ],
)
def test_what_is_no_address_is_refused(records: Records, email: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address"):
        records.users.add(email, "Ana", Role.VIEWER)
    assert records.users.all() == ()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 10"),
        ("Ana.Lima@example.com", "cannot be the password"),
        ("ana.lima" + "a" * 993, "at most 1,000"),
    ],
)
def test_a_poor_password_is_refused(records: Records, password: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        records.users.add("ana.lima@example.com", "Ana", Role.VIEWER, password)
    assert records.users.count() == 0


def test_only_the_right_password_signs_in(records: Records) -> None:
    ana = records.users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    records.users.add("link@example.com", "Link only", Role.VIEWER)
    assert records.users.check_password("ANA@example.com", GOOD) == ana
    assert records.users.check_password("ana@example.com", GOOD + "!") is None
    assert records.users.check_password("link@example.com", GOOD) is None
    assert records.users.check_password("nobody@example.com", GOOD) is None


def test_disabled_people_stay_out_until_they_are_enabled(records: Records) -> None:
    ana = records.users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    link = records.links.create(ana.user_id)
    records.users.disable(ana.user_id)
    assert records.users.check_password("ana@example.com", GOOD) is None
    assert records.links.use(link) is None
    assert (records.users.count(), len(records.users.all())) == (0, 1)
    records.users.enable(ana.user_id)
    assert records.users.check_password("ana@example.com", GOOD) is not None
    assert records.links.use(link) is None


def test_changes_move_the_time_that_old_cookies_are_measured_by(
    records: Records, clock: FrozenClock
) -> None:
    ana = records.users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    clock.advance(minutes=5)
    records.users.set_role(ana.user_id, Role.ANALYST)
    changed = records.users.get(ana.user_id)
    assert (changed.role, changed.created_at) == (Role.ANALYST, ana.created_at)
    assert (changed.changed_at - ana.changed_at).total_seconds() == 300
    records.users.set_password(ana.user_id, "another sentence")
    assert records.users.check_password("ana@example.com", GOOD) is None
    with pytest.raises(NotFound):
        records.users.set_role("nobody", Role.ADMIN)


def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(records: Records) -> None:
    records.users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=128, parallelism=1))
    users: Users = replace(records.users, passwords=dearer)
    assert users.check_password("ana@example.com", GOOD) is not None
    with records.store.read() as connection:
        stored = connection.scalar(sa.select(USERS.c.password_hash))
    assert "m=128,t=2,p=1" in str(stored)
    assert users.check_password("ana@example.com", GOOD) is not None


def test_an_unknown_address_takes_as_long_as_a_wrong_password(
    records: Records,
) -> None:
    """The time is the hash's: for either one is worked out to its end, at the same cost."""
    hasher = Noting(time_cost=2, memory_cost=128, parallelism=1)
    users: Users = replace(records.users, passwords=Passwords(hasher))
    users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    assert users.check_password("ana@example.com", "not the sentence") is None
    (known,) = hasher.done
    assert (known.time_cost, known.memory_cost, known.parallelism) == (2, 128, 1)
    assert users.check_password("nobody@example.com", "not the sentence") is None
    assert hasher.done == [known, known]


def test_a_hash_costs_what_is_recommended() -> None:
    """RFC 9106, the second of its choices: 64 MB, three times over, four lanes."""
    cost = extract_parameters(Passwords().hash(GOOD))
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) == (65_536, 3, 4)
    assert cost.type is Type.ID


class Noting(PasswordHasher):
    """Remembers the cost of every hash that it worked out to the end to compare a password."""

    def __init__(self, **cost: int) -> None:
        super().__init__(**cost)
        self.done: list[Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        try:
            return super().verify(hash, password)
        except VerifyMismatchError:
            self.done.append(extract_parameters(str(hash)))
            raise


def test_five_wrong_passwords_wait(records: Records, clock: FrozenClock) -> None:
    records.users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    for _ in range(5):
        assert records.users.check_password("ana@example.com", "not the sentence") is None
        clock.advance(minutes=1)
    with pytest.raises(Refused, match="Try again in 10 minutes"):
        records.users.check_password("Ana@example.com", GOOD)
    assert records.users.check_password("bo@example.com", GOOD) is None
    clock.advance(minutes=10)
    assert records.users.check_password("ana@example.com", GOOD) is not None


def test_success_clears_the_count(records: Records) -> None:
    records.users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    for _ in range(3):
        for _ in range(4):
            assert records.users.check_password("ana@example.com", "not the sentence") is None
        assert records.users.check_password("ana@example.com", GOOD) is not None


def test_an_unknown_address_waits_like_a_known_one_and_is_not_kept(records: Records) -> None:
    for _ in range(5):
        assert records.users.check_password("my secret word", "x") is None
    with pytest.raises(Refused, match="15 minutes"):
        records.users.check_password("my secret word", "x")
    with records.store.read() as connection:
        kept = str(connection.execute(sa.select(SIGN_IN_FAILURES)).all())
    assert "secret" not in kept


def test_guesses_at_the_same_moment_are_counted_too(records: Records) -> None:
    def guess(number: int) -> str:
        try:
            records.users.check_password("ana@example.com", f"guess number {number}")
        except Refused:
            return "refused"
        return "wrong"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(guess, range(8)))
    assert answers == ["refused"] * 3 + ["wrong"] * 5


def test_of_eight_users_of_one_link_exactly_one_gets_in(records: Records) -> None:
    ana = records.users.add("ana@example.com", "Ana", Role.VIEWER)
    token, gate = records.links.create(ana.user_id), Barrier(8)

    def use(_: int) -> bool:
        gate.wait()
        return records.links.use(token) == ana

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1
    assert records.links.use(token) is None


def test_a_link_ends_in_time(records: Records, clock: FrozenClock) -> None:
    ana = records.users.add("ana@example.com", "Ana", Role.VIEWER)
    short, long = records.links.create(ana.user_id, 5), records.links.create(ana.user_id)
    clock.advance(minutes=5)
    assert records.links.use(short) is None
    assert records.links.use("made up") is None
    assert records.prune()["links"] == 1
    assert records.links.use(long) == ana
    with pytest.raises(NotFound):
        records.links.create("nobody")


def test_tokens(records: Records, clock: FrozenClock) -> None:
    text = records.tokens.create(" nightly  export ", Role.ANALYST)
    assert text.startswith("ra_")
    assert len(text) == 46
    token = records.tokens.check(text)
    assert token is not None
    assert (token.name, token.role, token.last_used_at) == ("nightly export", Role.ANALYST, None)
    with pytest.raises(Refused, match="already a token"):
        records.tokens.create("nightly export", Role.VIEWER)
    (seen,) = records.tokens.all()
    assert seen.last_used_at == clock.now()
    records.tokens.revoke(token.token_id)
    assert records.tokens.check(text) is None
    assert records.tokens.check(text[:-1]) is None
    assert records.tokens.check("ra_") is None
    with pytest.raises(NotFound):
        records.tokens.revoke(token.token_id)
    assert records.tokens.create("nightly export", Role.VIEWER) != text


def test_nothing_secret_is_stored_or_logged(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ana = records.users.add("ana@example.com", "Ana", Role.VIEWER, GOOD)
    link = records.links.create(ana.user_id)
    token = records.tokens.create("export", Role.VIEWER)
    with records.store.read() as connection:
        stored = "".join(
            str(connection.execute(sa.select(table)).all()) for table in (USERS, LINKS, TOKENS)
        )
    records.links.use(link)
    records.users.check_password("ana@example.com", GOOD)
    for secret in (GOOD, link, token, token[3:]):
        assert secret not in stored
        assert secret not in caplog.text
