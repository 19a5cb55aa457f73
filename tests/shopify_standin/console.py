"""The switchboard for a person: a page with buttons, and the same by POST."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson

from tests.shopify_standin.api import HTML, Answer
from tests.shopify_standin.faults import FAULTS

if TYPE_CHECKING:
    from tests.shopify_standin.standin import StandIn


def switch(standin: StandIn, body: bytes) -> Answer:
    """POST /_switchboard: {"on": name, "times": n | null, "probability": p} or {"off": name | ""},
    as JSON or as a form."""
    try:
        wish = orjson.loads(body)
    except orjson.JSONDecodeError:
        wish = dict(parse_qsl(body.decode(), keep_blank_values=True))
    if not isinstance(wish, dict):
        return Answer(400, b'{"errors":"an object is due"}')
    if "off" in wish:
        standin.faults.off(wish["off"] or None)
    elif wish.get("on") in FAULTS:
        times = wish.get("times", 1)
        standin.faults.on(
            wish["on"],
            None if times in (None, "", "ever") else int(times),
            float(wish.get("probability") or 1),
        )
    else:
        return Answer(400, orjson.dumps({"errors": f"no fault {wish.get('on')!r}"}))
    if wish.get("page"):
        return Answer(303, b"", headers={"Location": "/"})
    return state(standin)


def state(standin: StandIn) -> Answer:
    """GET /_switchboard: what is on, what was taken, what was asked lately."""
    told = {
        "on": {name: armed.left for name, armed in standin.faults.armed.items()},
        "taken": standin.faults.taken,
        "asked": standin.api.asked[-50:],
        "orders": len(standin.shop.orders),
        "events": len(standin.shop.happened),
        "webhooks_waiting": len(standin.courier.waiting),
    }
    return Answer(200, orjson.dumps(told))


def facts(standin: StandIn) -> dict[str, str]:
    """What a person types into the connector's form."""
    return {
        "Shop address": standin.address,
        "Client ID": standin.auth.client_id,
        "Client secret": standin.auth.client_secret,
        "Static token": standin.auth.static_token,
        "Scopes": ", ".join(standin.auth.scopes),
    }


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in Shopify</title>
<style>body{{font:15px system-ui;margin:2rem auto;max-width:56rem}}td{{padding:.2rem .8rem .2rem 0}}
code{{background:#eee;padding:.1rem .3rem}}form{{display:inline}}</style>
<h1>{name}</h1><p>{orders} orders, {events} events, {waiting} webhooks waiting.</p>
<table>{facts}</table><h2>Faults</h2><table>{faults}</table>
<form method="post" action="/_switchboard"><input type="hidden" name="page" value="1">
<button name="off" value="">All off</button></form></html>"""
ROW = "<tr><td>{}</td><td><code>{}</code></td></tr>"
FAULT = """<tr><td><code>{0}</code></td><td>{1}</td><td>{2}</td><td>
<form method="post" action="/_switchboard"><input type="hidden" name="page" value="1">
<input type="hidden" name="on" value="{0}"><button name="times" value="1">once</button>
<button name="times" value="10">10 times</button><button name="times" value="ever">for ever</button>
</form></td></tr>"""


def page(standin: StandIn) -> Answer:
    """GET /: shop, credentials, faults."""
    armed = standin.faults.armed
    rows = [
        FAULT.format(name, escape(fault.says), _on(armed[name].left) if name in armed else "")
        for name, fault in FAULTS.items()
    ]
    told = PAGE.format(
        name=escape(standin.shop.profile.name),
        orders=len(standin.shop.orders),
        events=len(standin.shop.happened),
        waiting=len(standin.courier.waiting),
        facts="".join(ROW.format(k, escape(v)) for k, v in facts(standin).items()),
        faults="".join(rows),
    )
    return Answer(200, told.encode(), HTML)


def _on(left: int | None) -> str:
    return "on for ever" if left is None else f"on, {left} left"
