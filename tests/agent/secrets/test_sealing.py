from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from agent.errors import BadSetting
from agent.secrets import Seal, Seals, derived, kept_key, masked

KEY = "0123456789abcdef0123456789abcdef"


def test_a_key_readable_by_others_is_closed_again(tmp_path: Path) -> None:
    key = kept_key(tmp_path)
    (tmp_path / "secret_key").chmod(0o644)
    assert kept_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe" * 40])
def test_a_damaged_key_is_not_used(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(BadSetting, match="secret_key"):
        kept_key(tmp_path)


def test_starting_together_makes_one_key(tmp_path: Path) -> None:
    keys: list[str] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        keys.append(kept_key(tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_masked_leaves_addresses_without_password_alone() -> None:
    for text in ("http://127.0.0.1:8050/x", "redis://h:6379/0", "no address", "smtp://anna@h"):
        assert masked(text) == text
    assert masked("smtp://anna@corp.example:hunter2@h") == "smtp://anna@corp.example:•••@h"
    assert masked("at smtp://a:b@h and redis://:c@i") == "at smtp://a:•••@h and redis://:•••@i"


def test_a_seal_opens_only_with_its_key_in_its_place() -> None:
    seal = Seal(KEY, "cache")
    sealed = seal.close(b"net sales", "a")
    assert b"net sales" not in sealed
    assert seal.open(sealed, "a") == b"net sales"
    assert Seal(KEY, "cache").open(sealed, "a") == b"net sales"
    assert seal.open(sealed, "b") is None
    assert Seal(KEY, "cookies").open(sealed, "a") is None
    assert Seal(KEY + "x", "cache").open(sealed, "a") is None
    assert seal.close(b"net sales", "a") != sealed
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert seal.open(changed, "a") is None
        assert seal.open(sealed[:at], "a") is None


def test_derived_keys_differ_by_label() -> None:
    assert derived(KEY, "a") != derived(KEY, "b")
    assert len(derived(KEY, "a")) == 32


def test_seals_open_what_an_older_key_closed_and_say_so() -> None:
    old, new = Seal(KEY, "cache"), Seals([KEY + "x", KEY], "cache")
    before, now = old.close(b"net sales", "a"), new.close(b"net sales", "a")
    assert new.open(before, "a") == new.open(now, "a") == b"net sales"
    assert (new.is_old(before, "a"), new.is_old(now, "a")) == (True, False)
    assert old.open(now, "a") is None
    for wrong in (before[:-1], b"", now[:5], Seal(KEY + "y", "cache").close(b"net sales", "a")):
        assert new.open(wrong, "a") is None
        assert not new.is_old(wrong, "a")
    assert new.open(before, "b") is None
    assert Seals([KEY + "x"], "cache").open(before, "a") is None


def test_two_keys_of_one_id_are_told_apart() -> None:
    """Ids have one byte: among many keys, some share theirs."""
    ids = {}
    for number in range(2000):
        other = f"{KEY}{number}"
        if derived(other, "cache id", 1) == derived(KEY, "cache id", 1):
            ids[other] = Seal(other, "cache").close(b"net sales", "a")
        if ids:
            break
    (twin, sealed), *_ = ids.items()
    assert Seal(KEY, "cache").open(sealed, "a") is None
    assert Seals([KEY, twin], "cache").open(sealed, "a") == b"net sales"
    assert Seals([KEY, twin], "cache").is_old(sealed, "a")
