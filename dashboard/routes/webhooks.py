"""The door for platforms that call: believed by their signature alone, answered at once."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from agent.errors import NotAllowed, NotFound
from agent.services import Services
from agent.sources.shopify import hooks
from agent.sources.shopify.subscriptions import PATH

Wake = Callable[[str], None]


def webhooks(services: Services, wake: Wake | None) -> Blueprint:
    """POST /webhooks/shopify/CONNECTION: 200 once it is kept, also where it was kept before; 401
    for a signature that is not Shopify's."""
    rooms = Blueprint("webhooks", __name__)

    @rooms.post(f"{PATH}/<connection_id>")
    def called(connection_id: str) -> Response:
        request.max_content_length = hooks.MOST_BYTES
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = hooks.Call(headers, request.get_data(cache=False))
        try:
            new = hooks.receive(services, connection_id, call)
        except (NotAllowed, NotFound) as refusal:
            # A stranger does not learn which connections there are.
            return Response(refusal.message if isinstance(refusal, NotAllowed) else "", 401)
        if new and wake is not None:
            wake(connection_id)
        return Response(status=200)

    return rooms
