"""Who may ask: client credentials for tokens of a day, and static tokens of older apps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.shopify_standin.faults import Switchboard
from tests.shopify_standin.model import SCOPES
from tests.shopify_standin.shop import Clock

ALIVE = 86_399
OAUTH = "<html><head><title>Oauth error {0}</title></head><body>Oauth error {0}: {1}</body></html>"
REASONS = {
    "shop_not_permitted": "Client credentials cannot be performed on this shop.",
    "app_not_installed": "The application is not installed on this shop.",
}
DEAD = "[API] Invalid API key or access token (unrecognized login or wrong password)"


@dataclass
class Auth:
    """The app's credentials and its live tokens: token -> when it ends, None for never."""

    clock: Clock
    faults: Switchboard
    client_id: str = "5f3a9c1d2b7e4860a1c4d8e9f0b21736"
    client_secret: str = "shpss_0c9f51d2a84b4e0f8a7d"
    static_token: str = "shpat_6be2dd11f0c94d5f9d3a"
    scopes: tuple[str, ...] = SCOPES
    tokens: dict[str, datetime | None] = field(default_factory=dict)
    issued: int = 0

    def __post_init__(self) -> None:
        self.tokens[self.static_token] = None

    def grant(self, form: Mapping[str, str]) -> tuple[int, Any]:
        """Status and body for POST /admin/oauth/access_token; a text is a page."""
        for fault in ("shop_not_permitted", "app_not_installed"):
            if self.faults.take(fault):
                return 400, OAUTH.format(fault, REASONS[fault])
        if self.faults.take("oauth_500"):
            return 500, {"errors": "An unexpected error occurred"}
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        if (form.get("client_id"), form.get("client_secret")) != (
            self.client_id,
            self.client_secret,
        ):
            return 401, {"error": "invalid_client", "error_description": "Client is unknown"}
        self.issued += 1
        token = hashlib.sha256(f"{self.client_id} {self.issued}".encode()).hexdigest()[:32]
        self.tokens[token] = self.clock.now() + timedelta(seconds=ALIVE)
        return 200, {"access_token": token, "scope": ",".join(self.scopes), "expires_in": ALIVE}

    def known(self, token: str | None) -> bool:
        if token not in self.tokens:
            return False
        ends = self.tokens[token]
        return ends is None or self.clock.now() < ends

    def uninstall(self) -> None:
        """Every token is dead at once."""
        self.tokens.clear()
