"""The environment and files: real ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadSetting, NotConfigured
from agent.records import Records
from agent.secrets import Secrets, open_secrets

TOKEN = "shpat_planted"
SETTING = Callable[..., Any]


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    folder = tmp_path / "mounted"
    folder.mkdir()
    return folder


@pytest.fixture
def secrets(settings_of: SETTING, records: Records) -> Secrets:
    return open_secrets(settings_of(), records)


def test_the_environment_comes_first_then_the_env_file(
    secrets: Secrets, tmp_path: Path, mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mounted / "SHOP_TOKEN").write_text("from a file")
    assert secrets.where("SHOP_TOKEN") == "files"
    (tmp_path / ".env").write_text("SHOP_TOKEN=from .env\n")
    assert (secrets.where("SHOP_TOKEN"), secrets.get("SHOP_TOKEN")) == ("environment", "from .env")
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    secrets.where("SHOP_TOKEN")
    assert secrets.get("SHOP_TOKEN") == TOKEN
    monkeypatch.setenv("SHOP_TOKEN", "")
    assert secrets.where("SHOP_TOKEN") == "files", "an empty value counts as none"


def test_a_file_may_be_named_by_the_environment(
    secrets: Secrets, tmp_path: Path, mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mounted / "SHOP_TOKEN").write_text("mounted")
    (tmp_path / "elsewhere").write_text(f"  {TOKEN} \r\n\n")
    monkeypatch.setenv("SHOP_TOKEN_FILE", str(tmp_path / "elsewhere"))
    assert secrets.get("SHOP_TOKEN") == f"  {TOKEN} ", "only line ends are cut off"


def test_mounts_as_docker_and_kubernetes_make_them(secrets: Secrets, mounted: Path) -> None:
    (mounted / "shop_token").write_text(TOKEN)
    assert secrets.get("SHOP_TOKEN") == TOKEN
    version = mounted / "..2026_11_17"
    version.mkdir()
    (version / "api.key").write_text("one")
    (mounted / "..data").symlink_to(version)
    (mounted / "api.key").symlink_to(Path("..data") / "api.key")
    assert secrets.get("api.key") == "one"


def test_a_mounted_secret_that_changes_is_read_anew(secrets: Secrets, mounted: Path) -> None:
    (mounted / "A").write_text("one")
    assert secrets.get("A") == "one"
    (mounted / "A").write_text("two")
    assert secrets.get("A") == "one", "within its time"
    secrets.where("A")
    assert secrets.get("A") == "two"


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_part_of_a_json_secret(
    secrets: Secrets, mounted: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '{"user": "ana", "port": 5432, "inner": {"a": [1]}}'
    if where == "file":
        (mounted / "DB").write_text(text)
    else:
        monkeypatch.setenv("DB", text)
    assert secrets.get("DB#user") == "ana"
    assert secrets.get("DB#port") == "5432"
    assert secrets.get("DB#inner") == '{"a": [1]}'
    assert secrets.get("DB") == text
    with pytest.raises(NotConfigured, match="The secret DB has no key 'password'"):
        secrets.get("DB#password")


@pytest.mark.parametrize("text", [TOKEN, "[1]", "[" * 100_000, '"text"', "null"])
def test_what_is_no_json_object_has_no_parts_and_is_not_quoted(
    secrets: Secrets, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB", text)
    with pytest.raises(NotConfigured, match="has no key 'user'") as missing:
        secrets.get("DB#user")
    assert TOKEN not in str(missing.value)


def test_a_file_that_is_no_secret_is_a_sentence(secrets: Secrets, mounted: Path) -> None:
    (mounted / "BINARY").write_bytes(b"\xff\xfe\x00")
    (mounted / "LONG").write_text("x" * 70_000)
    (mounted / "FOLDER").mkdir()
    (mounted / "EMPTY").write_text("\n")
    for name, said in (
        ("BINARY", "cannot be read: it is no text"),
        ("LONG", "is too long for one"),
        ("FOLDER", "cannot be read: Is a directory"),
        ("EMPTY", "No provider has the secret EMPTY"),
    ):
        with pytest.raises(NotConfigured, match=said):
            secrets.get(name)


def test_a_named_file_that_is_absent_is_a_sentence(
    secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_FILE", "/nowhere/at/all")
    with pytest.raises(NotConfigured, match="cannot be read: No such file or directory"):
        secrets.get("A")


def test_no_name_leaves_the_folder(secrets: Secrets, tmp_path: Path, mounted: Path) -> None:
    (tmp_path / "outside").write_text(TOKEN)
    (mounted / "inner").mkdir()
    (mounted / "inner" / "deep").write_text(TOKEN)
    assert secrets.find("inner/deep") is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"SECRET_PROVIDERS": "vault"}, "names vault, and VAULT_ADDR, VAULT_TOKEN is not set"),
        ({"SECRET_PROVIDERS": "files,aws"}, "names aws, and AWS_REGION is not set"),
        (
            {"SECRET_PROVIDERS": "cloudflare", "CLOUDFLARE_ACCOUNT_ID": "a"},
            "CLOUDFLARE_API_TOKEN, CLOUDFLARE_KV_NAMESPACE is not set",
        ),
    ],
)
def test_a_provider_without_its_settings_stops_the_start(
    settings_of: SETTING, records: Records, more: dict[str, str], said: str
) -> None:
    with pytest.raises(BadSetting, match=said):
        open_secrets(settings_of(**more), records)


def test_providers_are_asked_in_the_order_of_the_settings(
    settings_of: SETTING, records: Records, mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mounted / "A").write_text("file")
    monkeypatch.setenv("A", "environment")
    secrets = open_secrets(settings_of(SECRET_PROVIDERS="Files, environment,files"), records)
    assert secrets.providers == ("files", "environment")
    assert secrets.get("A") == "file"


def test_no_setting_of_the_program_can_be_named(
    settings_of: SETTING, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.errors import Refused
    from agent.settings import SETTINGS

    secrets = open_secrets(settings_of(), records)
    for name in [*(row.name for row in SETTINGS), "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]:
        monkeypatch.setitem(os.environ, name, TOKEN)
        with pytest.raises(Refused, match="belongs to the program itself"):
            secrets.resolve(f"secret:{name}")
        monkeypatch.delitem(os.environ, name)


def test_a_workflow_of_github_is_told_to_mask_each_value_once(
    settings_of: SETTING,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = settings_of()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("A", "50% off")
    monkeypatch.setenv("PEM", "first line\r\n\r\nsecond line\n")
    secrets = open_secrets(settings, records)
    for _ in range(2):
        secrets.where("A")
    secrets.get("PEM")
    out, err = capsys.readouterr()
    assert out == "", "what is redirected to a file holds no secret"
    assert err.splitlines() == [
        "::add-mask::50%25 off",
        "::add-mask::first line",
        "::add-mask::second line",
    ]
