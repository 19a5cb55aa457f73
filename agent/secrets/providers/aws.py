"""Secrets of AWS Secrets Manager; who signs in is what boto3 finds: a role, a profile or keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore import exceptions as said
from botocore.config import Config

from agent.errors import Failure, NotConfigured, Unavailable
from agent.secrets.references import Name
from agent.words import t

if TYPE_CHECKING:
    from agent.settings import Settings

CONNECT_SECONDS = 2
READ_SECONDS = 3
TRIES = 2
_REFUSED = (
    *("AccessDenied", "AccessDeniedException", "UnrecognizedClientException"),
    *("ExpiredToken", "ExpiredTokenException", "InvalidSignatureException"),
    *("InvalidClientTokenId", "SignatureDoesNotMatch", "IncompleteSignature"),
)
_WRONG = ("InvalidRequestException", "InvalidParameterException", "ValidationException")
_UNSIGNED = (
    said.NoCredentialsError,
    said.PartialCredentialsError,
    said.ProfileNotFound,
    said.CredentialRetrievalError,
)


class SecretsManager:
    """NAME is the secret AWS_SECRET_PREFIX + NAME, NAME#key one value of it where it is JSON."""

    name = "aws"

    def __init__(self, settings: Settings) -> None:
        self._region, self._prefix = settings.aws_region, settings.aws_secret_prefix
        self._client: Any = None

    def find(self, name: Name) -> str | None:
        try:
            answer = self._opened().get_secret_value(SecretId=f"{self._prefix}{name.name}")
        except said.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code == "ResourceNotFoundException":
                return None
            raise _failure(code) from None
        except _UNSIGNED:
            raise NotConfigured(
                t("AWS knows no one to sign in as."),
                hint=t("Give this machine a role, or set AWS_ACCESS_KEY_ID and its secret."),
            ) from None
        except said.BotoCoreError:
            raise Unavailable(t("AWS Secrets Manager does not answer.")) from None
        text = answer.get("SecretString")
        if not isinstance(text, str):
            raise NotConfigured(t("The secret {name} in AWS is no text.", name=name.name))
        return name.part(text) if text else None

    def _opened(self) -> Any:
        # A second of two threads that open it at once replaces the first one's, which does no harm.
        if self._client is None:
            tries = {"total_max_attempts": TRIES, "mode": "standard"}
            config = Config(
                connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries=tries
            )
            room = boto3.session.Session(region_name=self._region)
            self._client = room.client("secretsmanager", config=config)
        return self._client


def provider(settings: Settings) -> SecretsManager:
    return SecretsManager(settings)


def _failure(code: str) -> Failure:
    if code in _REFUSED:
        return NotConfigured(
            t("AWS refuses: {code}.", code=code),
            hint=t("Who signs in needs secretsmanager:GetSecretValue, and kms:Decrypt with it."),
        )
    if code in _WRONG:
        return NotConfigured(
            t("AWS cannot give this secret: {code}.", code=code),
            hint=t("It may be marked for deletion."),
        )
    return Unavailable(t("AWS Secrets Manager reports an error: {code}.", code=code or "unknown"))
