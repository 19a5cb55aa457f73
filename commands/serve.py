"""Start: prepare what a first start needs, say where to sign in, serve."""

from __future__ import annotations

import argparse
import logging

import app
from agent.logs import open_logs
from agent.records.roles import Role
from agent.services import Services
from agent.settings import Settings, check_public_bind, is_loopback
from agent.sources import demo
from commands.progress import Bar
from commands.running import note_running

OWNER = "owner@localhost.local"
LINK_MINUTES = 60


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-link", action="store_true", help="print no sign-in link")


def run(given: argparse.Namespace, settings: Settings) -> int:
    import uvicorn

    open_logs(settings.log_level)
    host = app.open_app(settings)
    try:
        check_public_bind(settings, host.services.records.users.count())
        fill_demo(host.services)
        if not given.no_link:
            greet(host.services)
        note = note_running(settings)
    except BaseException:
        host.close()
        raise
    try:
        uvicorn.run(
            host.asgi,
            host=settings.host,
            port=settings.port,
            log_config=None,
            log_level=logging.getLevelName(logging.WARNING).lower(),
            access_log=False,
            timeout_graceful_shutdown=settings.stop_grace_seconds,
        )
    finally:
        note.unlink(missing_ok=True)
    return 0


def fill_demo(services: Services) -> None:
    """The demo shop on a first start, when no other shop is there."""
    if not services.settings.demo or services.warehouse.shops():
        return
    with Bar() as bar:
        demo.fill(services, bar.show)


def greet(services: Services) -> None:
    """Print the address, and for this machine's own user a link that signs in once."""
    print(f"\nRoyal Analytics is at {services.settings.base_url}")
    if is_loopback(services.settings.host):
        print(f"Sign in once with this link, within {LINK_MINUTES} minutes:")
        print(f"  {sign_in_link(services)}\n", flush=True)


def sign_in_link(services: Services, email: str = "") -> str:
    """A link that signs a user in once; without an address the first admin, made if there is
    none."""
    users = services.records.users
    admins = [user for user in users.all() if user.role is Role.ADMIN and not user.disabled]
    chosen = users.by_email(email) if email else admins[0] if admins else None
    if chosen is None:
        chosen = users.add(email or OWNER, "Owner", Role.ADMIN)
    token = services.records.links.create(chosen.user_id, LINK_MINUTES)
    return f"{services.settings.base_url}/link/{token}"
