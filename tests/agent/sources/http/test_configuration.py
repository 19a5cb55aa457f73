"""Recipes: what can be written in them, and the sentence for what cannot."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.errors import Refused
from agent.sources import http
from agent.sources.http import parsing
from agent.sources.http.connector import recipe_of
from tests.agent.sources.http.conftest import RECIPES

GOOD = """
label = "Ads"
target = "spend"
[settings.account]
label = "Account"
[settings.token]
label = "Token"
secret = true
[request]
url = "https://ads.example/{setting.account}/report"
query = { from = "{window.start}" }
[auth]
kind = "bearer"
token = "{secret.token}"
[answer]
path = "rows"
[columns]
date = "day"
channel = { value = "Ads" }
amount = { path = "cost", form = "micros" }
"""

WRONG: list[tuple[Callable[[str], str], str]] = [
    (lambda r: "= 1", "it is neither TOML nor JSON (Invalid statement"),
    (lambda r: "{", "it is neither TOML nor JSON (Expecting property name"),
    (lambda r: "#" * 100_001, "it has more than 100,000 characters"),
    (lambda r: "{" + '"a":{' * 5_000 + "}" * 5_001, "it is nested too deep"),
    (lambda r: r.replace('label = "Ads"\n', "", 1), "it has no label"),
    (lambda r: r.replace('"spend"', '"money"'), "target = 'money' is none of spend, sessions"),
    (
        lambda r: r.replace("[request]", "[asking]"),
        "a recipe has no setting 'asking'; it has label",
    ),
    (lambda r: r.replace("url =", "uri ="), "request has no setting 'uri'; it has url, others"),
    (lambda r: r.replace('"https://ads', '"ftp://ads'), "request.url is no address that begins"),
    (
        lambda r: r.replace("ads.example/", "{setting.account}/"),
        "request.url has a template in its",
    ),
    (
        lambda r: r.replace("[request]\n", '[request]\nothers = ["ads.example"]\n'),
        "request.others[0] is no address that begins",
    ),
    (
        lambda r: r.replace(
            "[request]\n", '[request]\nothers = ["https://{setting.account}.example/"]\n'
        ),
        "request.others[0] has a template in its host",
    ),
    (lambda r: r.replace('"bearer"', '"token"'), "auth.kind = 'token' is none of none, bearer"),
    (lambda r: r.replace('"bearer"', '"basic"'), "auth.user is missing, which auth.kind = 'basic'"),
    (lambda r: r.replace('{ from = "{window.start}" }', '"x"'), "request.query is no table"),
    (lambda r: r.replace('"{window.start}"', "5"), "request.query.from is not a text"),
    (lambda r: r.replace("window.start", "window.begin"), "{window.begin}, which is none of"),
    (lambda r: r.replace("{window.start}", "{Window}"), "{Window}, which is none of"),
    (lambda r: r.replace("setting.account}", "setting.acount}"), "has no such setting"),
    (lambda r: r.replace("setting.account}", "secret.account}"), "has no such secret"),
    (lambda r: r.replace("secret.token}", "setting.token}"), "has no such setting"),
    (lambda r: r.replace('date = "day"\n', ""), "columns names no date, which spend needs"),
    (lambda r: r + 'clics = "c"\n', "columns.clics is no column of spend: date, channel"),
    (
        lambda r: r.replace('value = "Ads"', 'path = "a", value = "Ads"'),
        "columns.channel needs one",
    ),
    (lambda r: r.replace('"micros"', '"millis"'), "columns.amount.form = 'millis' is none of text"),
    (lambda r: r + '[paging]\nkind = "cursor"\n', "paging.path is missing"),
    (lambda r: r + '[paging]\nkind = "page"\nlimit = 0\n', "paging.limit is not above zero"),
    (lambda r: r + "[window]\ndays = 0\n", "window.days is not from 1 to window.history"),
    (lambda r: r + "[window]\ndays = 40\nhistory = 30\n", "window.days is not from 1"),
    (lambda r: r + "[window]\ndays = -1\n", "window.days is below zero"),
    (lambda r: r + "[window]\ndays = 1.5\n", "window.days is not a whole number"),
    (lambda r: r + "[window]\ndays = true\n", "window.days is not a whole number"),
    (lambda r: r + '[retry]\nstatuses = ["500"]\n', "retry.statuses[0] is not a whole number"),
    (lambda r: r + "[retry]\nstatuses = 500\n", "retry.statuses is no list"),
    (
        lambda r: r.replace("[columns]", 'pivot = [{ path = "a", into = "b" }]\n[columns]'),
        "answer.pivot needs path, choose (one kind) and into",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG)
def test_a_recipe_that_cannot_be_used_says_why(change: Callable[[str], str], sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        parsing.parse(change(GOOD))
    assert caught.value.message.startswith("The recipe cannot be used: ")
    assert sentence in caught.value.message


def test_a_recipe_is_the_same_in_toml_and_in_json() -> None:
    recipe = parsing.parse(GOOD)
    assert recipe == parsing.parse(json.dumps(tomllib.loads(GOOD)))
    assert recipe.columns["date"].path == "day"
    assert recipe.window.days == 28
    assert recipe.retry.statuses == (408, 425, 429, 500, 502, 503, 504)
    assert parsing.parse(GOOD + "[retry]\ncodes = [4, 'x']\n").retry.codes == ("4", "x")


def test_braces_of_json_in_a_text_are_no_templates() -> None:
    text = 'query = { range = \'{"since":"{window.start}"}\' }'
    changed = GOOD.replace('query = { from = "{window.start}" }', text)
    assert parsing.parse(changed).request.query["range"] == '{"since":"{window.start}"}'


@pytest.mark.parametrize("name", parsing.RECIPES)
def test_the_recipes_of_the_product_are_files_and_parse(name: str) -> None:
    assert parsing.ready(name) == parsing.parse((RECIPES / f"{name}.toml").read_text("utf-8"))
    assert sorted(path.stem for path in RECIPES.glob("*.toml")) == sorted(parsing.RECIPES)


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(Refused, match="no recipe 'bing'"):
        parsing.ready("bing")


class Given:
    """The settings of a connection, without the connection."""

    def __init__(self, **settings: str) -> None:
        self.settings = settings

    def setting(self, name: str, otherwise: str = "") -> str:
        return self.settings.get(name) or otherwise


def test_a_recipe_of_ones_own_asks_for_what_the_form_has() -> None:
    own = GOOD.replace("account", "account_id")
    assert recipe_of(Given(recipe="own", config=own)).label == "Ads"  # type: ignore[arg-type]
    with pytest.raises(Refused, match=r"settings\.account, which the form has not") as caught:
        recipe_of(Given(recipe="own", config=GOOD))  # type: ignore[arg-type]
    assert "property_id" in caught.value.hint
    secret = own.replace("[settings.token]", "[settings.user]").replace("t.token}", "t.user}")
    with pytest.raises(Refused, match=r"settings\.user, which the form has not") as caught:
        recipe_of(Given(recipe="own", config=secret))  # type: ignore[arg-type]
    assert "token" in caught.value.hint


def test_the_form_says_each_field_once() -> None:
    names = [field.name for field in http.CONNECTOR.fields]
    assert len(set(names)) == len(names)
    assert http.CONNECTOR.questions("own") == tuple(n for n in names if n != "recipe")
    assert all(
        (field.label and field.help) or field.name == "recipe" for field in http.CONNECTOR.fields
    )
    assert replace(http.CONNECTOR) == http.CONNECTOR
