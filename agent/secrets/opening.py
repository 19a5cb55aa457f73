"""The secrets of an installation, as its settings describe them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING, cast

from agent.errors import BadSetting
from agent.secrets.chain import Pace, Secrets
from agent.secrets.env_file import read_env_file
from agent.secrets.providers import Environ, Provider
from agent.secrets.providers.environment import Environment
from agent.secrets.providers.files import Files
from agent.secrets.sealing import Seals
from agent.secrets.typed import Typed

if TYPE_CHECKING:
    from agent.records import Records
    from agent.settings import Settings

LABEL = "secrets"
NEEDS: Mapping[str, tuple[str, ...]] = {
    "environment": (),
    "files": (),
    "vault": ("vault_addr",),
    "cloudflare": ("cloudflare_account_id", "cloudflare_api_token", "cloudflare_kv_namespace"),
    "aws": ("aws_region",),
}
"""Provider -> the settings that it cannot be without."""


def open_secrets(settings: Settings, records: Records, pace: Pace | None = None) -> Secrets:
    """Nothing is asked of any provider yet. Raises BadSetting where one lacks a setting."""

    def environ() -> Mapping[str, str]:
        return {**read_env_file(settings.env_file), **os.environ}

    keys = (settings.secret_key, *settings.secret_key_previous)
    providers = [_provider(name, settings, environ) for name in settings.secret_providers]
    pace = pace or Pace(
        settings.secret_seconds, settings.secret_kept_seconds, told=_masks(os.environ)
    )
    own = [row.name for row in fields(settings)]
    return Secrets(providers, Typed(records, Seals(keys, LABEL)), pace, own)


def _provider(name: str, settings: Settings, environ: Environ) -> Provider:
    lacking = [need.upper() for need in NEEDS[name] if not getattr(settings, need)]
    if name == "vault" and not (settings.vault_token or settings.vault_role_id):
        lacking.append("VAULT_TOKEN")
    if lacking:
        raise BadSetting(
            f"SECRET_PROVIDERS names {name}, and {', '.join(lacking)} is not set.",
            hint=f"Set it, or leave {name} out of SECRET_PROVIDERS.",
        )
    if name == "environment":
        return Environment(environ)
    if name == "files":
        return Files(environ, settings.secrets_dir)
    # The others bring a library each, which who does not name them need not load.
    made = import_module(f"agent.secrets.providers.{name}").provider(settings)
    return cast(Provider, made)


def _masks(environ: Mapping[str, str]) -> Callable[[str], None]:
    """In a workflow of GitHub, its log is told each value before anybody can print it.

    On stderr, which the runner reads for commands too: what is redirected to a file, or read by
    another program, is stdout.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return lambda value: None
    told: set[int] = set()

    def tell(value: str) -> None:
        if hash(value) in told:
            return
        told.add(hash(value))
        for line in filter(str.strip, value.splitlines()):
            data = line.replace("%", "%25").replace("\r", "%0D")
            sys.stderr.write(f"::add-mask::{data}\n")
        sys.stderr.flush()

    return tell
