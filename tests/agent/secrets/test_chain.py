from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agent.errors import Failure, NotConfigured, Refused, Unavailable
from agent.records import Records
from agent.secrets import Pace, Seals, Secrets
from agent.secrets.references import Name
from agent.secrets.typed import Typed
from tests.agent.secrets.conftest import Seconds

KEY = "k" * 40
OTHER = "o" * 40
TOKEN = "shpat_planted_1"
NEWER = "shpat_planted_2"


class Place:
    """A provider whose answers a test sets: values by name, or a failure."""

    def __init__(self, name: str, **values: str) -> None:
        self.name, self.values, self.failure = name, dict(values), None
        self.asked: list[str] = []
        self.failure: Failure | None

    def find(self, name: Name) -> str | None:
        self.asked.append(str(name))
        if self.failure:
            raise self.failure
        return self.values.get(name.name)


class Bench:
    def __init__(self, records: Records, seconds: Seconds, *places: Place) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.told: list[str] = []
        self.pace = Pace(300, 3600, seconds, self.waiting.append, self.told.append)
        self.typed = Typed(records, Seals((KEY,), "secrets"))
        self.secrets = Secrets(places, self.typed, self.pace, own=("SECRET_KEY",))

    def work(self) -> None:
        while self.waiting:
            self.waiting.pop()()

    def standing(self, name: str) -> Any:
        return next(one for one in self.secrets.standings() if one.provider == name)


Made = Callable[..., Bench]


@pytest.fixture
def bench(records: Records, seconds: Seconds) -> Made:
    return lambda *places: Bench(records, seconds, *places)


def down() -> Unavailable:
    return Unavailable("Vault does not answer.")


def test_the_first_provider_that_has_it_is_the_last_one_asked(bench: Made) -> None:
    one, two, three = Place("one"), Place("two", TOKEN=TOKEN), Place("three", TOKEN=NEWER)
    made = bench(one, two, three)
    assert made.secrets.resolve("secret:TOKEN") == TOKEN
    assert (one.asked, two.asked, three.asked) == (["TOKEN"], ["TOKEN"], [])
    assert (made.standing("one").misses, made.standing("two").hits) == (1, 1)
    assert made.secrets.where("TOKEN") == "two"


def test_what_nobody_has_names_who_was_asked(bench: Made) -> None:
    secrets = bench(Place("one"), Place("two")).secrets
    with pytest.raises(NotConfigured, match="has the secret TOKEN; asked: one, two"):
        secrets.get("TOKEN")
    assert secrets.find("TOKEN") is None


@pytest.mark.parametrize(
    "reference", ["", "TOKEN", TOKEN, "secret:", "vault:TOKEN", "SECRET:TOKEN", "env:TOKEN"]
)
def test_what_is_no_reference_is_refused_and_not_repeated(bench: Made, reference: str) -> None:
    with pytest.raises(Refused, match="This names no secret") as refused:
        bench(Place("one", TOKEN=TOKEN)).secrets.resolve(reference)
    assert reference in ("", "secret:", "TOKEN") or reference not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["../etc/passwd", "/etc/passwd", "a b", "a\0b", "a/../b", "a#", "a#b#c", "x" * 101, "é"]
)
def test_what_cannot_be_a_name_is_refused(bench: Made, name: str) -> None:
    place = Place("one")
    made = bench(place)
    for ask in (made.secrets.get, lambda n: made.secrets.put(n, "v", "ana")):
        with pytest.raises(Refused, match="cannot be the name"):
            ask(name)
    assert place.asked == []


@pytest.mark.parametrize("name", ["SECRET_KEY", "secret_key", "SECRET_KEY_FILE", "SECRET_KEY#a"])
def test_the_programs_own_secrets_are_not_given_to_sources(bench: Made, name: str) -> None:
    with pytest.raises(Refused, match="belongs to the program itself"):
        bench(Place("one", SECRET_KEY=TOKEN)).secrets.resolve(f"secret:{name}")


def test_a_value_is_asked_for_once_while_it_is_fresh(bench: Made, seconds: Seconds) -> None:
    place = Place("one", TOKEN=TOKEN)
    made = bench(place)
    for _ in range(5):
        assert made.secrets.get("TOKEN") == TOKEN
    assert len(place.asked) == 1
    seconds.now += 299
    assert (made.standing("one").kept, made.standing("one").age) == (4, 299)


def test_near_its_end_a_value_is_read_anew_behind_the_back_of_who_asks(
    bench: Made, seconds: Seconds
) -> None:
    place = Place("one", TOKEN=TOKEN)
    made = bench(place)
    made.secrets.get("TOKEN")
    place.values["TOKEN"] = NEWER
    seconds.now += 250
    assert [made.secrets.get("TOKEN") for _ in range(3)] == [TOKEN] * 3
    assert len(made.waiting) == 1, "one refresh, however many ask"
    made.work()
    assert made.secrets.get("TOKEN") == NEWER
    assert len(place.asked) == 2
    seconds.now += 250
    made.secrets.get("TOKEN")
    assert len(made.waiting) == 1, "and another one next time"


def test_past_its_end_a_value_is_not_served(bench: Made, seconds: Seconds) -> None:
    place = Place("one", TOKEN=TOKEN)
    made = bench(place)
    made.secrets.get("TOKEN")
    place.values["TOKEN"] = NEWER
    seconds.now += 300
    assert made.secrets.get("TOKEN") == NEWER


def test_a_value_that_was_taken_away_is_gone(bench: Made, seconds: Seconds) -> None:
    place = Place("one", TOKEN=TOKEN)
    made = bench(place)
    made.secrets.get("TOKEN")
    place.values.clear()
    seconds.now += 300
    for _ in range(2):
        with pytest.raises(NotConfigured):
            made.secrets.get("TOKEN")


def test_while_a_provider_fails_the_known_value_serves_for_a_bounded_while(
    bench: Made, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place("vault", TOKEN=TOKEN)
    made = bench(place, Place("two", TOKEN=NEWER))
    made.secrets.get("TOKEN")
    place.failure = down()
    seconds.now += 3599
    with caplog.at_level(logging.WARNING):
        assert made.secrets.get("TOKEN") == TOKEN
    assert "the value known from before serves" in caplog.text
    assert TOKEN not in caplog.text
    standing = made.standing("vault")
    assert (standing.stale, standing.failures) == (1, 1)
    assert (standing.error, standing.age) == ("Vault does not answer.", 3599)
    seconds.now += 6
    assert made.secrets.get("TOKEN") == NEWER, "now the next one is asked"
    place.failure = None
    seconds.now += 300
    assert made.secrets.get("TOKEN") == TOKEN
    assert made.standing("vault").error == ""


def test_a_value_that_another_provider_gave_is_still_read_anew_there(
    bench: Made, seconds: Seconds
) -> None:
    one, two = Place("vault"), Place("two", TOKEN=TOKEN)
    made = bench(one, two)
    made.secrets.get("TOKEN")
    one.failure, two.values["TOKEN"] = down(), NEWER
    seconds.now += 300
    assert made.secrets.get("TOKEN") == NEWER


def test_a_provider_that_fails_is_left_alone_for_a_moment(bench: Made, seconds: Seconds) -> None:
    place = Place("vault", TOKEN=TOKEN)
    place.failure = down()
    made = bench(place)
    for _ in range(3):
        with pytest.raises(Unavailable, match=r"TOKEN cannot be read now\. Vault does"):
            made.secrets.find("TOKEN")
    assert len(place.asked) == 1
    place.failure = None
    seconds.now += 5
    assert made.secrets.get("TOKEN") == TOKEN


def test_a_provider_that_refuses_does_not_hide_the_next_and_is_told(bench: Made) -> None:
    place, two = Place("vault"), Place("two", TOKEN=TOKEN)
    place.failure = NotConfigured("Vault refuses.")
    made = bench(place, two)
    assert made.secrets.get("TOKEN") == TOKEN
    with pytest.raises(NotConfigured, match=r"asked: vault, two\. Vault refuses\."):
        made.secrets.get("OTHER")
    assert len(place.asked) == 2, "a refusal is no pause"


def test_threads_that_want_one_name_ask_once(records: Records, seconds: Seconds) -> None:
    inside, go = threading.Event(), threading.Event()

    class Slow(Place):
        def find(self, name: Name) -> str | None:
            inside.set()
            assert go.wait(30)
            return super().find(name)

    place = Slow("one", TOKEN=TOKEN)
    secrets = Bench(records, seconds, place).secrets
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(secrets.get("TOKEN"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    assert inside.wait(30)
    go.set()
    for thread in threads:
        thread.join()
    assert found == [TOKEN] * 8
    assert len(place.asked) == 1


def test_a_refresh_that_fails_ends_and_the_next_one_may_come(bench: Made, seconds: Seconds) -> None:
    place = Place("one", TOKEN=TOKEN)
    made = bench(place)
    made.secrets.get("TOKEN")
    place.values.clear()
    seconds.now += 250
    made.secrets.get("TOKEN")
    made.work()
    with pytest.raises(NotConfigured):
        made.secrets.get("TOKEN")
    place.values["TOKEN"] = NEWER
    assert made.secrets.get("TOKEN") == NEWER


def test_without_a_thread_for_it_a_value_is_read_when_its_time_is_over(
    records: Records, seconds: Seconds
) -> None:
    def no_thread(work: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    place = Place("one", TOKEN=TOKEN)
    typed = Typed(records, Seals((KEY,), "secrets"))
    secrets = Secrets((place,), typed, Pace(monotonic=seconds, start=no_thread))
    secrets.get("TOKEN")
    place.values["TOKEN"] = NEWER
    seconds.now += 250
    assert [secrets.get("TOKEN") for _ in range(2)] == [TOKEN, TOKEN]
    seconds.now += 50
    assert secrets.get("TOKEN") == NEWER


def test_what_is_typed_is_sealed_and_noted_without_its_value(bench: Made, records: Records) -> None:
    made = bench(Place("one"))
    assert made.secrets.put("shop.token", TOKEN, "ana@tea.example") == "sealed:shop.token"
    assert made.secrets.resolve("sealed:shop.token") == TOKEN
    assert made.secrets.typed() == ("shop.token",)
    kept = records.sealed.get("shop.token") or ""
    assert kept and TOKEN not in kept
    entry = records.audit.recent()[0]
    assert (entry.who, entry.what) == ("ana@tea.example", "kept a secret")
    assert TOKEN not in str(entry)
    with pytest.raises(NotConfigured):
        made.secrets.resolve("secret:shop.token")
    made.secrets.remove("shop.token", "ana@tea.example")
    assert records.audit.recent()[0].what == "removed a secret"
    for ask in (made.secrets.remove, lambda name: made.secrets.resolve(f"sealed:{name}")):
        with pytest.raises(NotConfigured, match=r"No secret shop\.token was typed"):
            ask("shop.token")


def test_a_change_by_another_process_counts_at_once(bench: Made) -> None:
    one, two = bench(), bench()
    one.secrets.put("a", TOKEN, "ana")
    assert two.secrets.resolve("sealed:a") == TOKEN
    one.secrets.put("a", NEWER, "ana")
    assert two.secrets.resolve("sealed:a") == NEWER


@pytest.mark.parametrize("value", ["", "x" * 65_537])
def test_what_is_no_secret_is_not_kept(bench: Made, value: str) -> None:
    with pytest.raises(Refused, match="from 1 to 65536 characters"):
        bench().secrets.put("a", value, "ana")


def test_a_sealed_text_opens_under_its_own_name_only(bench: Made, records: Records) -> None:
    secrets = bench().secrets
    secrets.put("a", TOKEN, "ana")
    for text in (records.sealed.get("a") or "", "no base64!", ""):
        records.sealed.put("b", text, "eve")
        with pytest.raises(NotConfigured, match="sealed with another SECRET_KEY"):
            secrets.resolve("sealed:b")


def test_with_a_new_key_old_texts_open_and_are_sealed_again(
    bench: Made, records: Records, seconds: Seconds
) -> None:
    bench().secrets.put("a", TOKEN, "ana")
    before = records.sealed.get("a")

    def under(*keys: str) -> Secrets:
        return Secrets((), Typed(records, Seals(keys, "secrets")), Pace(monotonic=seconds))

    with pytest.raises(NotConfigured, match="SECRET_KEY_PREVIOUS"):
        under(OTHER).resolve("sealed:a")
    assert records.sealed.get("a") == before
    assert under(OTHER, KEY).resolve("sealed:a") == TOKEN
    assert records.audit.recent()[0].what == "sealed a secret with the new key"
    assert under(OTHER).resolve("sealed:a") == TOKEN
    with pytest.raises(NotConfigured):
        under(KEY).resolve("sealed:a")


def test_sealing_again_does_not_undo_what_was_typed_meanwhile(records: Records) -> None:
    Typed(records, Seals((KEY,), "secrets")).put("a", TOKEN, "ana")
    old = records.sealed.get("a") or ""
    Typed(records, Seals((OTHER,), "secrets")).put("a", NEWER, "ana")
    newer = records.sealed.get("a")
    assert not records.sealed.swap("a", old, "something else")
    assert records.sealed.get("a") == newer


def test_while_the_records_are_away_a_typed_secret_serves(
    bench: Made, records: Records, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench()
    made.secrets.put("a", TOKEN, "ana")

    def away(*_: object) -> str:
        raise Unavailable("The records database does not answer.")

    monkeypatch.setattr(type(records.sealed), "get", away)
    assert made.secrets.resolve("sealed:a") == TOKEN
    assert (made.standing("records").stale, made.standing("records").failures) == (1, 1)
    seconds.now += 3600
    with pytest.raises(Unavailable):
        made.secrets.resolve("sealed:a")


def test_outputs_that_mask_by_themselves_hear_a_value_before_it_is_given(bench: Made) -> None:
    made = bench(Place("one", TOKEN=TOKEN))
    made.secrets.get("TOKEN")
    made.secrets.put("a", NEWER, "ana")
    assert made.told == [TOKEN, NEWER]


def test_nothing_that_prints_holds_a_value(bench: Made) -> None:
    made = bench(Place("one", TOKEN=TOKEN))
    made.secrets.get("TOKEN")
    shelf = made.secrets._shelf
    held = shelf.get("TOKEN")
    assert held is not None and held.value == TOKEN
    for thing in (made.secrets, shelf, held, made.secrets.standings(), vars(shelf)):
        assert TOKEN not in repr(thing)
    made.secrets.close()
    assert shelf.get("TOKEN") is None
