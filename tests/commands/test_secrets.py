from __future__ import annotations

from pathlib import Path

from agent.records import Records
from agent.records.connections import Connection
from agent.services import open_records_of
from agent.settings import Settings
from tests.commands.conftest import Run

TOKEN = "shpat_planted"
KEY = "k" * 40
NEW_KEY = "n" * 40


def opened(home: Path) -> Records:
    return open_records_of(Settings.from_env({"DATA_DIR": str(home)}))


def test_a_secret_is_kept_named_and_forgotten_without_being_shown(run: Run, home: Path) -> None:
    done = run("secrets", "set", "shop.token", typed=f"{TOKEN}\n")
    assert (done.code, done.err) == (0, "")
    assert done.out == "shop.token is kept. Write sealed:shop.token where a source asks for it.\n"
    checked = run("secrets", "check")
    assert checked.code == 0
    assert "✓ sealed:shop.token" in checked.out
    assert checked.out.split()[-1] == "records"
    assert TOKEN not in checked.out
    assert run("secrets", "remove", "shop.token").out == "shop.token is forgotten.\n"
    again = run("secrets", "remove", "shop.token")
    assert (again.code, again.err.splitlines()[0]) == (1, "No secret shop.token was typed.")
    records = opened(home)
    told = [(entry.who, entry.what, entry.subject) for entry in records.audit.recent()]
    records.close()
    assert told == [
        ("command line", "removed a secret", "shop.token"),
        ("command line", "kept a secret", "shop.token"),
    ]


def test_check_tells_where_each_name_comes_from(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "DB_PASSWORD").write_text(TOKEN)
    settings = {"token": "secret:SHOP_TOKEN", "db": "secret:DB_PASSWORD", "shop": "alma.example"}
    records = opened(home)
    records.connections.add(Connection("", "shopify", "Alma", "", settings))
    records.connections.add(Connection("", "http", "Ads", "", {"key": "secret:ABSENT"}))
    records.close()
    places = {"SECRETS_DIR": str(tmp_path / "mounted"), "SHOP_TOKEN": TOKEN}
    done = run("secrets", "check", "EXTRA", **places)
    assert done.code == 1
    lines = [line.split(maxsplit=2) for line in done.out.splitlines()]
    assert lines[0] == ["Providers:", "environment,", "files"]
    missing = "No provider has the secret {}; asked: environment, files."
    assert sorted(lines[1:]) == sorted(
        [
            ["✗", "secret:EXTRA", missing.format("EXTRA")],
            ["✓", "secret:SHOP_TOKEN", "environment"],
            ["✓", "secret:DB_PASSWORD", "files"],
            ["✗", "secret:ABSENT", missing.format("ABSENT")],
        ]
    )
    assert TOKEN not in done.out + done.err


def test_check_with_nothing_to_check(run: Run) -> None:
    done = run("secrets", "check")
    assert (done.code, done.out.splitlines()[1]) == (
        0,
        "No source names a secret, and none is typed.",
    )


def test_after_a_change_of_the_key_check_seals_again(run: Run) -> None:
    run("secrets", "set", "a", typed=TOKEN, SECRET_KEY=KEY)
    lost = run("secrets", "check", SECRET_KEY=NEW_KEY)
    assert lost.code == 1
    assert "✗ sealed:a" in lost.out
    assert "was sealed with another SECRET_KEY" in lost.out
    both = {"SECRET_KEY": NEW_KEY, "SECRET_KEY_PREVIOUS": f"{'x' * 40}, {KEY}"}
    assert run("secrets", "check", **both).code == 0
    assert run("secrets", "check", SECRET_KEY=NEW_KEY).code == 0


def test_what_cannot_be_kept_is_a_sentence(run: Run) -> None:
    for name, typed, said in (
        ("a", "\n", "No secret was typed."),
        ("a", "", "No secret was typed."),
        ("../a", TOKEN, "This cannot be the name of a secret."),
        ("SECRET_KEY", TOKEN, "SECRET_KEY belongs to the program itself, not to a source."),
    ):
        done = run("secrets", "set", name, typed=typed)
        assert (done.code, done.out, done.err.splitlines()[0]) == (1, "", said)


def test_a_provider_that_fails_is_told_without_its_token(run: Run) -> None:
    vault = {
        "SECRET_PROVIDERS": "vault",
        "VAULT_ADDR": "http://127.0.0.1:9",
        "VAULT_TOKEN": "hvs.planted",
    }
    done = run("secrets", "check", "A", **vault)
    assert done.code == 1
    assert "  vault: Vault does not answer." in done.out.splitlines()
    assert "hvs.planted" not in done.out + done.err
    short = run("secrets", "check", SECRET_KEY_PREVIOUS="short-planted")
    assert (short.code, short.out) == (1, "")
    assert short.err == "SECRET_KEY_PREVIOUS has 13 characters and needs 32 or more.\n"
    absent = run("secrets", "check", SECRET_PROVIDERS="vault,keychain")
    assert absent.err.startswith("SECRET_PROVIDERS='vault,keychain' is not a list of environment")
