"""The stand-in as one thing: a shop, its door, and the HTTP server in front of both."""

from __future__ import annotations

import threading
from types import TracebackType

from tests.shopify_standin.api import Api
from tests.shopify_standin.auth import Auth
from tests.shopify_standin.bulk import BulkOperations
from tests.shopify_standin.cost import Bucket
from tests.shopify_standin.faults import Switchboard
from tests.shopify_standin.listing import Listing
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.webhooks import Courier, Subscriptions


class StandIn:
    """Made of a shop: `with StandIn(shop) as standin: standin.address`.

    `auth` has the credentials, `faults` the switchboard, `courier` the webhooks, `api.asked` what
    was asked, `bulk` the exports.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.clock = shop.clock
        self.faults = Switchboard()
        self.auth = Auth(shop.clock, self.faults)
        self.bulk = BulkOperations(shop, self.faults)
        self.subscriptions = Subscriptions(shop)
        self.courier = Courier(shop, self.subscriptions, self.faults, self.auth.client_secret)
        self.bucket = Bucket(shop.clock)
        self.api = Api(
            self.auth,
            self.faults,
            Listing(shop, self.auth.scopes),
            self.bulk,
            self.subscriptions,
            self.bucket,
        )
        self.lock = threading.RLock()
        shop.listeners.append(self.courier.hear)
        self._server: object = None

    @property
    def address(self) -> str:
        """Where the shop is: http://127.0.0.1:port, without a slash at the end."""
        return self.bulk.address

    def start(self, port: int = 0) -> StandIn:
        from tests.shopify_standin.server import Server

        server = Server(self, port)
        self._server = server
        self.bulk.address = server.address
        server.start()
        return self

    def stop(self) -> None:
        from tests.shopify_standin.server import Server

        if isinstance(self._server, Server):
            self._server.stop()
            self._server = None

    def uninstall(self) -> None:
        """The merchant removes the app: its tokens are dead at once, its subscriptions gone, and
        app/uninstalled is on its way to who asked for it."""
        self.courier.uninstall()
        self.subscriptions.found.clear()
        self.auth.uninstall()

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
