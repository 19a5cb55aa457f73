"""Every secret of the sources: resolved by a chain of providers or typed by a person; held
encrypted, for a while, and read anew before the while is over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from agent.errors import Failure, NotConfigured, Unavailable
from agent.secrets.kept import Held, Shelf
from agent.secrets.providers import Provider
from agent.secrets.references import PROVIDED, SEALED, Name, read_name, read_reference
from agent.secrets.standings import Standing, Standings
from agent.secrets.typed import Typed
from agent.words import t

LOG = logging.getLogger(__name__)
NEAR = 0.8
"""Of its time: who asks for a value later than this has it read anew behind his back."""
BY_HAND = "records"
AnyFailure = TypeVar("AnyFailure", bound=Failure)


def in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="secret-refresh", daemon=True).start()


@dataclass(frozen=True)
class Pace:
    """A value is fresh for `fresh` seconds; where its provider fails, it serves until it is `kept`
    seconds old. `told` hears each value once, for outputs that mask by themselves."""

    fresh: float = 300.0
    kept: float = 3600.0
    monotonic: Callable[[], float] = time.monotonic
    start: Callable[[Callable[[], None]], None] = in_background
    told: Callable[[str], None] = field(default=lambda value: None)


class Secrets:
    """Safe for threads. No sentence, log line or repr of it holds a value."""

    def __init__(
        self,
        providers: Sequence[Provider],
        typed: Typed,
        pace: Pace | None = None,
        own: Collection[str] = (),
    ) -> None:
        """`own` are names that nobody resolves: the program's own settings."""
        self._providers, self._typed, self._pace = tuple(providers), typed, pace or Pace()
        self._own = frozenset(name.upper() for name in own)
        self._shelf, self._standings = Shelf(), Standings()
        self._reading: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    @property
    def providers(self) -> tuple[str, ...]:
        """Their names, in the order in which they are asked."""
        return tuple(one.name for one in self._providers)

    def resolve(self, reference: str) -> str:
        """The value of secret:NAME, secret:NAME#key or sealed:NAME. Raises Refused for what is no
        reference, otherwise as `get`."""
        read = read_reference(reference)
        return self.get(read.name) if read.kind == PROVIDED else self._by_hand(read.name)

    def get(self, name: str) -> str:
        """The value of NAME or NAME#key from the first provider that has it. Raises NotConfigured
        naming who was asked, Unavailable where one of them did not answer, Refused for no name."""
        wanted = read_name(name, self._is_own)
        held = self._shelf.get(str(wanted))
        age = self._pace.monotonic() - held.at if held else 0.0
        if held is None or age >= self._pace.fresh:
            return self._in_turn(wanted)
        self._standings.count(held.provider, "kept")
        if age >= NEAR * self._pace.fresh:
            self._soon(wanted)
        return held.value

    def find(self, name: str) -> str | None:
        """As `get`, None where no provider has it."""
        try:
            return self.get(name)
        except NotConfigured:
            return None

    def put(self, name: str, value: str, who: str) -> str:
        """Keep what a person typed, sealed, in the records; returns its reference, sealed:NAME.
        Raises Refused for no name or no value."""
        wanted = str(read_name(name, self._is_own))
        self._typed.put(wanted, value, who)
        self._hold(f"{SEALED}:{wanted}", value, BY_HAND)
        return f"{SEALED}:{wanted}"

    def remove(self, name: str, who: str = "") -> None:
        """Forget what a person typed. Raises NotConfigured where there is nothing."""
        self._typed.remove(name, who)
        self._shelf.drop(f"{SEALED}:{name}")

    def typed(self) -> tuple[str, ...]:
        """Names of the secrets that people typed."""
        return self._typed.names()

    def where(self, name: str) -> str:
        """The provider that NAME comes from, as it is now; raises as `get`."""
        wanted = read_name(name, self._is_own)
        with self._turn(str(wanted)):
            self._asked(wanted, None)
        held = self._shelf.get(str(wanted))
        return held.provider if held else ""

    def masked(self, text: str) -> str:
        """A text in which no value known to this process stands."""
        return self._shelf.masked(text)

    def cover(self, value: str) -> None:
        """Have a value masked that is typed and not kept yet."""
        self._pace.told(value)
        self._shelf.cover(value)

    def cleared(self, failure: AnyFailure) -> AnyFailure:
        """The same failure, its sentences without values: a library's may quote what was sent."""
        failure.message, failure.hint = self.masked(failure.message), self.masked(failure.hint)
        failure.args = (failure.message,)
        return failure

    def standings(self) -> tuple[Standing, ...]:
        """Of each provider, in their order, and of the typed ones last."""
        now = self._pace.monotonic()
        moments = {name: self._shelf.oldest(name) for name in (*self.providers, BY_HAND)}
        return tuple(
            self._standings.of(name, None if at is None else now - at)
            for name, at in moments.items()
        )

    def close(self) -> None:
        """Forget all values."""
        self._shelf.clear()

    def _is_own(self, name: str) -> bool:
        return name.upper().removesuffix("_FILE") in self._own or name.upper() in self._own

    def _by_hand(self, name: str) -> str:
        """Read from the records each time, so that a change in another process counts at once."""
        place = f"{SEALED}:{name}"
        try:
            value = self._typed.get(name)
        except Unavailable as failure:
            now = self._pace.monotonic()
            self._standings.failed(BY_HAND, now, failure.message, rests=False)
            held = self._shelf.get(place)
            if held is None or now - held.at >= self._pace.kept:
                raise
            return self._stale(place, held)
        except NotConfigured:
            self._standings.answered(BY_HAND, found=False)
            raise
        self._standings.answered(BY_HAND, found=True)
        self._hold(place, value, BY_HAND)
        return value

    def _in_turn(self, wanted: Name) -> str:
        """Ask the providers; of several threads that want one name, one asks."""
        began = self._pace.monotonic()
        with self._turn(str(wanted)):
            held = self._shelf.get(str(wanted))
            # Somebody before us in the queue has read it.
            if held is not None and held.at >= began and held.at + self._pace.fresh > began:
                return held.value
            return self._asked(wanted, held)

    def _soon(self, wanted: Name) -> None:
        turn = self._turn(str(wanted))
        if not turn.acquire(blocking=False):
            return

        def refresh() -> None:
            try:
                self._asked(wanted, self._shelf.get(str(wanted)))
            except Failure as failure:
                LOG.warning("A secret could not be read anew. %s", failure.message)
            finally:
                turn.release()

        try:
            self._pace.start(refresh)
        except RuntimeError:
            # No thread can be had, as at the end of the program: it is read anew when it is over.
            turn.release()

    def _turn(self, name: str) -> threading.Lock:
        with self._lock:
            return self._reading.setdefault(name, threading.Lock())

    def _asked(self, wanted: Name, held: Held | None) -> str:
        """From the first provider that has it. One that fails does not hide a value that is known
        from it, nor what the ones after it know."""
        failed: list[Failure] = []
        for provider in self._providers:
            try:
                value = self._from(provider, wanted)
            except (Unavailable, NotConfigured) as failure:
                if held is not None and self._still_serves(held, provider, failure):
                    return self._stale(str(wanted), held)
                failed.append(failure)
                continue
            if value is not None:
                self._hold(str(wanted), value, provider.name)
                return value
        if not any(isinstance(one, Unavailable) for one in failed):
            self._shelf.drop(str(wanted))
        raise self._missing(wanted, failed)

    def _from(self, provider: Provider, wanted: Name) -> str | None:
        resting = self._standings.resting(provider.name, self._pace.monotonic())
        if resting:
            raise Unavailable(resting)
        try:
            value = provider.find(wanted)
        except Failure as failure:
            now, rests = self._pace.monotonic(), isinstance(failure, Unavailable)
            self._standings.failed(provider.name, now, failure.message, rests=rests)
            raise
        self._standings.answered(provider.name, found=value is not None)
        return value

    def _still_serves(self, held: Held, provider: Provider, failure: Failure) -> bool:
        young = self._pace.monotonic() - held.at < self._pace.kept
        return young and held.provider == provider.name and isinstance(failure, Unavailable)

    def _stale(self, name: str, held: Held) -> str:
        self._standings.count(held.provider, "stale")
        LOG.warning(
            "A secret's provider does not answer; the value known from before serves.",
            extra={"secret": name, "provider": held.provider},
        )
        return held.value

    def _hold(self, place: str, value: str, provider: str) -> None:
        # Told first: whoever masks must know it before anybody can write it.
        self._pace.told(value)
        self._shelf.put(place, Held(value, provider, self._pace.monotonic()))

    def _missing(self, wanted: Name, failed: Sequence[Failure]) -> Failure:
        said = " ".join(dict.fromkeys(one.message for one in failed))
        asked = ", ".join(self.providers)
        message = t("No provider has the secret {name}; asked: {asked}.", name=wanted, asked=asked)
        if any(isinstance(one, Unavailable) for one in failed):
            return Unavailable(
                f"{t('The secret {name} cannot be read now.', name=wanted)} {said}",
                hint=t("What was read before still works; try again in a moment."),
            )
        hint = t("Set {name}, or name where it is kept in SECRET_PROVIDERS.", name=wanted.name)
        return NotConfigured(f"{message} {said}".strip(), hint=hint)
