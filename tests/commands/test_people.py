from __future__ import annotations

from pathlib import Path

from agent.records.roles import Role
from agent.services import open_records_of
from agent.settings import Settings
from tests.commands.conftest import Run

PASSWORD = "seven kettles sing"


def test_a_user_without_a_password_gets_a_link_that_works_once(run: Run, home: Path) -> None:
    done = run("user", "add", "ada@tea.example", "--name", "Ada", "--role", "admin")
    first, _, link = done.out.splitlines()
    assert first == "ada@tea.example is added as admin."
    assert link.startswith("http://127.0.0.1:8050/link/")
    records = open_records_of(Settings.from_env({"DATA_DIR": str(home)}))
    try:
        user = records.links.use(link.rpartition("/")[2])
        assert user is not None
        assert (user.name, user.role, user.has_password) == ("Ada", Role.ADMIN, False)
        assert records.links.use(link.rpartition("/")[2]) is None
    finally:
        records.close()


def test_a_password_is_read_from_the_input(run: Run, home: Path) -> None:
    done = run("user", "add", "vic@tea.example", "--password", typed=f"{PASSWORD}\n")
    assert done.out == "vic@tea.example is added as viewer.\n"
    records = open_records_of(Settings.from_env({"DATA_DIR": str(home)}))
    try:
        known = records.users.check_password("vic@tea.example", PASSWORD)
        assert known is not None
        assert known.name == "vic"
        assert records.users.check_password("vic@tea.example", "another") is None
    finally:
        records.close()


def test_a_user_who_cannot_be_added_is_a_sentence(run: Run) -> None:
    assert run("user", "add", "ada@tea.example").code == 0
    again = run("user", "add", "Ada@Tea.example")
    assert (again.code, again.out) == (1, "")
    assert again.err == "There is already a user ada@tea.example.\n"
    assert run("user", "add", "nobody").code == 1
    short = run("user", "add", "eve@tea.example", "--password", typed="abc\n")
    assert short.code == 1
    assert "eve" not in run("user", "list").out


def test_users_are_listed_and_shut_out(run: Run) -> None:
    run("user", "add", "ada@tea.example", "--role", "admin")
    run("user", "add", "vic@tea.example")
    assert run("user", "disable", "VIC@tea.example").out == "vic@tea.example is shut out.\n"
    listed = [line.split()[:3] for line in run("user", "list").out.splitlines()]
    assert sorted(listed) == [
        ["ada@tea.example", "admin", "active"],
        ["vic@tea.example", "viewer", "disabled"],
    ]
    assert run("user", "link", "nobody@tea.example").err == (
        "There is no user nobody@tea.example.\n"
    )


def test_a_token_stands_alone_on_the_last_line_and_works(run: Run, home: Path) -> None:
    done = run("token", "create", "--name", "till", "--role", "analyst")
    token = done.out.splitlines()[-1]
    assert token == token.strip()
    records = open_records_of(Settings.from_env({"DATA_DIR": str(home)}))
    try:
        known = records.tokens.check(token)
        assert known is not None
        assert (known.name, known.role) == ("till", Role.ANALYST)
        assert run("token", "revoke", "--name", "till").out == "till is revoked.\n"
        assert records.tokens.check(token) is None
    finally:
        records.close()
    assert run("token", "revoke", "--name", "till").code == 1
    assert run("token", "list").out.split()[:3] == ["till", "analyst", "revoked"]


def test_a_role_that_does_not_exist_is_a_wrong_call(run: Run) -> None:
    done = run("token", "create", "--name", "x", "--role", "king")
    assert done.code == 2
    assert "king" in done.err
