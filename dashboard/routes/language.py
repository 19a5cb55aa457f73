"""Each request in the language of whoever asks: the cookie's, else the setting's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from flask import Blueprint, Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as Answer
from werkzeug.wsgi import ClosingIterator

from agent import words
from agent.errors import Refused
from agent.services import Services
from agent.words import t
from dashboard.routes.guard import ours
from dashboard.routes.people import known

COOKIE = "language"
YEAR = 365 * 24 * 3600


def speak(server: Flask, services: Services) -> None:
    """Registered before the door, so that whoever is turned away is told in their language."""

    @server.before_request
    def begin() -> None:
        spoken = ExitStack()
        spoken.enter_context(words.speaking(_chosen(services)))
        g.spoken = spoken

    @server.after_request
    def keep(response: Response) -> Response:
        # A stream is written after the request has ended.
        if response.is_streamed and not response.direct_passthrough:
            written = response.response
            closes = [close] if (close := getattr(written, "close", None)) else []
            response.response = ClosingIterator(_spoken(written, words.locale()), closes)
        return response

    @server.teardown_request
    def end(_: BaseException | None) -> None:
        spoken = g.pop("spoken", None)
        if spoken is not None:
            spoken.close()


def language(services: Services) -> Blueprint:
    """POST /language (a form with `language`, and `next` for a page to go on to)."""
    rooms = Blueprint("language", __name__)

    @rooms.get("/language")
    def nowhere() -> Answer:
        # Only a form comes here; Dash would show its empty shell to a stranger.
        return redirect("/")

    @rooms.post("/language")
    def choose() -> Answer | tuple[str, int]:
        name = request.form.get("language", "")
        if name not in words.languages():
            raise Refused(
                t("This language is not there."), hint=t("Known: {names}.", names=_listed())
            )
        person, onward = known(), request.form.get("next", "")
        if person is not None and person.user_id:
            services.records.users.set_language(person.user_id, name)
        answer = redirect(ours(onward), 303) if onward else Response(status=204)
        return carry(answer, name)

    return rooms


def carry(answer: Answer, name: str) -> Answer:
    """The answer with the cookie that keeps a language."""
    if name in words.languages():
        secure = request.is_secure
        answer.set_cookie(COOKIE, name, max_age=YEAR, samesite="Lax", secure=secure)
    return answer


def _chosen(services: Services) -> str:
    asked = request.cookies.get(COOKIE, "")
    return asked if asked in words.languages() else services.settings.locale


def _listed() -> str:
    return ", ".join(words.languages())


def _spoken(chunks: Iterable[bytes | str], name: str) -> Iterator[bytes | str]:
    source = iter(chunks)
    while True:
        with words.speaking(name):
            chunk = next(source, None)
        if chunk is None:
            return
        yield chunk
