"""The servers that the tests start: they answer, they are empty, they are gone afterwards."""

from __future__ import annotations

import smtplib
import socket

import psycopg2
import pytest
import redis
import sqlalchemy as sa

from tests import servers


@pytest.mark.server
@pytest.mark.parametrize("turn", [1, 2])
def test_every_database_is_fresh(postgres_url: str, turn: int) -> None:
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA once"))
        connection.execute(sa.text("CREATE TABLE only_once (n integer)"))
        assert connection.execute(sa.text("SELECT count(*) FROM only_once")).scalar() == 0
    engine.dispose()


@pytest.mark.server
@pytest.mark.parametrize("turn", [1, 2])
def test_redis_starts_empty(redis_url: str, turn: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "over")


@pytest.mark.server
def test_redis_can_be_stopped_and_started_on_its_port() -> None:
    port = servers.free_port()
    for _ in range(2):
        with servers.redis_server(port), redis.Redis(port=port) as client:
            assert client.ping()
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), 1):
            pass


@pytest.mark.server
def test_smtp_collects_letters_and_can_refuse(smtp_server: servers.SmtpServer) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_server.port) as line:
        line.sendmail("a@example.com", ["b@example.com"], b"Subject: Hello\r\n\r\nText\r\n")
        smtp_server.reply = "550 no such box"
        with pytest.raises(smtplib.SMTPDataError):
            line.sendmail("a@example.com", ["b@example.com"], b"Subject: Two\r\n\r\n\r\n")
    assert [letter["Subject"] for letter in smtp_server.letters] == ["Hello"]


@pytest.mark.server
def test_postgres_is_reachable_only_while_it_runs(postgres_server: servers.PostgresServer) -> None:
    with postgres_server.database() as url:
        psycopg2.connect(url.replace("+psycopg2", "")).close()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url.replace("+psycopg2", ""))
