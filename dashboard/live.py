"""The room of the WebSocket hub at /ws/analytics. Nobody lives here yet: a caller is let go."""

from __future__ import annotations

from starlette.websockets import WebSocket

# "Try again later": the page asks for versions every 30 s, which serves without a socket.
LATER = 1013


async def live(websocket: WebSocket) -> None:
    """Closes at once, before the handshake is accepted: the caller gets an HTTP 403."""
    await websocket.close(LATER, "There is no live feed here yet.")
