"""A recipe at work: the pages of a window, each asked within limits and judged."""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

from agent.errors import Failure, Refused, Throttled, Unavailable
from agent.ports import Clock
from agent.sources.http.configuration import Recipe
from agent.sources.http.network import Answered, Asked, Caps, Network, host_of, short
from agent.sources.http.paths import ABSENT, COMPARE, JSON, first, records
from agent.sources.http.signing import Signing
from agent.sources.http.templates import Filling, Window
from agent.words import mark, t

MEGABYTE = 1024 * 1024
LONGEST_AFTER = 24 * 3600.0
AGAIN = mark("What is here stays; it is asked again by itself.")
T = TypeVar("T")


class Expired(Refused):
    """The service refuses the token: it may have expired."""


@dataclass(frozen=True)
class _Turn:
    """Where the pages are."""

    number: int = 0
    cursor: str = ""
    url: str = ""
    offset: int = 0
    size: int = 0


@dataclass
class Place:
    """Which of the addresses is being used, and why not one before it; the last that answered."""

    at: int = 0
    reason: str = ""
    url: str = ""


@dataclass(frozen=True)
class Service:
    """Asks what a recipe says. `call` runs an action behind the limits of the connection, `check`
    is a place to break off. Of several addresses the first that answers stays until the end."""

    recipe: Recipe
    filling: Filling
    network: Network
    signing: Signing
    clock: Clock
    call: Callable[[Callable[[], Any]], Any]
    check: Callable[[], None] = lambda: None
    place: Place = field(default_factory=Place, repr=False, compare=False)

    def pages(self, window: Window) -> Iterator[tuple[Any, Sequence[JSON]]]:
        """(answer, its records) of every page of a window. Raises Failure: an endless or circular
        row of pages is Refused."""
        turn: _Turn | None = _Turn()
        seen = {_mark(_Turn())}
        while turn is not None:
            self.check()
            answer, size = self._page(window, turn)
            found = records(answer, self.recipe.answer)
            yield answer, found
            turn = self._next(turn, answer, len(found), size)
            if turn and _mark(turn) in seen:
                raise Refused(t("The pages of the answer go in circles."), hint=t(COMPARE))
            if turn and turn.number >= self.recipe.limits.pages:
                raise Refused(
                    t("The answer has more than {most} pages.", most=self.recipe.limits.pages),
                    hint=t("Ask for fewer days at once (window.piece), or raise limits.pages."),
                )
            seen.add(_mark(turn or _Turn()))

    def _page(self, window: Window, turn: _Turn) -> tuple[Any, int]:
        """An answer, and its bytes. A token that is refused is renewed, once."""
        filling = self._filled(window, turn)
        urls = self._urls(filling, turn)
        asked = self._asked(filling, turn)
        try:
            return self._judged(self.signing.signed(asked), urls, turn)
        except Expired:
            if not self.signing.renews:
                raise
            self.signing.forget()
            return self._judged(self.signing.signed(asked), urls, turn)

    def _judged(self, asked: Asked, urls: Sequence[str], turn: _Turn) -> tuple[Any, int]:
        limits = self.recipe.limits
        caps = Caps(limits.megabytes * MEGABYTE - turn.size, limits.seconds)
        found: tuple[Any, int] = self.call(lambda: self._answer(asked, urls, caps))
        return found

    def _answer(self, asked: Asked, urls: Sequence[str], caps: Caps) -> tuple[Any, int]:
        """What the first address says that answers. To want a pause is an answer too."""
        try:
            answered = self.network.ask(replace(asked, url=urls[0]), caps)
            found = judged(answered, self.recipe, self.network.veil.hide, self.clock)
        except Unavailable as failure:
            if isinstance(failure, Throttled) or not urls[1:]:
                raise
            answer = self._answer(asked, urls[1:], caps)
            self.place.at, self.place.reason = self.place.at + 1, failure.message
            return answer
        self.place.url = urls[0]
        return found, len(answered.content)

    def _filled(self, window: Window, turn: _Turn) -> Filling:
        request, paging = self.recipe.request, self.recipe.paging
        return replace(
            self.filling,
            window=window,
            days=request.days,
            cursor=turn.cursor,
            offset=turn.offset,
            limit=paging.limit,
            page=paging.first + turn.number,
        )

    def _urls(self, filling: Filling, turn: _Turn) -> Sequence[str]:
        """Whom to ask, in this order; what has begun at one address goes on there."""
        if turn.url:
            return (turn.url,)
        rest = (self.recipe.request.url, *self.recipe.request.others)[self.place.at :]
        return [filling.text(url, address=True) for url in (rest[:1] if turn.number else rest)]

    def _asked(self, filling: Filling, turn: _Turn) -> Asked:
        """The request without its address."""
        request = self.recipe.request
        headers = filling.pairs(request.headers)
        if turn.url:
            return Asked("", request.method, headers=headers)
        body = None if request.body is None else filling.tree(request.body)
        return Asked("", request.method, filling.pairs(request.query), headers, body)

    def _next(self, turn: _Turn, answer: Any, count: int, size: int) -> _Turn | None:
        """Where the next page is; None after the last."""
        paging = self.recipe.paging
        after = replace(turn, number=turn.number + 1, size=turn.size + size)
        if paging.kind == "none" or (paging.more and first(answer, paging.more) in (False, ABSENT)):
            return None
        if paging.kind == "cursor":
            cursor = _word(answer, paging.path)
            return replace(after, cursor=cursor) if cursor else None
        if paging.kind == "next_url":
            link = _word(answer, paging.path)
            return replace(after, url=self._linked(link)) if link else None
        return self._counted(after, answer, count)

    def _linked(self, link: str) -> str:
        """The next address. Raises Refused for one on another host: the token would go there."""
        here = self.place.url
        url = urljoin(here, link)
        if host_of(url) != host_of(here) or urlsplit(url).scheme != urlsplit(here).scheme:
            raise Refused(t("The next page of the answer is on another host."), hint=t(COMPARE))
        for name, value in parse_qsl(urlsplit(url).query):
            if "token" in name.lower() or "key" in name.lower():
                self.network.veil.add(value)
        return url

    def _counted(self, after: _Turn, answer: Any, count: int) -> _Turn | None:
        paging = self.recipe.paging
        after = replace(after, offset=after.offset + count)
        if not paging.total:
            return after if count >= paging.limit else None
        total = _total(answer, paging.total)
        done = after.number if paging.kind == "page" else after.offset
        if done >= total:
            return None
        if not count:
            raise Refused(
                t(
                    "The answer says that there are {total}, and ends after {done}.",
                    total=total,
                    done=done,
                ),
                hint=t(COMPARE),
            )
        return after


def judged(answered: Answered, recipe: Recipe, hide: Callable[[str], str], clock: Clock) -> Any:
    """The JSON of an answer that is one. Raises Throttled and Unavailable where asking again can
    help, Refused where it cannot, Expired for a token that is refused."""
    retry, how = recipe.retry, recipe.answer
    good = 200 <= answered.status < 300
    try:
        content = answered.json()
    except Refused as fault:
        # A page of HTML from a gateway that fails is a matter of its status.
        if good:
            raise
        content, message = None, fault.message
    else:
        message = _message(content, how.message)
        if good and _either(content, how.error) in (ABSENT, None, False, "", [], {}):
            return content
    code = _either(content, how.code)
    after = _after(answered.headers, clock) or retry.after
    words = {"host": answered.host, "status": answered.status, "why": hide(message)}
    if str(code) in retry.codes or answered.status == 429:
        text = t("{host} asks to slow down ({status}): {why}", **words)
        raise Throttled(text, hint=t(AGAIN), after=after)
    if answered.status in retry.statuses:
        raise _passing(words, after)
    if answered.status == 401:
        raise Expired(
            t("{host} refuses the sign-in ({status}): {why}", **words),
            hint=t("Check the token of this connection."),
        )
    raise _lasting(answered.status, words)


def _passing(words: Mapping[str, Any], after: float) -> Failure:
    text, hint = t("{host} fails ({status}): {why}", **words), t(AGAIN)
    return Throttled(text, hint=hint, after=after) if after else Unavailable(text, hint=hint)


def _lasting(status: int, words: Mapping[str, Any]) -> Refused:
    if status == 403:
        hint = t("Give the account of this connection the right to read reports.")
    elif status == 404:
        hint = t("Check the account or property, and the version in the recipe.")
    else:
        hint = t("Nothing was changed. Correct the connection, then sync again.")
    return Refused(t("{host} refuses the request ({status}): {why}", **words), hint=hint)


def _either(content: Any, path: str) -> Any:
    """What stands at a path of an error, which some wrap in a list of one."""
    inner = content[0] if isinstance(content, list) and content else content
    found = first(content, path)
    return first(inner, path) if found is ABSENT else found


def _message(content: Any, path: str) -> str:
    found = _either(content, path)
    if not isinstance(found, str | int) or not str(found).strip():
        return t("it does not say why.")
    text = short(found)
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _after(headers: Mapping[str, str], clock: Clock) -> float:
    """Seconds of Retry-After, as a number or a date; 0 where it is absent or nonsense."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit() and len(text) < 8:
        return min(float(text), LONGEST_AFTER)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        seconds = (moment - clock.now()).total_seconds()
    except (ValueError, TypeError, IndexError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_AFTER)


def _word(answer: Any, path: str) -> str:
    """A cursor or address in an answer, "" where there is none. Raises Refused."""
    found = first(answer, path)
    if found is ABSENT or found is None or found is False or found == "":
        return ""
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise Refused(t("{path} of the answer is no text.", path=repr(path)), hint=t(COMPARE))
    return str(found)


def _total(answer: Any, path: str) -> int:
    found = first(answer, path)
    if found is ABSENT or found is None:
        return 0
    if isinstance(found, bool) or not str(found).isdecimal() or len(str(found)) > 12:
        raise Refused(
            t("{path} of the answer is no whole number.", path=repr(path)), hint=t(COMPARE)
        )
    return int(found)


def _mark(turn: _Turn) -> tuple[str, str, int]:
    """What makes two pages the same one."""
    counted = 0 if turn.cursor or turn.url else turn.number
    return turn.cursor, turn.url, counted
