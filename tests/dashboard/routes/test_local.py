from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from agent.services import Services
from dashboard.routes import local
from tests.dashboard.conftest import OURS

ADDRESS = "/api/analytics/imports"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = (
    "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
    "536366,71053,WHITE METAL LANTERN,2,2010-12-01 09:00:00,3.39,17851,France\n"
)


def send(client: Any, content: bytes, name: str = "orders.csv", **fields: str) -> Any:
    form = {"format": "online-retail", "shop": "Retail", "currency": "GBP"} | fields
    form.setdefault("timezone", "Europe/London")
    data = {**form, "file": (io.BytesIO(content), name)}
    return client.post(ADDRESS, data=data, headers=OURS, content_type="multipart/form-data")


def told(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.data.splitlines()]


def test_a_file_arrives_and_says_line_by_line_how_far_it_is(ann: Any, services: Services) -> None:
    answer = send(ann, (HEADER + GOOD).encode())
    assert answer.content_type == "application/x-ndjson"
    last = told(answer)[-1]
    assert last["state"] == "done", last
    assert (last["summary"]["lines"], last["summary"]["orders"]) == (2, 2)
    assert last["summary"]["shop"]["shop_id"] == "retail"
    frame = services.answer(services.question("metrics=net_sales&shop=retail&from=2010-12-01"))
    assert str(frame.total("net_sales")) == "22.0800"
    assert services.warehouse.batches("retail")[0]["file_name"] == "orders.csv"
    assert services.records.audit.recent(1)[0].what == "imported a file"


@pytest.mark.parametrize("form", ["rates", ""])
def test_exchange_rates_need_no_shop(ann: Any, services: Services, form: str) -> None:
    content = b"Date,USD,JPY\n2026-11-13,1.06,161\n2026-11-16,1.05,162\n"
    last = told(send(ann, content, "rates.csv", format=form, shop="", currency="", timezone=""))[-1]
    assert last["state"] == "done", last
    assert last["summary"]["inserted"] == {"rates": 8}
    assert last["summary"]["shop"]["shop_id"] == "*"
    assert [shop.shop_id for shop in services.warehouse.shops()] == ["almas-tea"]
    page = ann.get("/imports/form").text
    assert '<option value="rates" data-shared>Exchange rates</option>' in page


def test_the_same_file_again_changes_nothing(ann: Any) -> None:
    told(send(ann, (HEADER + GOOD).encode()))
    assert told(send(ann, (HEADER + GOOD).encode()))[-1]["summary"]["already"] is True


def test_nothing_is_left_behind(ann: Any, services: Services) -> None:
    assert told(send(ann, (HEADER + GOOD).encode()))[-1]["state"] == "done"
    assert list((services.settings.data_dir / local.UPLOADS).iterdir()) == []


def test_rejected_rows_can_be_fetched(ann: Any) -> None:
    bad = "536367,84406B,CREAM CUPID,x,2010-12-01 10:00:00,2.75,17850,United Kingdom\n"
    last = told(send(ann, (HEADER + GOOD + bad).encode()))[-1]
    assert last["summary"]["rejected"] == 1
    with ann.get(f"{ADDRESS}/{last['id']}/rejected.csv") as file:
        assert file.status_code == 200
        assert b"536367" in file.data
    assert ann.get(f"{ADDRESS}/unknown/rejected.csv").status_code == 404


def test_a_file_that_is_not_what_it_says_is_one_sentence(ann: Any, services: Services) -> None:
    last = told(send(ann, b"a,b\n1,2\n"))[-1]
    assert last["state"] == "failed"
    assert last["error"]["message"]
    assert "Traceback" not in json.dumps(last)
    assert [shop.shop_id for shop in services.warehouse.shops()] == ["almas-tea"]


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("orders.exe", {}, "kind of file"),
        ("orders.csv", {"shop": " "}, "name of a shop"),
        ("orders.csv", {"format": "/etc/passwd.toml"}, "mapping is sent along"),
    ],
)
def test_a_form_that_cannot_be_used_is_refused(
    ann: Any, name: str, fields: dict[str, str], words: str
) -> None:
    answer = send(ann, b"x", name, **fields)
    assert answer.status_code == 400
    assert words in answer.json["error"]["message"]


def test_no_file_is_refused(ann: Any) -> None:
    answer = ann.post(ADDRESS, data={"shop": "Retail"}, headers=OURS)
    assert answer.status_code == 400


def test_a_file_too_large_is_turned_down(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MAX_UPLOAD", 500)
    answer = send(ann, b"x" * 2000)
    assert answer.status_code == 413
    assert "larger" in answer.json["error"]["message"]


def test_viewers_may_not(vic: Any, services: Services) -> None:
    answer = send(vic, (HEADER + GOOD).encode())
    assert answer.status_code == 403
    assert "needs the role analyst; you are viewer" in answer.json["error"]["message"]
    assert vic.get("/imports/form").status_code == 403
    assert len(services.warehouse.shops()) == 1


def test_the_page_watches_from_outside(ann: Any) -> None:
    data = {"format": "online-retail", "shop": "Retail", "currency": "GBP"}
    data |= {"timezone": "Europe/London", "file": (io.BytesIO((HEADER + GOOD).encode()), "o.csv")}  # type: ignore[dict-item]
    answer = ann.post(f"{ADDRESS}?watch=later", data=data, headers=OURS)
    assert answer.status_code == 202
    until = time.monotonic() + 60
    while time.monotonic() < until:
        now = ann.get(f"{ADDRESS}/{answer.json['id']}").json
        if now["state"] in ("done", "failed"):
            break
        time.sleep(0.05)
    assert now["state"] == "done"


def test_the_form_lists_formats_shops_and_zones(ann: Any) -> None:
    text = ann.get("/imports/form").text
    for words in ("online-retail", "shopify-orders", "Alma&#39;s Tea", "Europe/London", "EUR"):
        assert words in text


def test_a_path_in_a_files_name_stays_in_its_folder(ann: Any, services: Services) -> None:
    answer = send(ann, (HEADER + GOOD).encode(), "../../../evil.csv")
    assert told(answer)[-1]["file"] == "evil.csv"
    assert not list(Path(services.settings.data_dir).glob("**/evil.csv"))
