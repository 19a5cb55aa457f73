"""The recipes that come with the product, against answers of the shapes that the services give."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from agent.errors import Refused
from agent.sources import http
from agent.sources.http import parsing
from agent.warehouse import schema
from tests.agent.sources.http.conftest import Desk, Sent, said

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def ga4(rows: list[list[str]], count: int | None = None) -> dict[str, Any]:
    """An answer of runReport: rows are date, channel, country, then five metrics."""
    dimensions = ("date", "sessionDefaultChannelGroup", "countryId")
    metrics = ("sessions", "itemViewEvents", "addToCarts", "checkouts", "ecommercePurchases")
    answer: dict[str, Any] = {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
        "metadata": {"currencyCode": "EUR", "timeZone": "America/New_York"},
        "propertyQuota": {"tokensPerDay": {"consumed": 1, "remaining": 199999}},
        "kind": "analyticsData#runReport",
    }
    if rows:
        answer["rowCount"] = len(rows) if count is None else count
        answer["rows"] = [
            {
                "dimensionValues": [{"value": value} for value in row[:3]],
                "metricValues": [{"value": value} for value in row[3:]],
            }
            for row in rows
        ]
    return answer


def ga4_link(desk: Desk, more: str = "") -> Any:
    key = {
        "type": "service_account", "client_email": "reader@project.example", "private_key": PEM,
        "private_key_id": "k1", "token_uri": f"{desk.local.url}/token",
    }  # fmt: skip
    config = desk.recipe("ga4") + more
    return desk.link(config, {"key": json.dumps(key)}, property_id="properties/321")


def unpacked(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_ga4_signs_in_with_a_service_account_and_reads_every_page(desk: Desk) -> None:
    pages = [
        ga4([["20261115", "Paid Search", "DE", "100", "60", "9", "5", "3"]] * 2, count=3),
        ga4([["20261116", "(not set)", "(not set)", "7", "0", "0", "0", "0"]], count=3),
    ]

    def answers(sent: Sent) -> Any:
        if sent.path == "/token":
            return {"access_token": "ya29.secret", "expires_in": 3599, "token_type": "Bearer"}
        assert sent.headers["authorization"] == "Bearer ya29.secret"
        if sent.json["dateRanges"] != [{"startDate": "2026-10-20", "endDate": "2026-11-16"}]:
            return ga4([])
        return pages[0] if sent.json["offset"] == 0 else pages[1]

    desk.local.answers = answers
    link = ga4_link(desk, "\n[window]\nhistory = 28\n")
    done = desk.sync(link)
    asked = [sent for sent in desk.local.sent if sent.path != "/token"]
    assert [sent.path for sent in asked] == ["/v1beta/properties/321:runReport"] * 2
    assert [(sent.json["limit"], sent.json["offset"]) for sent in asked] == [(50000, 0), (50000, 2)]
    assert done.read == 3
    assert [
        (str(r["local_at"]), r["channel"], r["country"], r["sessions"], r["purchases"])
        for r in desk.rows(schema.SESSIONS, "local_at")
    ] == [
        ("2026-11-15 00:00:00", "Paid Search", "DE", 200, 6),
        ("2026-11-16 00:00:00", "(none)", "(none)", 7, 0),
    ]
    assert "Days are those of America/New_York; the shop's are of Europe/Berlin." in done.notes
    [token] = [sent for sent in desk.local.sent if sent.path == "/token"]
    head, claims, mark = token.form["assertion"].split(".")
    assert token.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert unpacked(head) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    told = unpacked(claims)
    assert (told["iss"], told["aud"]) == ("reader@project.example", f"{desk.local.url}/token")
    assert told["exp"] - told["iat"] == 3600
    KEY.public_key().verify(
        base64.urlsafe_b64decode(mark + "=="), f"{head}.{claims}".encode(),
        padding.PKCS1v15(), hashes.SHA256(),
    )  # fmt: skip


def test_ga4_without_rows_is_empty_and_a_strange_answer_is_not(desk: Desk) -> None:
    token = {"access_token": "t" * 20, "expires_in": 3599}
    desk.local.answers = [token, ga4([])]
    assert desk.sync(ga4_link(desk)).read == 0
    desk.local.sent.clear()
    desk.local.answers = [token, {"something": "else"}]
    link = ga4_link(desk)
    with pytest.raises(Refused, match="The answer has no 'rows'"):
        desk.sync(link)
    assert desk.state(link) == {}


def meta(day: str, campaign: str, spend: str, *actions: tuple[str, str]) -> dict[str, Any]:
    return {
        "campaign_id": "2385", "campaign_name": campaign, "spend": spend, "impressions": "1200",
        "clicks": "34", "account_currency": "EUR", "date_start": day, "date_stop": day,
        "action_values": [{"action_type": kind, "value": value} for kind, value in actions],
    }  # fmt: skip


def test_meta_follows_the_next_address_and_takes_one_kind_of_action(desk: Desk) -> None:
    overlapping = (
        ("purchase", "200.5"), ("omni_purchase", "210.25"),
        ("offsite_conversion.fb_pixel_purchase", "190"),
    )  # fmt: skip
    after = f"{desk.local.url}/v25.0/act_77/insights?access_token=EAAB-token-1&after=MTAx"

    def answers(sent: Sent) -> Any:
        if "after" in sent.query:
            return {"data": [meta("2026-11-16", "Retargeting", "10")], "paging": {}}
        if json.loads(sent.query["time_range"])["until"] != "2026-11-16":
            return {"data": []}
        paging = {"cursors": {"before": "a", "after": "b"}, "next": after}
        return {"data": [meta("2026-11-15", "Bedding", "53.39", *overlapping)], "paging": paging}

    desk.local.answers = answers
    link = desk.link(desk.recipe("meta"), {"token": "EAAB-token-1"}, account_id="act_77")
    done = desk.sync(link)
    assert done.read == 2
    assert desk.spend() == [
        ("2026-11-15", "Paid social", "Bedding", "53.39"),
        ("2026-11-16", "Paid social", "Retargeting", "10"),
    ]
    rows = desk.rows(schema.SPEND, "local_date")
    assert [row["attributed_revenue"] for row in rows] == [Decimal("210.2500"), None]
    assert [(row["impressions"], row["clicks"]) for row in rows] == [(1200, 34)] * 2
    first = desk.local.sent[0]
    assert first.path == "/v25.0/act_77/insights"
    assert json.loads(first.query["time_range"]) == {"since": "2026-10-20", "until": "2026-11-16"}
    assert first.headers["authorization"] == "Bearer EAAB-token-1"


def test_meta_asks_to_slow_down_with_status_400(desk: Desk) -> None:
    limits = [
        said({"error": {"message": "User request limit reached", "code": code}}, status=400)
        for code in (4, 80004)
    ]
    desk.local.answers = [*limits, {"data": [meta("2026-11-16", "A", "1")]}, {"data": []}]
    link = desk.link(desk.recipe("meta"), {"token": "EAAB-token-1"}, account_id="77")
    desk.sync(link)
    assert desk.pauses == [60.0, 60.0]
    assert [row[3] for row in desk.spend()] == ["1"]


def ads(*batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"results": b, "fieldMask": "campaign.id", "requestId": "r"} for b in batches]


def ad(day: str, micros: str, currency: str = "EUR") -> dict[str, Any]:
    return {
        "customer": {"currencyCode": currency, "timeZone": "Europe/Berlin"},
        "campaign": {"id": "1", "name": "Brand"}, "segments": {"date": day},
        "metrics": {"costMicros": micros, "clicks": "12", "impressions": "340",
                    "conversionsValue": 125.5},
    }  # fmt: skip


def test_google_ads_reads_every_batch_of_a_list(desk: Desk) -> None:
    def answers(sent: Sent) -> Any:
        if sent.path == "/token":
            return {"access_token": "ya29.other", "expires_in": 3599}
        if "2026-11-16" in sent.json["query"]:
            batches = ads([ad("2026-11-15", "12345678")], [ad("2026-11-16", "1234567")])
            return [*batches, {"fieldMask": "campaign.id", "requestId": "r"}]
        return []

    desk.local.answers = answers
    link = desk.link(
        desk.recipe("google_ads"),
        {
            "developer_token": "dev-token",
            "client_secret": "cs-secret",
            "refresh_token": "1//refresh",
        },
        account_id="123-456-7890",
        client_id="client.apps",
    )
    desk.sync(link)
    assert desk.spend() == [
        ("2026-11-15", "Paid search", "Brand", "12.3457"),
        ("2026-11-16", "Paid search", "Brand", "1.2346"),
    ]
    token, first = desk.local.sent[:2]
    assert token.form == {
        "grant_type": "refresh_token", "client_id": "client.apps", "client_secret": "cs-secret",
        "refresh_token": "1//refresh",
    }  # fmt: skip
    assert first.path == "/v26/customers/1234567890/googleAds:searchStream"
    assert first.headers["developer-token"] == "dev-token"
    assert "login-customer-id" not in first.headers
    assert "BETWEEN '2026-10-20' AND '2026-11-16'" in first.json["query"]
    assert [sent.path for sent in desk.local.sent].count("/token") == 1


def test_google_ads_says_an_error_in_a_list(desk: Desk) -> None:
    error = {"code": 403, "message": "The caller does not have permission", "status": "DENIED"}
    desk.local.answers = [{"access_token": "ya29.other"}, said([{"error": error}], status=403)]
    link = desk.link(
        desk.recipe("google_ads"),
        {
            "developer_token": "dev-token",
            "client_secret": "cs-secret",
            "refresh_token": "1//refresh",
        },
        account_id="1",
        client_id="c",
    )
    with pytest.raises(Refused, match=r"\(403\): The caller does not have permission\."):
        desk.sync(link)


def rates(**days: dict[str, Any]) -> dict[str, Any]:
    named = {name.removeprefix("d").replace("_", "-"): found for name, found in days.items()}
    return {"amount": 1.0, "base": "EUR", "start_date": "", "end_date": "", "rates": named}


def test_rates_land_for_every_shop_and_turn_spend_into_its_currency(desk: Desk) -> None:
    found = rates(d2026_11_13={"USD": 1.25, "GBP": 0.8}, d2026_11_16={"USD": 1.6, "GBP": 0.8})
    desk.local.answers = lambda sent: found if sent.path.endswith("2026-11-17") else rates()
    link = desk.link(desk.recipe("rates"), currencies="USD,GBP")
    link.services.records.connections.change(link.connection.connection_id, shop_id="")
    assert desk.sync(link).read == 4
    assert desk.local.sent[0].path == "/v1/2026-11-11..2026-11-17"
    assert desk.local.sent[0].query == {"base": "EUR", "symbols": "USD,GBP"}
    kept = desk.rows(schema.RATES, "currency", "local_date")
    usd = [
        (str(r["local_date"]), f"{r['rate'].normalize():f}") for r in kept if r["currency"] == "USD"
    ]
    assert usd == [
        ("2026-11-13", "1.25"), ("2026-11-14", "1.25"), ("2026-11-15", "1.25"),
        ("2026-11-16", "1.6"),
    ]  # fmt: skip
    assert desk.services.warehouse.versions(("*",))["rates"] == 1

    desk.local.sent.clear()
    desk.local.answers = lambda sent: (
        {"access_token": "ya29.other", "expires_in": 3599}
        if sent.path == "/token"
        else ads(
            [ad("2026-11-15", "10000000", "USD"), ad("2026-11-16", "10000000", "USD")],
            [ad("2026-11-01", "5000000", "USD"), ad("2026-11-16", "500000", "EUR")],
        )
        if "2026-11-16" in sent.json["query"]
        else []
    )
    spend = desk.link(
        desk.recipe("google_ads"),
        {
            "developer_token": "dev-token",
            "client_secret": "cs-secret",
            "refresh_token": "1//refresh",
        },
        account_id="1",
        client_id="c",
    )
    done = desk.sync(spend)
    assert desk.spend() == [
        ("2026-11-15", "Paid search", "Brand", "8"),
        ("2026-11-16", "Paid search", "Brand", "6.75"),
    ]
    assert done.rejected == 1
    [reject] = desk.services.records.rejects.all(spend.connection.connection_id)
    assert reject.reason == "There is no exchange rate from USD to EUR for this day."


@pytest.mark.parametrize("name", parsing.RECIPES)
def test_a_recipe_asks_only_for_what_the_form_has_and_says_what_people_can_read(name: str) -> None:
    recipe = parsing.ready(name)
    fields = {field.name: field for field in http.CONNECTOR.fields}
    for key, question in recipe.settings.items():
        assert (fields[key].kind == "secret") == question.secret
    assert recipe.version in recipe.request.url
    assert {recipe.label, recipe.notes, *(q.label for q in recipe.settings.values())} <= {
        *parsing.SAID, *(field.label for field in fields.values()),
    }  # fmt: skip
    assert set(http.CONNECTOR.questions(name)) == {*recipe.settings, "allow_private"}


def test_a_probe_of_rates_shows_them(desk: Desk) -> None:
    desk.local.answers = lambda sent: rates(d2026_11_16={"USD": 1.6})
    done = http.CONNECTOR.probe(desk.link(desk.recipe("rates")))
    assert done.columns == ["local_date", "currency", "base", "rate", "quoted_on"]
    assert done.rows == [["2026-11-16", "USD", "EUR", "1.6000000000", "2026-11-16"]]
    assert desk.rows(schema.RATES) == []
