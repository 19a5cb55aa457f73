"""AWS Secrets Manager, as moto plays it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore import exceptions as said
from moto import mock_aws

from agent.errors import NotConfigured, Unavailable
from agent.logs import open_logs
from agent.secrets.providers.aws import SecretsManager
from agent.secrets.references import Name

VALUE = "shpat_planted"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The other side: what an administrator does."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-central-1")


@pytest.fixture
def made(aws: Any, settings_of: Callable[..., Any]) -> SecretsManager:
    return SecretsManager(settings_of(AWS_REGION="eu-central-1", AWS_SECRET_PREFIX="royal/"))


def test_a_secret_and_a_part_of_one(aws: Any, made: SecretsManager) -> None:
    aws.create_secret(Name="royal/SHOP_TOKEN", SecretString=VALUE)
    aws.create_secret(Name="royal/db", SecretString='{"password": "pw", "port": 5432}')
    assert made.find(Name("SHOP_TOKEN")) == VALUE
    assert made.find(Name("db", "password")) == "pw"
    assert made.find(Name("db", "port")) == "5432"
    assert made.find(Name("OTHER")) is None
    with pytest.raises(NotConfigured, match="db has no key 'user'"):
        made.find(Name("db", "user"))
    with pytest.raises(NotConfigured, match="SHOP_TOKEN has no key 'user'") as missing:
        made.find(Name("SHOP_TOKEN", "user"))
    assert VALUE not in str(missing.value)
    aws.put_secret_value(SecretId="royal/SHOP_TOKEN", SecretString="rotated")
    assert made.find(Name("SHOP_TOKEN")) == "rotated"


def test_bytes_are_no_secret(aws: Any, made: SecretsManager) -> None:
    aws.create_secret(Name="royal/A", SecretBinary=b"\x00\x01")
    with pytest.raises(NotConfigured, match="The secret A in AWS is no text"):
        made.find(Name("A"))


def test_a_secret_marked_for_deletion_is_a_sentence(aws: Any, made: SecretsManager) -> None:
    aws.create_secret(Name="royal/A", SecretString=VALUE)
    aws.delete_secret(SecretId="royal/A")
    with pytest.raises(NotConfigured, match=r"InvalidRequestException\. It may be marked"):
        made.find(Name("A"))


class Answering:
    """A client whose every answer is a failure."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def get_secret_value(self, **_: str) -> Any:
        raise self.failure


def client_error(code: str) -> said.ClientError:
    return said.ClientError({"Error": {"Code": code, "Message": VALUE}}, "GetSecretValue")


@pytest.mark.parametrize(
    ("failure", "kind", "sentence"),
    [
        (client_error("AccessDeniedException"), NotConfigured, "AWS refuses: AccessDenied"),
        (client_error("ExpiredTokenException"), NotConfigured, "AWS refuses: ExpiredToken"),
        (client_error("ThrottlingException"), Unavailable, "reports an error: Throttling"),
        (client_error("InternalServiceError"), Unavailable, "reports an error: Internal"),
        (client_error(""), Unavailable, "reports an error: unknown"),
        (said.NoCredentialsError(), NotConfigured, "knows no one to sign in as"),
        (said.EndpointConnectionError(endpoint_url=VALUE), Unavailable, "does not answer"),
        (said.ReadTimeoutError(endpoint_url=VALUE), Unavailable, "does not answer"),
    ],
)
def test_each_failure_has_its_sentence(
    made: SecretsManager, failure: Exception, kind: type, sentence: str
) -> None:
    made._client = Answering(failure)
    with pytest.raises(kind, match=sentence) as failed:
        made.find(Name("A"))
    assert VALUE not in str(failed.value)
    assert failed.value.__suppress_context__


def test_without_anybody_to_sign_in_as(
    made: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(NotConfigured, match="knows no one to sign in as"):
        made.find(Name("A"))


def test_at_debug_the_library_does_not_write_answers_into_the_log(
    aws: Any, made: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = StringIO()
    try:
        open_logs("debug", stream)
        aws.create_secret(Name="royal/SHOP_TOKEN", SecretString="something else")
        aws.put_secret_value(SecretId="royal/SHOP_TOKEN", SecretString=VALUE)
        stream.truncate(0)
        assert made.find(Name("SHOP_TOKEN")) == VALUE
        logging.getLogger("agent").debug("The log is open.")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert "The log is open." in stream.getvalue()
    assert VALUE not in stream.getvalue()
