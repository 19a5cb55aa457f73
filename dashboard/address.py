"""The address bar: what it says, the nearest thing that can be shown, and the addresses that
controls lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from agent.errors import NotFound, Refused
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import ATTRIBUTES, GRAINS
from agent.metrics.questions import Scope
from agent.services import Services

LONGEST = 32_000
FIELDS = 1_100
Pairs = list[tuple[str, str]]

# The words that belong to pages, not to the scope: what each may say.
OWN: Mapping[str, frozenset[str]] = {
    "kpi": frozenset(METRICS),
    "metrics": frozenset(METRICS),
    "by": frozenset(ATTRIBUTES) - {"shop"},
    "grain": frozenset(GRAINS),
    "top": frozenset({"12", "50"}),
}


@dataclass(frozen=True)
class Address:
    """`own` holds the page's words; `note` says what of the address could not be used, empty when
    all could.
    """

    path: str
    scope: Scope
    own: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def href(self, scope: Scope | None = None, path: str | None = None, **own: str) -> str:
        """The address with another scope, path or word; an empty word is left out."""
        words = {**self.own, **own} if path in (None, self.path) else own
        rest = urlencode([(k, v) for k, v in words.items() if v])
        query = "&".join(part for part in ((scope or self.scope).query_string(), rest) if part)
        return f"{self.path if path is None else path}?{query}"

    @property
    def search(self) -> str:
        return self.href().partition("?")[2]

    @property
    def fixed(self) -> Scope:
        """The scope with its days written out, so that it means the same tomorrow."""
        return replace(self.scope, preset="")


def read(services: Services, path: str, search: str | None) -> Address:
    """The nearest valid address, with a note on what was left out. Raises NotFound where there is
    no shop at all.
    """
    pairs, note = _pairs(search or "")
    own, note = _own(pairs, note)
    try:
        return Address(path, services.scope(pairs), own, note)
    except Refused as refused:
        scope = _nearest(services, pairs)
        return Address(path, scope, own, f"{refused} Shown without it.")


def parse(services: Services, path: str, search: str) -> Address:
    """The address exactly as it is written. Raises Refused."""
    pairs, note = _pairs(search)
    own, note = _own(pairs, note)
    if note:
        raise Refused(note)
    return Address(path, services.scope(pairs), own)


def _pairs(search: str) -> tuple[Pairs, str]:
    if len(search) > LONGEST:
        return [], "The address is too long. Shown without it."
    try:
        return parse_qsl(search.lstrip("?"), max_num_fields=FIELDS), ""
    except ValueError:
        return [], "The address has too many parts. Shown without them."


def _own(pairs: Pairs, note: str) -> tuple[dict[str, str], str]:
    own: dict[str, str] = {}
    for name, value in pairs:
        if name in OWN and value:
            word = value.split(",")[0]
            if word in OWN[name]:
                own[name] = word
            else:
                note = f"{name}={value[:40]} is not known here. Shown without it."
    return own, note


def _nearest(services: Services, pairs: Pairs) -> Scope:
    """Key by key, whatever still makes sense together; from and to stand or fall as one."""
    kept: Pairs = []
    for key in dict.fromkeys("from" if name == "to" else name for name, _ in pairs):
        names = ("from", "to") if key == "from" else (key,)
        more = [pair for pair in pairs if pair[0] in names]
        if _works(services, kept + more):
            kept += more
    return services.scope(kept)


def _works(services: Services, pairs: Pairs) -> bool:
    try:
        services.scope(pairs)
    except (Refused, NotFound):
        return False
    return True
