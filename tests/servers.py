"""Throw-away servers for the tests: PostgreSQL, Redis and SMTP on free ports."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any

START_SECONDS = 120.0
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
# Nobody is left in a database that is emptied; a test may still hold a connection to it.
ALONE = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'
"""
EMPTY = """
    DO $$ DECLARE one text; BEGIN
        FOR one IN SELECT nspname FROM pg_namespace
            WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
        LOOP EXECUTE format('DROP SCHEMA %I CASCADE', one); END LOOP;
    END $$;
    CREATE SCHEMA public;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
INITDB = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")


class Missing(Exception):
    """A program that a server needs is not here; the text says which and how to get it."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """One server for a test run; `database()` gives the address of a fresh, empty database.

    Making a database copies a thousand files. So one that is done with is emptied and waits, out
    of reach under another name, for the next that asks.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._spare: list[str] = []

    def address(self, name: str) -> str:
        return f"postgresql+psycopg2://postgres@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def database(self) -> Iterator[str]:
        name, spare = f"test_{uuid.uuid4().hex[:12]}", f"spare_{uuid.uuid4().hex[:12]}"
        if self._spare:
            self.execute(f"ALTER DATABASE {self._spare.pop()} RENAME TO {name}")
        else:
            self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.address(name)
        finally:
            self.execute(ALONE.format(name))
            self.execute(EMPTY, name)
            self.execute(f"ALTER DATABASE {name} RENAME TO {spare}")
            self._spare.append(spare)

    def execute(self, command: str, database: str = "postgres") -> None:
        """One command outside a transaction, as the superuser."""
        import psycopg2

        connection = psycopg2.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(command)
        finally:
            connection.close()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    with _postgres_folder() as (folder, command):
        port = free_port()
        started = _running(command(port), folder, signal.SIGINT, lambda: _postgres_answers(port))
        with started:
            yield PostgresServer(port)


class MortalPostgres:
    """A server of a test's own, that can be stopped, started again, frozen and thawed."""

    def __init__(self, port: int, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.port, self._start = port, start
        self.url = f"postgresql+psycopg2://postgres@127.0.0.1:{port}/postgres"
        self._server: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._server = self._start()
        give_up = time.monotonic() + START_SECONDS
        while not _postgres_answers(self.port):
            if self._server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("PostgreSQL did not start.")
            time.sleep(0.02)

    def stop(self) -> None:
        """At once: whoever is connected is cut off."""
        server, self._server = self._server, None
        if server is not None:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of the server stands still; its lines stay open, and say nothing."""
        assert self._server is not None
        everyone = [self._server.pid, *_children(self._server.pid)]
        for process in everyone:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(everyone):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)


@contextmanager
def mortal_postgres() -> Iterator[MortalPostgres]:
    with _postgres_folder() as (folder, command):
        port = free_port()
        log = (folder / "server.log").open("ab")

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command(port), stdout=log, stderr=log, cwd=folder)

        server = MortalPostgres(port, start)
        try:
            yield server
        finally:
            server.stop()
            log.close()


@contextmanager
def _postgres_folder() -> Iterator[tuple[Path, Callable[[int], list[str]]]]:
    """A folder with the data of a new server, and the command that starts it on a port."""
    programs = _postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="pgtest-"))
    data = folder / "data"
    options = (
        f"unix_socket_directories={folder}",
        "listen_addresses=127.0.0.1",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "wal_level=minimal",
        "max_wal_senders=0",
        "max_connections=60",
        # Two test workers share two cores: more processes for one question only cost.
        "max_parallel_workers_per_gather=0",
        "jit=off",
    )

    def command(port: int) -> list[str]:
        words = [*_as_postgres("SIGQUIT"), str(programs / "postgres"), "-D", str(data)]
        for option in (f"port={port}", *options):
            words += ["-c", option]
        return words

    try:
        if os.geteuid() == 0:
            shutil.chown(folder, *_postgres_user())
        _quietly([*_as_postgres(), str(programs / "initdb"), *INITDB, "-D", str(data)], cwd=folder)
        yield folder, command
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server(port: int = 0) -> Iterator[str]:
    """The address of a Redis without a disk. With a given port it can be stopped and come back."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("redis-server is not installed: apt-get install redis-server")
    port = port or free_port()
    folder = Path(tempfile.mkdtemp(prefix="redistest-"))
    command = [*_dies_with_us("SIGKILL"), program, "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    try:
        with _running(command, folder, signal.SIGTERM, lambda: _redis_answers(port)):
            yield f"redis://127.0.0.1:{port}/0"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class SmtpServer:
    """Collects what is mailed to it. A `reply` like "451 later" is what it then says instead."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"smtp://127.0.0.1:{port}"
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Any] = []
        self.reply = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.reply:
            return self.reply
        letter = BytesParser(EmailMessage, policy=SMTP_POLICY).parsebytes(envelope.content)
        self.envelopes.append(envelope)
        self.letters.append(letter)
        return "250 accepted"

    def clear(self) -> None:
        self.letters.clear()
        self.envelopes.clear()
        self.reply = ""


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    try:
        from aiosmtpd.controller import Controller
    except ImportError as error:
        raise Missing("aiosmtpd is not installed: pip install -r requirements-dev.txt") from error
    server = SmtpServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def _running(
    command: list[str], folder: Path, stop: signal.Signals, ready: Callable[[], bool]
) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        give_up = time.monotonic() + START_SECONDS
        while not ready():
            if server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{command} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.02)
        yield
    finally:
        if server.poll() is None:
            server.send_signal(stop)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _postgres_answers(port: int) -> bool:
    import psycopg2

    try:
        psycopg2.connect(
            host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=2
        ).close()
    except psycopg2.OperationalError:
        return False
    return True


def _redis_answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as line:
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name, which may hold anything: state and parent.
            fields = status.read_text().rpartition(")")[2].split()
            found += [int(status.parent.name)] if int(fields[1]) == parent else []
    return found


def _postgres_programs() -> Path:
    versions = sorted(
        (path.parent for path in DEBIAN_POSTGRES.glob("*/bin/initdb")),
        key=lambda folder: float(folder.parent.name),
    )
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    if found is None:
        raise Missing("PostgreSQL is not installed: apt-get install postgresql")
    return Path(found).resolve().parent


def _postgres_user() -> tuple[str, str]:
    try:
        pwd.getpwnam("postgres")
    except KeyError as error:
        raise Missing("There is no user postgres: PostgreSQL refuses to run as root.") from error
    return "postgres", "postgres"


def _as_postgres(dies_by: str = "SIGKILL") -> list[str]:
    """PostgreSQL refuses to run as root, so root steps down to the user that the package made."""
    if os.geteuid() != 0:
        return _dies_with_us(dies_by)
    if shutil.which("setpriv"):
        who = ["--reuid=postgres", "--regid=postgres", "--init-groups"]
        return ["setpriv", *who, f"--pdeathsig={dies_by}"]
    return ["runuser", "-u", "postgres", "--"]


def _dies_with_us(dies_by: str) -> list[str]:
    """A killed test run cannot clean up: the kernel then ends the server (Linux only)."""
    return ["setpriv", f"--pdeathsig={dies_by}"] if shutil.which("setpriv") else []


def _quietly(command: list[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
