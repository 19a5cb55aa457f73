"""Start: prepare what a first start needs, say where to sign in, serve, stop in time."""

from __future__ import annotations

import argparse
import gc
import shutil
import signal
import socket
from types import FrameType

import app
from agent.logs import open_logs
from agent.records.roles import Role
from agent.services import Services, open_services
from agent.settings import Settings, check_public_bind, is_loopback
from commands import note
from commands.listening import QUEUE, Host, bound
from commands.user import LINK_MINUTES, link_for

UPLOADS = "uploads"
OWNER = "owner@localhost.local"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-link", action="store_true", help="print no sign-in link")


def run(given: argparse.Namespace, settings: Settings) -> int:
    """Returns after SIGTERM or Ctrl-C."""
    open_logs(settings.log_level)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with note.kept(settings) as mine, bound(settings) as sockets:
        # What arrived when an app was killed belongs to nobody.
        shutil.rmtree(settings.data_dir / UPLOADS, ignore_errors=True)
        services = open_services(settings)
        try:
            check_public_bind(settings, services.records.users.count())
            fill_demo(services)
            product = app.build(services)
            settle()
            _open(sockets, mine)
            greet(services, not given.no_link)
        except BaseException:
            services.close()
            raise
        # From here on the app closes what it was given.
        Host(product.asgi, settings, mine.remove).run(sockets)
    return 0


def settle() -> None:
    """What starting has made stays for good: from now on the collector looks at what is newer,
    which spares a page pauses of a tenth of a second."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def fill_demo(services: Services) -> None:
    """The demo shop on a first start, when no other shop is there."""
    if not services.settings.demo or services.warehouse.shops():
        return
    from agent.sources import demo
    from commands.progress import Bar

    with Bar() as bar:
        demo.fill(services, bar.show)


def greet(services: Services, with_link: bool) -> None:
    """Print the address, and for this machine's own user a link that signs in once."""
    print(f"\nRoyal Analytics is at {services.settings.base_url}", flush=True)
    if with_link and is_loopback(services.settings.host):
        print(f"Sign in once with this link, within {LINK_MINUTES} minutes:")
        print(f"  {owner_link(services)}\n", flush=True)


def owner_link(services: Services) -> str:
    """A link that signs in the first admin, who is made when there is none."""
    users = services.records.users
    admins = [user for user in users.all() if user.role is Role.ADMIN and not user.disabled]
    owner = admins[0] if admins else users.add(OWNER, "Owner", Role.ADMIN)
    return link_for(services.records, owner, services.settings)


def _open(sockets: list[socket.socket], mine: note.Note) -> None:
    """From now on callers wait in the queue instead of being refused, so the link works at once."""
    for one in sockets:
        one.listen(QUEUE)
    host, port = sockets[0].getsockname()[:2]
    mine.write(host, port)


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(0)
