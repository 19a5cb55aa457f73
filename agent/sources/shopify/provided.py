"""A shop that the settings name: connected without anybody filling in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import NotFound
from agent.records.connections import Connection
from agent.sources.connectors import connector
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

ID = "shopify"
SIGNS = "SHOPIFY_CLIENT_SECRET"


def provide(services: Services) -> Connection | None:
    """The connection of SHOPIFY_SHOP, made or brought up to date; None where it is unset. Its
    secrets are named, not copied: whoever keeps them is asked when they are needed."""
    settings = services.settings
    if not settings.shopify_shop:
        return None
    fields = {"shop": settings.shopify_shop, "client_id": settings.shopify_client_id}
    if settings.shopify_client_id:
        fields |= {"client_secret": "secret:SHOPIFY_CLIENT_SECRET", "access_token": ""}
    else:
        # The app's secret signs its calls, whichever way it signs in.
        signs = "secret:SHOPIFY_CLIENT_SECRET" if services.secrets.find(SIGNS) else ""
        fields |= {"access_token": "secret:SHOPIFY_ACCESS_TOKEN", "client_secret": signs}
    connections = services.records.connections
    try:
        known = connections.get(ID)
    except NotFound:
        cron = connector(ID).cron
        made = Connection(ID, ID, t("Shopify"), "", fields, cron, created_by="settings")
        return connections.add(made)
    wanted = {**known.settings, **fields}
    return known if wanted == known.settings else connections.change(ID, settings=wanted)
