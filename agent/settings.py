"""Settings: one table, from which parsing, `check` and the docs derive.

A value comes from the environment, else from the `.env` file, else from the table. Instead of a
value in the clear, NAME_FILE may name a file that holds it. A wrong value stops the start.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import BadSetting
from agent.kinds import KINDS, Rate
from agent.secret_settings import SECRET_SETTINGS, SecretSettings, Setting
from agent.secrets import kept_key, masked, read_env_file, read_secret

SETTINGS: tuple[Setting, ...] = (
    Setting("HOST", "host", "127.0.0.1", "Address to listen on; 0.0.0.0 for every network."),
    Setting("PORT", "port", "8050", "Port to listen on."),
    Setting("DATA_DIR", "folder", "data", "Folder for everything the app writes."),
    Setting("DEMO", "flag", "yes", "Fill and keep alive the demo shop."),
    Setting(
        "SECRET_KEY",
        "key",
        "",
        "Signs cookies and seals the cache, 32 characters or more; made in DATA_DIR when unset.",
    ),
    Setting(
        "DATABASE_URL",
        "records_url",
        "",
        "Users, schedules, deliveries: sqlite:///FILE or postgresql://; in DATA_DIR when unset.",
    ),
    Setting(
        "WAREHOUSE_URL",
        "warehouse_url",
        "",
        "The sales ledger: duckdb:///FILE or postgresql://; in DATA_DIR when unset.",
    ),
    Setting(
        "REDIS_URL",
        "redis_url",
        "",
        "Redis for the cache and live messages, redis:// or rediss://; inside the app when unset.",
    ),
    Setting(
        "REDIS_PREFIX",
        "word",
        "royal",
        "What its keys and channels in Redis begin with: the same in all processes of an "
        "installation, another one in each installation that uses the same Redis.",
    ),
    Setting(
        "SMTP_URL",
        "smtp_url",
        "",
        "Mail server, smtp+starttls://, smtps:// or smtp://; the folder outbox when unset.",
    ),
    Setting(
        "MAIL_FROM",
        "address",
        "Royal Analytics <analytics@localhost>",
        "Sender of every mail.",
    ),
    Setting(
        "BASE_URL",
        "web_url",
        "",
        "Address people open, used in mails and links; http://HOST:PORT when unset.",
    ),
    Setting("SESSION_HOURS", "hours", "12", "Hours until a signed-in person signs in again."),
    Setting(
        "CACHE_SECONDS",
        "seconds",
        "600",
        "Seconds an answer is kept; 6 times as long where its period ended 28 days ago, half as "
        "long where that holds today; 0 keeps none.",
    ),
    Setting(
        "CACHE_TABLE_SECONDS",
        "table_seconds",
        "",
        "Other seconds for answers read from a table, such as sessions=120, spend=3600; the "
        "shortest counts.",
    ),
    Setting(
        "REPORT_RECIPIENTS",
        "addresses",
        "",
        "Addresses that get scheduled reports unless the schedule names others, comma between.",
    ),
    Setting(
        "REPORT_METRICS",
        "names",
        "",
        "Key figures of reports, own KPIs too, the main one first; the report's own when unset.",
    ),
    Setting(
        "VALUE_TIERS",
        "tiers",
        "1000,500,100",
        "Lifetime net sales, in shop money, from which a customer is High value, Medium, Regular.",
    ),
    Setting("RATE_SHOPIFY", "rate", "200/minute, burst 20", "Requests to one Shopify shop."),
    Setting(
        "RATE_POSTGRES", "rate", "120/minute, burst 20", "Statements to one PostgreSQL source."
    ),
    Setting("RATE_HTTP", "rate", "60/minute, burst 10", "Requests to one HTTP source."),
    Setting("RATE_MAIL", "rate", "60/minute, burst 10", "Letters handed to the mail server."),
    Setting("RATE_NARRATOR", "rate", "20/minute, burst 5", "Requests to the narrator."),
    Setting(
        "RATE_QUESTIONS",
        "rate",
        "50/minute, burst 10",
        "Pages, files, API answers that one person may have worked out anew; kept ones are free.",
    ),
    Setting("RATE_CHARTS", "rate", "100/minute, burst 15", "Pictures and PDF files drawn."),
    Setting("RATE_FITS", "rate", "10/5 minutes, burst 10", "Forecasting models fitted."),
    Setting(
        "WATCH_ROOT",
        "folder_or_none",
        "",
        "Folder inside which watched folders may lie; inbox in DATA_DIR when unset.",
    ),
    Setting(
        "SHOPIFY_SHOP",
        "word",
        "",
        "Address of a Shopify shop to connect, my-shop.myshopify.com; none when unset.",
    ),
    Setting(
        "SHOPIFY_CLIENT_ID",
        "word",
        "",
        "Client ID of the app that reads the shop; the providers of secrets are asked for "
        "SHOPIFY_CLIENT_SECRET, or when this is unset for SHOPIFY_ACCESS_TOKEN.",
    ),
    Setting(
        "NARRATOR_URL",
        "web_url",
        "",
        "OpenAI-compatible service that puts facts into words, https://api.example/v1; none when "
        "unset.",
    ),
    Setting(
        "NARRATOR_MODEL",
        "word",
        "",
        "Model that it is asked for; the providers of secrets are asked for NARRATOR_KEY.",
    ),
    Setting("LOG_LEVEL", "level", "info", "Least important log line shown."),
    Setting(
        "STOP_GRACE_SECONDS", "seconds", "10", "Seconds that running jobs get to end at a stop."
    ),
    Setting("SCHEDULER", "flag", "yes", "Run schedules in this process."),
    Setting("LOCALE", "locale", "en_US", "How numbers and dates are written."),
    *SECRET_SETTINGS,
)


@dataclass(frozen=True, repr=False)
class Settings(SecretSettings):
    """All settings, ready to use: addresses filled in, the key made. Prints without secrets."""

    host: str
    port: int
    data_dir: Path
    demo: bool
    secret_key: str
    database_url: str
    warehouse_url: str
    redis_url: str
    redis_prefix: str
    smtp_url: str
    mail_from: str
    base_url: str
    session_hours: int
    cache_seconds: int
    cache_table_seconds: Mapping[str, int]
    report_recipients: tuple[str, ...]
    report_metrics: tuple[str, ...]
    value_tiers: tuple[float, float, float]
    rate_shopify: Rate
    rate_postgres: Rate
    rate_http: Rate
    rate_mail: Rate
    rate_narrator: Rate
    rate_questions: Rate
    rate_charts: Rate
    rate_fits: Rate
    watch_root: Path
    shopify_shop: str
    shopify_client_id: str
    narrator_url: str
    narrator_model: str
    log_level: str
    stop_grace_seconds: int
    scheduler: bool
    locale: str
    secret_key_set: bool = False
    """Whether SECRET_KEY came from outside, not from DATA_DIR."""
    env_file: Path | None = None
    """Where secrets of the sources may stand too."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
        """Read the table's settings; an absent `env_file` is no error.

        Makes the secret key when there is none. Raises BadSetting naming setting and value.
        """
        sources = (environ, read_env_file(env_file))
        values = {row.field: _value(row, sources) for row in SETTINGS}
        is_set = bool(values["secret_key"])
        _refuse_public(values["host"], is_set)
        return cls(**_filled_in(values), secret_key_set=is_set, env_file=env_file)

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={shown}' for name, shown, _ in describe(self))})"


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """(name, value fit to be shown, help) of every setting, in the table's order."""
    return [(row.name, _shown(row, getattr(settings, row.field)), row.help) for row in SETTINGS]


def check_public_bind(settings: Settings, user_count: int) -> None:
    """Raises BadSetting when others could reach an app that has no key or nobody to sign in."""
    _refuse_public(settings.host, settings.secret_key_set)
    if not is_loopback(settings.host) and not user_count:
        raise BadSetting(
            f"HOST='{settings.host}' lets other machines in, and there is no user yet.",
            hint="Add one: python app.py user add EMAIL --role admin",
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _refuse_public(host: str, key_is_set: bool) -> None:
    if not is_loopback(host) and not key_is_set:
        raise BadSetting(
            f"HOST='{host}' lets other machines in, and SECRET_KEY is not set.",
            hint="Set SECRET_KEY to 32 random characters or more, or listen on 127.0.0.1.",
        )


def _value(row: Setting, sources: tuple[Mapping[str, str], ...]) -> Any:
    text = next((found for source in sources if (found := _text(row, source))), row.default)
    kind = KINDS[row.kind]
    try:
        return kind.read(text)
    except ValueError as error:
        # A space would end what is masked; shown as a sign, it is also easier to find.
        shown = masked(re.sub(r"\s", "␣", text)) if "://" in text else text
        said = row.name if kind.secret else f"{row.name}='{shown}'"
        raise BadSetting(f"{said} {error}.") from None


def _text(row: Setting, source: Mapping[str, str]) -> str:
    """What one source says; an empty value counts as unset, as compose files write it."""
    text, file = source.get(row.name, "").strip(), source.get(f"{row.name}_FILE", "").strip()
    if text and file:
        raise BadSetting(f"{row.name} and {row.name}_FILE are both set.", hint="Keep one of them.")
    return read_secret(row.name, Path(file)) if file else text


def _filled_in(values: dict[str, Any]) -> dict[str, Any]:
    folder: Path = values["data_dir"]
    host = f"[{values['host']}]" if ":" in values["host"] else values["host"]
    made: dict[str, Callable[[], str | Path]] = {
        "secret_key": lambda: kept_key(folder),
        "database_url": lambda: f"sqlite:///{folder / 'records.sqlite'}",
        "warehouse_url": lambda: f"duckdb:///{folder / 'warehouse.duckdb'}",
        "base_url": lambda: f"http://{host}:{values['port']}",
        "watch_root": lambda: folder / "inbox",
    }
    return values | {name: make() for name, make in made.items() if not values[name]}


def _shown(row: Setting, value: Any) -> str:
    if KINDS[row.kind].secret:
        return "(set)" if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={seconds}" for name, seconds in value.items())
    return masked(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
