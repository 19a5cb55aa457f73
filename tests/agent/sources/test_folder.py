"""A watched folder: what is imported, when, and what never is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.errors import NotConfigured, Refused, Unavailable
from agent.records.connections import Connection
from agent.services import Services, open_services
from agent.settings import Settings
from agent.sources import connecting, syncing
from agent.sources.connecting import Form
from agent.sources.connectors import Link, Stopped, Synced, Watch, connector
from agent.sources.folder import CONNECTOR, STREAM
from agent.warehouse import schema
from tests.clock import FrozenClock

SHOP = {"shop": "Tea", "currency": "EUR", "timezone": "Europe/Berlin"}
SPEND = "date,channel,campaign,spend\n{day},Meta,{name},{amount}\n"
DAY = date(2026, 11, 1)


@dataclass
class Inbox:
    """A connection, its folder, and shortcuts."""

    services: Services
    folder: Path
    connection: Connection
    tick: int = 1_700_000_000

    def put(self, name: str, text: str = "", *, amount: str = "5", day: str = "2026-11-01") -> Path:
        """A file that changed one second after the one before."""
        path = self.folder / name
        path.write_text(text or SPEND.format(day=day, name=name, amount=amount))
        self.tick += 1
        os.utime(path, (self.tick, self.tick))
        return path

    def look(self, watch: Watch | None = None) -> Synced:
        return syncing.sync(self.services, self.connection.connection_id, watch)

    def spend(self) -> dict[str, str]:
        """Campaign -> amount."""
        found = self.services.warehouse.read(
            sa.select(schema.SPEND.c.campaign, schema.SPEND.c.amount)
        )
        return {row["campaign"]: str(row["amount"].normalize()) for row in found.to_pylist()}

    def state(self) -> dict[str, Any]:
        return self.services.records.connections.state(self.connection.connection_id, STREAM)

    def link(self) -> Link:
        return Link(self.services, self.connection)


@pytest.fixture
def inbox(tmp_path: Path, clock: FrozenClock) -> Iterator[Inbox]:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path / "data"), "DEMO": "no"})
    services = open_services(settings, clock)
    folder = tmp_path / "data" / "inbox" / "ads"
    folder.mkdir(parents=True)
    values = {"folder": "ads", "pattern": "*.csv", **SHOP}
    made = connecting.connect(services, Form("folder", "Ads", "", values), "ann")
    yield Inbox(services, folder, made)
    services.close()


def test_a_file_is_read_once_it_was_the_same_twice(inbox: Inbox) -> None:
    inbox.put("a.csv")
    first = inbox.look()
    assert (first.read, list(first.notes)) == (0, ["1 file waits for the next look."])
    inbox.put("a.csv", amount="6")
    assert inbox.look().read == 0
    done = inbox.look()
    assert (done.read, done.changed, list(done.notes)) == (1, 1, [])
    assert inbox.spend() == {"a.csv": "6"}
    assert inbox.look().read == 0
    assert (inbox.folder / "a.csv").exists()


def test_files_are_read_oldest_first_and_again_when_they_change(inbox: Inbox) -> None:
    inbox.put("z.csv", SPEND.format(day="2026-11-01", name="x", amount="1"))
    inbox.put("a.csv", SPEND.format(day="2026-11-01", name="x", amount="2"))
    inbox.look()
    assert inbox.look().read == 2
    assert inbox.spend() == {"x": "2"}
    inbox.put("z.csv", SPEND.format(day="2026-11-01", name="x", amount="3"))
    inbox.look()
    assert inbox.look().read == 1
    assert inbox.spend() == {"x": "3"}


def test_a_file_that_fails_is_noted_once_and_the_others_go_on(inbox: Inbox) -> None:
    inbox.put("bad.csv", "<html>\n<body>Sign in</body>\n")
    inbox.put("good.csv")
    inbox.look()
    done = inbox.look()
    assert (done.read, done.rejected) == (1, 1)
    (note,) = done.notes
    assert note.startswith("bad.csv is a web page")
    assert inbox.look().notes == done.notes
    rejects = inbox.services.records.rejects.all(inbox.connection.connection_id)
    assert [(one.stream, one.document) for one in rejects] == [(STREAM, "bad.csv")]
    kept = inbox.services.records.connections.get(inbox.connection.connection_id)
    assert (kept.message, list(kept.notes)) == ("", list(done.notes))
    assert kept.shop_id == "tea"
    assert set(inbox.state()["done"]) == {"good.csv"}

    assert "is a web page" in CONNECTOR.replay(inbox.link(), STREAM, ["bad.csv"])[0]
    inbox.put("bad.csv", day="2026-11-02")
    assert CONNECTOR.replay(inbox.link(), STREAM, ["bad.csv", "gone.csv"]) == [
        "",
        "The file is no longer in the folder.",
    ]
    assert inbox.look().notes == ()
    assert set(inbox.spend()) == {"bad.csv", "good.csv"}


def test_rejected_lines_are_told(inbox: Inbox) -> None:
    inbox.put("a.csv", SPEND.format(day="2026-11-01", name="x", amount="1") + "soon,Meta,x,1\n")
    inbox.look()
    done = inbox.look()
    assert (done.read, done.rejected) == (2, 1)
    assert list(done.notes) == ["a.csv: 1 line was rejected."]
    (inbox.folder / "a.csv").unlink()
    assert list(inbox.look().notes) == []


def test_what_is_never_read(inbox: Inbox, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text(SPEND.format(day="2026-11-01", name="stolen", amount="1"))
    (inbox.folder / "link.csv").symlink_to(outside)
    (inbox.folder / "gone.csv").symlink_to(tmp_path / "nothing.csv")
    (inbox.folder / "folder.csv").mkdir()
    os.mkfifo(inbox.folder / "pipe.csv")
    inbox.put(".hidden.csv")
    inbox.put("~open.csv")
    inbox.put("notes.md")
    inbox.put("a.csv.part")
    inside = inbox.put("real.txt", SPEND.format(day="2026-11-01", name="inside", amount="1"))
    (inbox.folder / "alias.csv").symlink_to(inside)
    inbox.look()
    assert inbox.look().read == 1
    assert inbox.spend() == {"inside": "1"}


@pytest.mark.parametrize("folder", ["..", "../..", "/etc", "ads/../../..", "link", "a\x00b"])
def test_no_folder_outside_of_the_root(inbox: Inbox, tmp_path: Path, folder: str) -> None:
    (inbox.folder.parent / "link").symlink_to(tmp_path)
    link = _with(inbox, folder=folder)
    for deed in (CONNECTOR.probe, CONNECTOR.sync):
        with pytest.raises(Refused, match="lies outside of"):
            deed(link)


def test_settings_that_cannot_be(inbox: Inbox) -> None:
    with pytest.raises(NotConfigured, match="There is no folder"):
        CONNECTOR.sync(_with(inbox, folder="ads/later"))
    with pytest.raises(Refused, match="needs the name of a shop"):
        CONNECTOR.probe(_with(inbox, shop=""))
    with pytest.raises(Refused, match="no folder in front"):
        CONNECTOR.sync(_with(inbox, pattern="../*.csv"))
    with pytest.raises(Refused, match="lies outside of"):
        CONNECTOR.sync(_with(inbox, mapping="../../../etc/mapping.toml"))
    with pytest.raises(Refused, match=r"ending in \.toml"):
        CONNECTOR.sync(_with(inbox, mapping="passwd"))


def _with(inbox: Inbox, **values: str) -> Link:
    settings = {**inbox.connection.settings, **values}
    return Link(inbox.services, replace(inbox.connection, settings=settings))


def test_a_mapping_in_the_folder(inbox: Inbox) -> None:
    (inbox.folder / "own.toml").write_text(
        '[columns]\norder_id = "No"\nplaced_at = "Day"\namount = "Sum"\n'
    )
    inbox.put("orders.csv", "No,Day,Sum\n1,2026-11-01,5.00\n")
    link = _with(inbox, mapping="own.toml")
    CONNECTOR.sync(link)
    assert CONNECTOR.sync(link).read == 1
    assert [shop.shop_id for shop in inbox.services.warehouse.shops()] == ["tea"]


def test_exchange_rates_need_no_shop(inbox: Inbox) -> None:
    inbox.put("rates.csv", "date,USD\n2026-11-01,1.06\n")
    link = _with(inbox, shop="", format="rates")
    CONNECTOR.sync(link)
    assert CONNECTOR.sync(link).changed == 1
    assert inbox.services.records.connections.get(inbox.connection.connection_id).shop_id == ""


def test_a_probe_lists_files_and_shows_the_newest(inbox: Inbox) -> None:
    empty = CONNECTOR.probe(inbox.link())
    assert "No file fits yet" in empty.notes[0]
    inbox.put("a.csv")
    inbox.put("b.csv", amount="7.5")
    found = CONNECTOR.probe(inbox.link())
    assert ("Files", "2") in found.facts
    assert [value for label, value in found.facts if label == "File"] == ["b.csv", "a.csv"]
    assert found.rows == (("2026-11-01", "Meta", "b.csv", "7.50", "0", "0", ""),)
    inbox.put("c.csv", "nothing")
    assert CONNECTOR.probe(inbox.link()).notes[0].startswith("c.csv has a header")
    assert inbox.services.warehouse.shops() == ()


def test_a_backfill_reads_every_file_again(inbox: Inbox) -> None:
    inbox.put("a.csv")
    inbox.put("b.csv", amount="6", day="2026-11-02")
    inbox.look()
    inbox.look()
    inbox.services.warehouse.drop_shop("tea")
    done = syncing.backfill(inbox.services, inbox.connection.connection_id, (DAY, DAY))
    assert done.read == 2
    assert inbox.spend() == {"a.csv": "5", "b.csv": "6"}


def test_stopping_between_files_keeps_what_was_read(inbox: Inbox) -> None:
    inbox.put("a.csv", day="2026-11-01")
    inbox.put("b.csv", day="2026-11-02")
    inbox.look()
    watch = Watch(lambda done, total, step: watch.stopping.set() if step == "b.csv" else None)
    with pytest.raises(Stopped):
        inbox.look(watch)
    assert set(inbox.state()["done"]) == {"a.csv"}
    assert inbox.look().read == 1
    assert set(inbox.spend()) == {"a.csv", "b.csv"}


def test_a_folder_that_went_away_is_said_and_forgets_nothing(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.put("a.csv")
    inbox.look()
    inbox.look()
    before = inbox.state()

    def gone(self: Path) -> Iterator[Path]:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", gone)
        with pytest.raises(Unavailable, match="cannot be looked into: Input/output error"):
            inbox.look()
    assert inbox.state() == before
    kept = inbox.services.records.connections.get(inbox.connection.connection_id)
    assert "cannot be looked into" in kept.message


def test_a_warehouse_that_does_not_answer_leaves_the_file_for_later(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.put("a.csv")
    inbox.look()

    def away(*_: object) -> None:
        raise Unavailable("The warehouse does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr("agent.sources.folder.import_file", away)
        with pytest.raises(Unavailable):
            inbox.look()
    assert inbox.state()["done"] == {}
    assert inbox.look().read == 1


def test_the_table_of_connectors_knows_it() -> None:
    assert connector("folder") is CONNECTOR
