"""`python -m tests.shopify_standin`: a shop to connect to by hand, on the real clock."""

from __future__ import annotations

import argparse
import sys
import threading

from tests.shopify_standin import live
from tests.shopify_standin.console import facts
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

HOW = """
Connect it: Sources, Shopify; paste the address, the client id and the client secret.
Webhooks are sent to whatever address is subscribed; http://127.0.0.1 is allowed here.
Faults: open the address in a browser, or
  curl -X POST {address}/_switchboard -d '{{"on": "http_429", "times": 3}}'
Ctrl-C ends it.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="shopify-standin", description=__doc__)
    parser.add_argument("--port", type=int, default=8055)
    parser.add_argument("--orders", type=int, default=400, help="orders of its past")
    parser.add_argument("--days", type=int, default=120, help="how long that past is")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=4.0, help="seconds between events; 0: none")
    given = parser.parse_args()
    shop = Shop.seeded(live.WallClock(), orders=given.orders, days=given.days, seed=given.seed)
    standin = StandIn(shop).start(given.port)
    lines = [f"{name}: {value}" for name, value in facts(standin).items()]
    sys.stdout.write("\n".join([*lines, HOW.format(address=standin.address)]))
    sys.stdout.flush()
    closing = threading.Event()
    try:
        if given.every > 0:
            live.sell(standin, given.every, closing)
        closing.wait()
    except KeyboardInterrupt:
        pass
    finally:
        standin.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
