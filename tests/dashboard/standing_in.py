"""A Shopify connection to the stand-in, made by the form as an administrator makes it."""

from __future__ import annotations

from typing import Any

from tests.dashboard.conftest import OURS
from tests.shopify_standin.standin import StandIn

SOURCES = "/api/analytics/sources"


def form_of(standin: StandIn, **changed: str) -> dict[str, str]:
    """What is typed into the form."""
    typed = {
        "kind": "shopify",
        "name": "Alder",
        "shop": standin.address,
        "client_id": standin.auth.client_id,
        "client_secret": standin.auth.client_secret,
    }
    return {**typed, **changed}


def connected(client: Any, standin: StandIn) -> str:
    """The id of the connection that was made."""
    answer = client.post(SOURCES, data=form_of(standin), headers=OURS)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])
