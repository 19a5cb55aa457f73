"""A file looked at before it is imported, over HTTP."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from agent.services import Services
from dashboard.routes import local
from tests.dashboard.conftest import OURS

ADDRESS = "/api/analytics/imports/preview"
OWN = b"Nr,Datum,Anzahl,Summe,Ware\n1,2026-11-01,1,4.50,Tee\n2,2026-11-02,2,x,Tee\n"
SPEND = b"date,channel,spend\n2026-11-01,Meta,5\n2026-11-02,Meta,6\n"


def look(client: Any, content: bytes, name: str = "orders.csv", **fields: str) -> Any:
    data = {**fields, "file": (io.BytesIO(content), name)}
    return client.post(ADDRESS, data=data, headers=OURS, content_type="multipart/form-data")


def test_a_known_format_is_named_and_shown(ann: Any, services: Services) -> None:
    told = look(ann, SPEND, "spend.csv").json
    assert (told["guess"]["format"], told["guess"]["label"]) == ("spend", "Advertising spend")
    assert (told["own"], told["content"], told["problem"], told["mapping"]) == (
        False,
        None,
        None,
        "",
    )
    assert told["preview"]["rows"][0][:4] == ["2026-11-01", "Meta", "(none)", "5.00"]
    assert len(services.warehouse.shops()) == 1
    assert list((services.settings.data_dir / local.UPLOADS).iterdir()) == []


def test_own_columns_are_guessed_and_corrected(ann: Any) -> None:
    told = look(ann, OWN).json
    assert told["own"]
    chosen = told["content"]["columns"]
    assert (chosen["placed_at"], chosen["quantity"], chosen["amount"]) == (
        "Datum",
        "Anzahl",
        "Summe",
    )
    assert {field["name"] for field in told["fields"]} > set(chosen)
    corrected = told["content"] | {"columns": chosen | {"order_id": "Nr", "title": "Ware"}}
    again = look(ann, OWN, mapping=json.dumps(corrected)).json
    assert again["problem"] is None
    assert again["preview"]["rows"][0][3] == "tee"
    assert again["preview"]["rejected"][0]["line"] == 3
    assert "order_id" in again["mapping"]

    data = {"shop": "Retail", "currency": "EUR", "timezone": "Europe/Berlin"}
    files = {
        "file": (io.BytesIO(OWN), "orders.csv"),
        "mapping": (io.BytesIO(again["mapping"].encode()), "mapping.toml"),
    }
    answer = ann.post("/api/analytics/imports", data=data | files, headers=OURS)  # type: ignore[operator]
    last = json.loads(answer.data.splitlines()[-1])
    assert (last["state"], last["summary"]["orders"], last["summary"]["rejected"]) == ("done", 1, 1)


def test_the_beginning_of_a_file_is_enough(ann: Any) -> None:
    told = look(ann, SPEND[:-3], "spend.csv", part="1").json
    assert (told["preview"]["lines"], told["preview"]["whole"]) == (1, False)


@pytest.mark.parametrize(
    ("content", "fields", "words"),
    [
        (b"", {}, "is empty"),
        (b"\x00" * 4000, {}, "not a text file"),
        (SPEND, {"format": "rates"}, "no file of exchange rates"),
        (SPEND, {"format": "nonsense"}, "There is no format"),
        (OWN, {"mapping": "{}"}, "no [columns]"),
        (OWN, {"mapping": '{"columns": []}'}, "'columns' is not a table"),
        (b"<html><p>Sign in</p></html>\n<b>x</b>\n", {"format": "own"}, "is a web page, or XML"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(
    ann: Any, content: bytes, fields: dict[str, str], words: str
) -> None:
    answer = look(ann, content, **fields)
    assert answer.status_code == 200
    assert words in answer.json["problem"]["message"]
    assert answer.json["preview"] is None


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("orders.exe", {}, "kind of file"),
        ("orders.csv", {"mapping": "no json"}, "no JSON object"),
        ("orders.csv", {"mapping": "[1]"}, "no JSON object"),
        ("orders.csv", {"mapping": "[" * 50_000}, "no JSON object"),
        ("orders.csv", {"mapping": "1" * 200_000}, "no JSON object"),
        ("orders.csv", {"format": "/etc/passwd.toml"}, "mapping is sent along"),
    ],
)
def test_a_form_that_cannot_be_used_is_refused(
    ann: Any, services: Services, name: str, fields: dict[str, str], words: str
) -> None:
    answer = look(ann, OWN, name, **fields)
    assert answer.status_code == 400
    assert words in answer.json["error"]["message"]
    folder = services.settings.data_dir / local.UPLOADS
    assert not folder.is_dir() or list(folder.iterdir()) == []


def test_viewers_may_not(vic: Any) -> None:
    assert look(vic, SPEND).status_code == 403


def test_columns_of_ones_own_are_not_imported_unmatched(ann: Any) -> None:
    data = {"format": "own", "shop": "Retail", "file": (io.BytesIO(OWN), "o.csv")}
    answer = ann.post("/api/analytics/imports", data=data, headers=OURS)
    assert answer.status_code == 400
    assert "not matched yet" in answer.json["error"]["message"]
