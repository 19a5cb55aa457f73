"""Fill the demo shop, beside whatever other shops there are."""

from __future__ import annotations

import argparse

from agent.errors import Busy
from agent.settings import Settings
from agent.sources import demo
from commands.progress import Bar
from commands.running import Running, services_or_running


def add(parser: argparse.ArgumentParser) -> None:
    del parser


def run(given: argparse.Namespace, settings: Settings) -> int:
    del given
    with services_or_running(settings) as host, Bar() as bar:
        if isinstance(host, Running):
            raise Busy(
                "The app is running and holds the warehouse.",
                hint="It fills the demo shop itself when it starts with no other shop.",
            )
        merged = demo.fill(host, bar.show)
    if merged.already:
        print(f"{demo.SHOP.name} is filled already.")
    else:
        print(f"{demo.SHOP.name}: {merged.inserted.get('orders', 0):,} orders.")
    return 0
