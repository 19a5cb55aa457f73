from __future__ import annotations

from typing import Any

from agent.records.roles import Role
from agent.services import Services
from tests.clock import FrozenClock
from tests.dashboard.conftest import OURS, PASSWORD, signed_in

ASK = "/api/analytics/versions"


def enter(client: Any, password: str = PASSWORD, onward: str = "/") -> Any:
    form = {"email": "ann@tea.example", "password": password, "next": onward}
    return client.post("/signin", data=form, headers=OURS)


def test_the_right_password_opens_and_goes_on(stranger: Any) -> None:
    answer = enter(stranger, onward="/explore?country=DE")
    assert (answer.status_code, answer.location) == (303, "/explore?country=DE")
    assert stranger.get(ASK).status_code == 200
    assert stranger.get("/signin").status_code == 302, "nothing to sign in to any more"


def test_the_cookie_is_out_of_reach_of_scripts(stranger: Any) -> None:
    cookie = enter(stranger).headers["Set-Cookie"]
    assert cookie.startswith("royal=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_wrong_password_says_so_and_keeps_the_address(stranger: Any) -> None:
    answer = enter(stranger, "wrong", "/explore")
    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert 'value="/explore"' in answer.text
    assert "wrong" not in answer.text.replace("wrong password", "")


def test_too_many_wrong_passwords_wait(stranger: Any, clock: FrozenClock) -> None:
    for _ in range(5):
        assert enter(stranger, "wrong").status_code == 401
    held = enter(stranger)
    assert held.status_code == 429
    assert "Too many" in held.text
    clock.advance(16 * 60)
    assert enter(stranger).status_code == 303


def test_a_link_works_once_and_only_by_its_button(stranger: Any, services: Services) -> None:
    ada = services.records.users.by_email("ada@tea.example")
    assert ada is not None
    link = f"/link/{services.records.links.create(ada.user_id)}"
    for _ in range(3):
        page = stranger.get(link)
        assert page.status_code == 200
        assert f'action="{link}"' in page.text
    assert stranger.get(ASK).status_code == 401, "looking at it uses nothing up"
    assert stranger.post(link, headers=OURS).location == "/"
    assert stranger.get(ASK).status_code == 200
    stranger.post("/signout", headers=OURS)
    again = stranger.post(link, headers=OURS)
    assert again.status_code == 410
    assert "has been used" in again.text


def test_whoever_is_disabled_is_out_at_once(ann: Any, services: Services) -> None:
    user = services.records.users.by_email("ann@tea.example")
    assert user is not None
    services.records.users.disable(user.user_id)
    assert ann.get(ASK).status_code == 401


def test_a_new_password_ends_older_cookies(
    ann: Any, server: Any, services: Services, clock: FrozenClock
) -> None:
    user = services.records.users.by_email("ann@tea.example")
    assert user is not None
    clock.advance(60)
    services.records.users.set_role(user.user_id, Role.VIEWER)
    assert ann.get(ASK).status_code == 401
    assert signed_in(server, "ann").get(ASK).status_code == 200


def test_a_cookie_ends_after_its_hours(ann: Any, clock: FrozenClock) -> None:
    clock.advance(12 * 3600 - 1)
    assert ann.get(ASK).status_code == 200
    clock.advance(2)
    assert ann.get(ASK).status_code == 401


def test_a_cookie_of_another_key_is_nothing(ann: Any, server: Any) -> None:
    server.config["SECRET_KEY"] = "another key, thirty-two characters"
    assert ann.get(ASK).status_code == 401
