from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agent.errors import BadSetting
from agent.kinds import KINDS, Rate, rate
from agent.settings import SETTINGS, Settings, check_public_bind, describe, is_loopback

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"DATA_DIR": str(tmp_path / "data")}


def test_nothing_set_gives_the_embedded_twins(environ: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_env(environ)
    folder = tmp_path / "data"
    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8050, True)
    assert settings.data_dir == folder
    assert settings.database_url == f"sqlite:///{folder}/records.sqlite"
    assert settings.warehouse_url == f"duckdb:///{folder}/warehouse.duckdb"
    assert (settings.redis_url, settings.smtp_url) == ("", "")
    assert settings.base_url == "http://127.0.0.1:8050"
    assert (settings.session_hours, settings.cache_seconds) == (12, 600)
    assert settings.report_recipients == ()
    assert settings.locale == "en_US"


def test_data_dir_is_a_folder_here_when_unset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_env({}).data_dir == tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "9000", 9000),
        ("PORT", " 9000 ", 9000),
        ("PORT", "", 8050),
        ("DEMO", "No", False),
        ("DEMO", "1", True),
        ("LOG_LEVEL", "WARNING", "warning"),
        ("LOCALE", "de-AT", "de_AT"),
        ("CACHE_TABLE_SECONDS", "", {}),
        ("CACHE_TABLE_SECONDS", "sessions=120, spend = 3600", {"sessions": 120, "spend": 3600}),
        ("VALUE_TIERS", "", (1000, 500, 100)),
        ("VALUE_TIERS", "2000, 750.5,100", (2000, 750.5, 100)),
        ("RATE_SHOPIFY", "", Rate(200, 60, 20)),
        ("RATE_SHOPIFY", "40/Second, burst 40", Rate(40, 1, 40)),
        ("RATE_HTTP", "2 per 1 hour", Rate(2, 3600, 2)),
        ("RATE_FITS", "10/5 minutes, burst 3", Rate(10, 300, 3)),
        ("RATE_FITS", "none", Rate()),
        ("CACHE_SECONDS", "0", 0),
        ("HOST", "::1", "::1"),
        ("HOST", "localhost", "localhost"),
        ("REPORT_RECIPIENTS", "a@x.example, Bo <b@y.example>", ("a@x.example", "b@y.example")),
        ("MAIL_FROM", "Shop <shop@x.example>", "Shop <shop@x.example>"),
        ("BASE_URL", "https://numbers.example/royal/", "https://numbers.example/royal"),
        ("REDIS_URL", "rediss://:pw@cache.example:6380/2", "rediss://:pw@cache.example:6380/2"),
        ("DATABASE_URL", "postgresql:///shop?host=/run/pg", "postgresql:///shop?host=/run/pg"),
        ("WAREHOUSE_URL", "duckdb:///w.duckdb", "duckdb:///w.duckdb"),
        ("SMTP_URL", "smtp+starttls://u:p%40w@m.example", "smtp+starttls://u:p%40w@m.example"),
    ],
)
def test_a_value_is_read(environ: dict[str, str], name: str, text: str, value: object) -> None:
    assert getattr(Settings.from_env(environ | {name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("PORT", "abc", "PORT='abc' is not a whole number."),
        ("PORT", "80.5", "PORT='80.5' is not a whole number."),
        ("PORT", "99999", "PORT='99999' is outside 1 to 65535."),
        ("PORT", "0", "PORT='0' is outside 1 to 65535."),
        ("PORT", "٨٠", "PORT='٨٠' is not a whole number."),
        (
            "RATE_MAIL",
            "often",
            "RATE_MAIL='often' is not a rate; '200/minute, burst 20' is an example.",
        ),
        (
            "RATE_MAIL",
            "0/minute",
            "RATE_MAIL='0/minute' counts less than 1 or more than 100,000, or over more than a"
            " day.",
        ),
        (
            "RATE_MAIL",
            "9/48 hours",
            "RATE_MAIL='9/48 hours' counts less than 1 or more than 100,000, or over more than a"
            " day.",
        ),
        (
            "RATE_MAIL",
            "10/minute, burst 11",
            "RATE_MAIL='10/minute, burst 11' has a burst above its rate, or below what one second"
            " of it brings.",
        ),
        (
            "RATE_MAIL",
            "600/minute, burst 9",
            "RATE_MAIL='600/minute, burst 9' has a burst above its rate, or below what one second"
            " of it brings.",
        ),
        ("CACHE_SECONDS", "soon", "CACHE_SECONDS='soon' is not a whole number."),
        ("CACHE_SECONDS", "-1", "CACHE_SECONDS='-1' is outside 0 to 2592000."),
        ("SESSION_HOURS", "0", "SESSION_HOURS='0' is outside 1 to 8760."),
        ("DEMO", "maybe", "DEMO='maybe' is neither yes nor no."),
        ("HOST", "no host", "HOST='no host' is not a host name or address."),
        ("HOST", "127.0.0.256", "HOST='127.0.0.256' is not a host name or address."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL='loud' is not one of debug, info, warning, error."),
        ("LOCALE", "xx_YY", "LOCALE='xx_YY' is not a known locale; en_US and de_DE are examples."),
        ("CACHE_TABLE_SECONDS", "visits=1", "names 'visits', which is none of sales, orders,"),
        ("CACHE_TABLE_SECONDS", "sales=1,sales=2", "names sales twice."),
        ("CACHE_TABLE_SECONDS", "sales", "gives sales a time that is not a whole number."),
        ("CACHE_TABLE_SECONDS", "sales=0", "gives sales a time that is outside 1 to 2592000."),
        ("VALUE_TIERS", "1000,500", "VALUE_TIERS='1000,500' is not three amounts with a comma"),
        ("VALUE_TIERS", "1,2,3", "VALUE_TIERS='1,2,3' does not fall from the first amount"),
        ("VALUE_TIERS", "9,9,1", "does not fall from the first amount to the last, above 0."),
        ("LOCALE", "../x", "LOCALE='../x' is not a known locale; en_US and de_DE are examples."),
        ("MAIL_FROM", "nobody", "MAIL_FROM='nobody' is not a list of mail addresses with a comma"),
        ("MAIL_FROM", "a@b.example, c@d.example", "is not one mail address."),
        ("REPORT_RECIPIENTS", "a@b.example;c@d.example", "is not a list of mail addresses"),
        ("BASE_URL", "analytics.example", "does not start with http:// or https://"),
        ("BASE_URL", "https://x.example/?a=1", "has more in it than a scheme, a host and a path."),
        ("REDIS_URL", "http://x.example", "does not start with redis:// or rediss://"),
        ("REDIS_URL", "redis://", "REDIS_URL='redis://' names no server;"),
        ("REDIS_URL", "redis://h:port/0", "is not an address;"),
        (
            "DATABASE_URL",
            "mysql://x.example/a",
            "DATABASE_URL='mysql://x.example/a' does not start",
        ),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL='sqlite://' names no file;"),
        ("DATABASE_URL", "sqlite:///:memory:", "names no file;"),
        ("DATABASE_URL", "duckdb:///x", "DATABASE_URL='duckdb:///x' does not start with sqlite://"),
        ("WAREHOUSE_URL", "duckdb:x", "WAREHOUSE_URL='duckdb:x' does not start with duckdb://"),
        ("WAREHOUSE_URL", "sqlite:///x", "WAREHOUSE_URL='sqlite:///x' does not start with duckdb"),
        ("SMTP_URL", "smtp://m.example?tls=maybe", "has a tls= that is neither starttls nor none."),
        ("SECRET_KEY", "hunter2", "SECRET_KEY has 7 characters and needs 32 or more."),
    ],
)
def test_a_wrong_value_stops_the_start_naming_key_and_value(
    environ: dict[str, str], name: str, text: str, sentence: str
) -> None:
    with pytest.raises(BadSetting) as stopped:
        Settings.from_env(environ | {name: text})
    assert str(stopped.value).startswith(name)
    assert sentence in str(stopped.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SECRET_KEY", "hunter2"),
        ("REDIS_URL", "http://:hunter2@x.example"),
        ("REDIS_URL", "redis://:hunter2/3@x.example:y"),
        ("DATABASE_URL", "mysql://anna:hunter2@x.example/a"),
        ("WAREHOUSE_URL", "oracle://x.example/a?password=hunter2&b=1"),
        ("SMTP_URL", "smtp://anna:hunter2@@m.example:x"),
        ("SMTP_URL", "smtp://anna:hunter2 @m.example"),
        ("SMTP_URL", "smtp://anna:two words hunter2@m.example"),
        ("SMTP_URL", "smtp://anna@corp.example:hunter2@m.example:x"),
        ("REDIS_URL", "http://an/na:hunter2@x.example:y"),
    ],
)
def test_a_wrong_value_keeps_its_password(environ: dict[str, str], name: str, text: str) -> None:
    with pytest.raises(BadSetting) as stopped:
        Settings.from_env(environ | {name: text})
    assert "hunter2" not in str(stopped.value)
    assert "hunter2" not in repr(stopped.value.__cause__)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(BadSetting, match=r"^DATA_DIR='.*/x' is not a folder\.$"):
        Settings.from_env({"DATA_DIR": str(tmp_path / "x")})


def test_no_print_of_the_settings_shows_a_secret(environ: dict[str, str]) -> None:
    settings = Settings.from_env(
        environ
        | {
            "SECRET_KEY": KEY,
            "REDIS_URL": "redis://:hunter2@x.example",
            "SMTP_URL": "smtps://anna:hunter2@m.example",
            "DATABASE_URL": "postgresql://anna:hunter2@d.example/a",
            "WAREHOUSE_URL": "postgresql://d.example/a?user=anna&password=hunter2&x=1",
        }
    )
    shown = {name: value for name, value, _ in describe(settings)}
    for text in (repr(settings), str(settings), f"{settings}", str(shown)):
        assert "hunter2" not in text
        assert KEY not in text
    assert shown["REDIS_URL"] == "redis://:•••@x.example"
    assert shown["SMTP_URL"] == "smtps://anna:•••@m.example"
    assert shown["WAREHOUSE_URL"] == "postgresql://d.example/a?user=anna&password=•••&x=1"
    assert shown["SECRET_KEY"] == "(set)"
    assert shown["DEMO"] == "yes"


def test_the_table_is_whole() -> None:
    names = [row.name for row in SETTINGS]
    assert len(set(names)) == len(names)
    fields = set(Settings.__dataclass_fields__) - {"secret_key_set", "env_file"}
    assert {row.field for row in SETTINGS} == fields
    for row in SETTINGS:
        KINDS[row.kind].read(row.default)
        assert row.help.endswith(".")
        assert row.help.count(". ") == 0, "one sentence"


def test_env_file_gives_what_the_environment_does_not(
    environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "\ufeff# a comment\n"
        "PORT=9001\n"
        "export LOCALE='de_DE' # German\n"
        'MAIL_FROM="Shop <shop@x.example>"\n'
        "BASE_URL=https://x.example/$HOME\n"
        "\n"
        "SESSION_HOURS=\n",
        encoding="utf-8",
    )
    settings = Settings.from_env(environ | {"LOCALE": "fr_FR"}, file)
    assert (settings.port, settings.locale) == (9001, "fr_FR")
    assert settings.mail_from == "Shop <shop@x.example>"
    assert settings.base_url == "https://x.example/$HOME"
    assert settings.session_hours == 12


@pytest.mark.parametrize("line", ["PORT", "'PORT", "=3", 'PORT="9'])
def test_a_broken_line_of_the_env_file_is_named(
    environ: dict[str, str], tmp_path: Path, line: str
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"HOST=127.0.0.1\n{line}\n")
    with pytest.raises(BadSetting, match=r"^Line 2 of the settings file '.*\.env' is not NAME="):
        Settings.from_env(environ, file)


def test_env_file_that_is_no_text(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(BadSetting, match=r"cannot be read"):
        Settings.from_env(environ, file)


def test_absent_env_file_is_no_error(environ: dict[str, str], tmp_path: Path) -> None:
    assert Settings.from_env(environ, tmp_path / "none").port == 8050


def test_a_value_may_stand_in_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(KEY + "\n")
    settings = Settings.from_env(environ | {"SECRET_KEY_FILE": str(secret)})
    assert settings.secret_key == KEY
    assert settings.secret_key_set
    assert not (tmp_path / "data" / "secret_key").exists()


def test_the_environments_file_beats_the_env_files_value(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("redis://one.example")
    (tmp_path / ".env").write_text("REDIS_URL=redis://two.example\n")
    settings = Settings.from_env(
        environ | {"REDIS_URL_FILE": str(tmp_path / "url")}, tmp_path / ".env"
    )
    assert settings.redis_url == "redis://one.example"


def test_secret_files_that_cannot_be_used(environ: dict[str, str], tmp_path: Path) -> None:
    absent = {"SECRET_KEY_FILE": str(tmp_path / "none")}
    with pytest.raises(BadSetting, match=r"SECRET_KEY_FILE='.*none' cannot be read: No such file"):
        Settings.from_env(environ | absent)
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(BadSetting, match=r"SECRET_KEY_FILE='.*empty' is empty"):
        Settings.from_env(environ | {"SECRET_KEY_FILE": str(tmp_path / "empty")})
    with pytest.raises(BadSetting, match=r"SECRET_KEY and SECRET_KEY_FILE are both set"):
        Settings.from_env(environ | absent | {"SECRET_KEY": KEY})


def test_the_key_is_made_once_and_for_its_owner_alone(
    environ: dict[str, str], tmp_path: Path
) -> None:
    first, second = Settings.from_env(environ), Settings.from_env(environ)
    file = tmp_path / "data" / "secret_key"
    assert first.secret_key == second.secret_key == file.read_text().strip()
    assert len(first.secret_key) >= 32
    assert not first.secret_key_set
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in file.parent.iterdir()] == ["secret_key"]
    other = Settings.from_env({"DATA_DIR": str(tmp_path / "other")})
    assert other.secret_key != first.secret_key


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "shop.example"])
def test_a_public_bind_needs_a_key_and_a_user(environ: dict[str, str], host: str) -> None:
    with pytest.raises(BadSetting, match=rf"^HOST='{host}' .*SECRET_KEY is not set\."):
        Settings.from_env(environ | {"HOST": host})
    settings = Settings.from_env(environ | {"HOST": host, "SECRET_KEY": KEY})
    with pytest.raises(BadSetting, match=r"there is no user yet\. .*user add"):
        check_public_bind(settings, 0)
    check_public_bind(settings, 1)


def test_a_kept_key_does_not_open_the_door(environ: dict[str, str]) -> None:
    Settings.from_env(environ)
    with pytest.raises(BadSetting, match="SECRET_KEY is not set"):
        Settings.from_env(environ | {"HOST": "0.0.0.0"})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_alone_needs_neither(environ: dict[str, str], host: str) -> None:
    settings = Settings.from_env(environ | {"HOST": host})
    assert is_loopback(host)
    check_public_bind(settings, 0)


@pytest.mark.parametrize(
    "text", ["200/minute, burst 20", "10/5 minutes, burst 3", "7/2 hours, burst 7", "none"]
)
def test_a_rate_is_written_as_it_is_read(text: str) -> None:
    assert str(rate(text)) == text
