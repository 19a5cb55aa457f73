"""The settings of secrets: which providers are asked, and how each is reached."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setting:
    """`name` is the environment's, `kind` a row of KINDS, `default` written as one would set it."""

    name: str
    kind: str
    default: str
    help: str

    @property
    def field(self) -> str:
        return self.name.lower()


SECRET_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "SECRET_KEY_PREVIOUS",
        "keys",
        "",
        "Keys that SECRET_KEY had before, comma between: what they sealed opens, and is sealed "
        "again.",
    ),
    Setting(
        "SECRET_PROVIDERS",
        "providers",
        "environment,files",
        "Who is asked for secret:NAME, in this order: environment, files, vault, cloudflare, aws.",
    ),
    Setting("SECRET_SECONDS", "seconds", "300", "Seconds until a secret is read anew."),
    Setting(
        "SECRET_KEPT_SECONDS",
        "seconds",
        "3600",
        "Seconds that a known secret serves while its provider does not answer.",
    ),
    Setting(
        "SECRETS_DIR",
        "folder",
        "/run/secrets",
        "Folder with one file a secret, as Docker and Kubernetes mount it.",
    ),
    Setting("VAULT_ADDR", "web_url", "", "HashiCorp Vault, https://vault.example:8200."),
    Setting("VAULT_NAMESPACE", "word", "", "Namespace of Vault Enterprise."),
    Setting("VAULT_TOKEN", "secret", "", "Token for Vault, renewed while it can be."),
    Setting("VAULT_ROLE_ID", "word", "", "AppRole for Vault, instead of a token."),
    Setting("VAULT_SECRET_ID", "secret", "", "Secret id of the AppRole."),
    Setting("VAULT_MOUNT", "word", "secret", "Mount of Vault's key-value engine, version 2."),
    Setting(
        "VAULT_PATH",
        "word",
        "royal-analytics",
        "Vault's secret with a key for each NAME; NAME#key is the key of the secret NAME below it.",
    ),
    Setting("CLOUDFLARE_ACCOUNT_ID", "word", "", "Account whose Workers KV keeps secrets."),
    Setting("CLOUDFLARE_API_TOKEN", "secret", "", "Token that may read Workers KV."),
    Setting(
        "CLOUDFLARE_KV_NAMESPACE",
        "word",
        "",
        "Id of the KV namespace, one key a secret.",
    ),
    Setting(
        "CLOUDFLARE_SECRETS_STORE",
        "word",
        "",
        "Id of the account's secrets store, to say which names are there: Cloudflare gives their "
        "values to Workers only.",
    ),
    Setting(
        "CLOUDFLARE_API",
        "web_url",
        "https://api.cloudflare.com/client/v4",
        "Address of Cloudflare's API.",
    ),
    Setting(
        "AWS_REGION",
        "word",
        "",
        "Region of AWS Secrets Manager; who signs in is what boto3 finds: role, profile or keys.",
    ),
    Setting("AWS_SECRET_PREFIX", "word", "", "What stands before NAME there, such as royal/."),
)


@dataclass(frozen=True, repr=False)
class SecretSettings:
    """The fields of these settings; Settings has them too."""

    secret_key_previous: tuple[str, ...]
    secret_providers: tuple[str, ...]
    secret_seconds: int
    secret_kept_seconds: int
    secrets_dir: Path
    vault_addr: str
    vault_namespace: str
    vault_token: str
    vault_role_id: str
    vault_secret_id: str
    vault_mount: str
    vault_path: str
    cloudflare_account_id: str
    cloudflare_api_token: str
    cloudflare_kv_namespace: str
    cloudflare_secrets_store: str
    cloudflare_api: str
    aws_region: str
    aws_secret_prefix: str
