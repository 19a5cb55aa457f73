"""Fill the demo shop, beside whatever other shops there are."""

from __future__ import annotations

import argparse

from agent.settings import Settings
from agent.sources import demo
from commands.progress import Bar
from commands.running import services_alone


def add(parser: argparse.ArgumentParser) -> None:
    del parser


def run(given: argparse.Namespace, settings: Settings) -> int:
    del given
    with services_alone(settings, "fill the demo shop") as services, Bar() as bar:
        merged = demo.fill(services, bar.show)
    if merged.already:
        print(f"{demo.SHOP.name} is filled already.")
    else:
        print(f"{demo.SHOP.name}: {merged.inserted.get('orders', 0):,} orders.")
    return 0
