"""How a service knows who asks: a token, a password, or a token that is asked for and expires."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from agent.errors import NotConfigured, Refused, Unavailable
from agent.ports import Clock
from agent.sources.http.configuration import Auth
from agent.sources.http.network import Answered, Asked, Veil, short
from agent.sources.http.templates import Filling
from agent.words import t

EARLY = timedelta(seconds=60)
SHORTEST = 60
LASTS = 3600
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE = "https://oauth2.googleapis.com/token"
RENEWED = ("refresh_token", "client_credentials", "service_account")
"""Ways of signing in whose token can be asked for anew."""

Ask = Callable[[Asked], Answered]


@dataclass
class _Token:
    text: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Signing:
    """Signs requests. `ask` is how a token is asked for: behind the same limits as all else."""

    auth: Auth
    filling: Filling
    veil: Veil
    clock: Clock
    ask: Ask
    _kept: _Token = field(default_factory=_Token, repr=False, compare=False)

    def signed(self, asked: Asked) -> Asked:
        """The request with what shows who asks. Raises NotConfigured where a part is empty, and as
        `ask`."""
        auth = self.auth
        if auth.kind == "none":
            return asked
        if auth.kind == "query":
            return replace(asked, query={**asked.query, auth.name: self._part("value")})
        if auth.kind == "header":
            return _with(asked, auth.name, self._part("value"))
        if auth.kind == "basic":
            pair = f"{self._part('user')}:{self._part('password')}"
            words = self.veil.add(base64.b64encode(pair.encode()).decode())
            return _with(asked, "Authorization", f"Basic {words}")
        token = self._part("token") if auth.kind == "bearer" else self._token()
        return _with(asked, "Authorization", f"Bearer {token}")

    @property
    def renews(self) -> bool:
        return self.auth.kind in RENEWED

    def forget(self) -> None:
        """The token was refused: the next request asks for another."""
        self._kept.text = ""

    def _part(self, name: str) -> str:
        text = self.filling.text(getattr(self.auth, name))
        if not text:
            raise NotConfigured(t("The sign-in has no {name}.", name=name))
        return self.veil.add(text)

    def _token(self) -> str:
        kept, now = self._kept, self.clock.now()
        if not kept.text or (kept.until and now >= kept.until - EARLY):
            url, form = self._grant(now)
            found = self._granted(self.ask(Asked(url, "POST", form=form)))
            kept.text = self.veil.add(str(found["access_token"]))
            kept.until = now + timedelta(seconds=_lifetime(found.get("expires_in")))
        return kept.text

    def _grant(self, now: datetime) -> tuple[str, Mapping[str, str]]:
        """Where a token is asked for, and with what."""
        if self.auth.kind == "service_account":
            return self._claimed(now)
        form = {
            "grant_type": self.auth.kind,
            "client_id": self._part("client_id"),
        }
        if self.auth.client_secret:
            form["client_secret"] = self._part("client_secret")
        if self.auth.kind == "refresh_token":
            form["refresh_token"] = self._part("refresh_token")
        elif self.auth.scope:
            form["scope"] = self.filling.text(self.auth.scope)
        return self.filling.text(self.auth.token_url, address=True), form

    def _claimed(self, now: datetime) -> tuple[str, Mapping[str, str]]:
        """A claim of a Google service account, signed with its key (RFC 7523)."""
        key, private = _service_key(self._part("key"))
        url = self.filling.text(self.auth.token_url) or str(key.get("token_uri") or GOOGLE)
        begins = int(now.timestamp())
        claims = {
            "iss": key["client_email"],
            "scope": self.filling.text(self.auth.scope),
            "aud": url,
            "iat": begins,
            "exp": begins + LASTS,
        }
        head = {"alg": "RS256", "typ": "JWT", "kid": str(key.get("private_key_id") or "")}
        said = f"{_packed(head)}.{_packed(claims)}"
        mark = private.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
        return url, {"grant_type": GRANT, "assertion": self.veil.add(f"{said}.{_base64(mark)}")}

    def _granted(self, answer: Answered) -> Mapping[str, Any]:
        try:
            found = answer.json()
        except Refused:
            found = None
        if not isinstance(found, Mapping) or not (200 <= answer.status < 300):
            self._refused(answer, found)
        if not isinstance(found.get("access_token"), str) or not found["access_token"]:
            raise Refused(t("{host} gave no token.", host=answer.host))
        return found

    def _refused(self, answer: Answered, found: Any) -> NoReturn:
        said = found if isinstance(found, Mapping) else {}
        why = said.get("error_description") or said.get("error") or answer.status
        raise Refused(
            t(
                "{host} refuses the sign-in: {why}.",
                host=answer.host,
                why=self.veil.hide(short(why)),
            ),
            hint=t("Check the client, the secret and the token of this connection."),
        )


def passed(answer: Answered) -> Answered:
    """The answer of who gives tokens, whatever it says; raises Unavailable where asking again can
    help."""
    if answer.status == 429 or answer.status >= 500:
        raise Unavailable(
            t("{host} gives no token now ({status}).", host=answer.host, status=answer.status)
        )
    return answer


def _with(asked: Asked, name: str, value: str) -> Asked:
    return replace(asked, headers={**asked.headers, name: value})


def _lifetime(said: Any) -> int:
    """Seconds that a token lasts, as its giver says; an hour where he does not."""
    try:
        return max(int(said), SHORTEST)
    except (TypeError, ValueError, OverflowError):
        return LASTS


def _service_key(text: str) -> tuple[Mapping[str, Any], rsa.RSAPrivateKey]:
    """Raises NotConfigured, without a word of the key."""
    try:
        key = json.loads(text)
        private = serialization.load_pem_private_key(str(key["private_key"]).encode(), None)
        if not isinstance(private, rsa.RSAPrivateKey) or not key["client_email"]:
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError, UnsupportedAlgorithm):
        raise NotConfigured(
            t("The key of the service account cannot be read."),
            hint=t("Paste the whole JSON file that Google made for the account."),
        ) from None
    return key, private


def _packed(content: Mapping[str, Any]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
