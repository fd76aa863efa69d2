"""Everything that can be set, each by an `ONRECORD_*` environment variable or a line in `.env`."""

import base64
import binascii
import os
import re
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal

import limits
from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict


class LogFormat(StrEnum):
    """How a line of the log is written."""

    json = "json"
    text = "text"


def _is_seed(key: SecretStr | None) -> SecretStr | None:
    try:
        if key is None or len(base64.b64decode(key.get_secret_value(), validate=True)) == 32:
            return key
    except binascii.Error:
        pass
    raise ValueError("must be 32 bytes in base64, as `openssl rand -base64 32` prints them")


PREFIX = "ONRECORD_"


class Settings(BaseSettings):
    """The settings of one process, read once at its start.

    The names are the fields' in capitals behind `ONRECORD_`; a value that does not fit raises
    pydantic's `ValidationError`, which the command line turns into one clear line.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True
    )

    database_url: Annotated[
        str,
        Field(
            description="SQLAlchemy URL of the store: `sqlite:///FILE` or "
            "`postgresql+psycopg://USER:PASSWORD@HOST/NAME`."
        ),
    ] = "sqlite:///onrecord.db"
    read_database_url: Annotated[
        str,
        Field(
            description="Streaming replicas of a PostgreSQL store to read from, separated by "
            "commas; empty: none."
        ),
    ] = ""
    bundled_record: Annotated[
        bool,
        Field(description="Fill an empty store with the bundled record when serving."),
    ] = True
    host: Annotated[str, Field(description="Address that `onrecord serve` listens on.")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Field(ge=0, le=65535, description="Port that `onrecord serve` listens on.")
    ] = 8000
    workers: Annotated[
        int,
        Field(ge=1, le=64, description="Processes that answer; one is right for SQLite."),
    ] = 1
    open_reading: Annotated[
        bool,
        Field(description="Whether anybody may read; otherwise that takes a key, too."),
    ] = True
    private_webhooks: Annotated[
        bool,
        Field(
            description="Whether webhooks may go to private and loopback addresses, and without "
            "TLS: for tests, and where receivers stand in the same network."
        ),
    ] = False
    cache: Annotated[
        bool, Field(description="Answer repeated reads from memory while nothing was written.")
    ] = True
    busy_timeout: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            allow_inf_nan=False,
            description="Seconds to wait for another writer before answering 503.",
        ),
    ] = 5.0
    origin: Annotated[
        str | None,
        Field(
            pattern=r"^[^\s+\x00-\x1f\x7f]{1,200}$",
            description="Name of the ledger in its checkpoints, e.g. `example.com/onrecord`; one "
            "made from the key when absent.",
        ),
    ] = None
    pipeline: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$",
            description="spaCy pipeline with which statements are proposed, e.g. "
            "`en_core_web_sm`; needs `onrecord[nlp]`. The built-in rules when absent.",
        ),
    ] = None
    signing_key: Annotated[
        SecretStr | None,
        AfterValidator(_is_seed),
        Field(
            description="What signs checkpoints: 32 random bytes in base64 (`openssl rand -base64 "
            "32`), an Ed25519 private key; one that is kept in the store when absent."
        ),
    ] = None
    query_timeout: Annotated[
        float,
        Field(
            gt=0,
            le=3600,
            allow_inf_nan=False,
            description="Seconds that one read of the store may take; then 503.",
        ),
    ] = 10.0
    concurrency: Annotated[
        int,
        Field(
            ge=1,
            le=100_000,
            description="Requests that one process has in hand at once; further ones get 503.",
        ),
    ] = 200
    rate_limit: Annotated[
        str,
        Field(
            description="Requests allowed to one address, and with one key, such as `600/minute`; "
            "empty: any number."
        ),
    ] = "60000/minute"
    rate_limit_store: Annotated[
        str,
        Field(
            description="Where requests are counted: `memory://`, each process for itself, or "
            "`redis://HOST:PORT/N`, all together."
        ),
    ] = "memory://"
    max_body: Annotated[
        int,
        Field(
            ge=1_000,
            description="Bytes of the largest body, imports excepted; a source's text of 10 "
            "million characters, in UTF-8 and escaped, fits into the default.",
        ),
    ] = 48_000_000
    max_import: Annotated[
        int, Field(ge=0, description="Bytes of the largest import; 0: of any size.")
    ] = 0
    body_timeout: Annotated[
        float,
        Field(
            gt=0,
            le=3600,
            allow_inf_nan=False,
            description="Seconds in which a body must go on coming; then 408.",
        ),
    ] = 20.0
    hosts: Annotated[
        str,
        Field(
            description="Names that the service answers to, with commas between and `*.` for "
            "subdomains, such as `onrecord.example.org`; `*`: any."
        ),
    ] = "*"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="What is logged: from `info` on a line for each request."),
    ] = "info"
    log_format: Annotated[
        LogFormat, Field(description="Log lines as `json`, or as `text` for people.")
    ] = LogFormat.json
    telemetry: Annotated[
        bool,
        Field(
            description="Send traces, metrics and errors by OpenTelemetry, as its own `OTEL_*` "
            "variables say; needs the extra `telemetry`. Traces, unlike the log, carry each "
            "address with its query."
        ),
    ] = False
    security_contact: Annotated[
        str,
        Field(
            pattern="^((https://|mailto:|tel:).+)?$",
            description="Where to tell of a weakness, as a URL or `mailto:`; served in "
            "`/.well-known/security.txt`.",
        ),
    ] = ""
    threads: Annotated[
        int,
        Field(
            ge=1,
            le=200,
            description="Requests that one process works on at once, and its database connections.",
        ),
    ] = 16

    @property
    def seed(self) -> bytes | None:
        """The bytes of the signing key, if one is configured."""
        key = self.signing_key
        return None if key is None else base64.b64decode(key.get_secret_value(), validate=True)

    @field_validator("rate_limit")
    @classmethod
    def _is_a_limit(cls, value: str) -> str:
        if value.strip():
            advice = "must be like 600/minute or 10/second, or empty for none"
            try:
                limit = limits.parse(value)
            except ValueError as error:
                raise ValueError(advice) from error
            if not limit.amount:
                raise ValueError(advice)
        return value.strip()

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        for name in filter(None, map(str.strip, value.split(","))):
            if not _HOST.fullmatch(name):
                raise ValueError(
                    "must be names without scheme, port or path, such as onrecord.example.org, "
                    "with commas between; an IPv6 address stands in brackets; any: *"
                )
        return value

    @field_validator("rate_limit_store")
    @classmethod
    def _is_a_store(cls, value: str) -> str:
        if value != "memory://" and not value.startswith(("redis://", "rediss://")):
            raise ValueError("must be memory:// or redis://HOST:PORT/N")
        return value


_HOST = re.compile(r"\*|(\*\.)?[\w-]+(\.[\w-]+)*\.?|\[[0-9A-Fa-f:.]+\]", re.ASCII)


def misspelt() -> list[tuple[str, str]]:
    """Variables, and lines in `.env`, that are no setting but look like one, each with the setting
    that may be meant. Empty ones set nothing and are left out."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    given = {**DotEnvSettingsSource(Settings).env_vars, **os.environ}
    names = {name.upper() for name, value in given.items() if value}
    return [
        (name, meant)
        for name in sorted(names.difference(known))
        if name.startswith(PREFIX)
        for meant in get_close_matches(name, known, 1, 0.8)
    ]


@lru_cache
def settings() -> Settings:
    """The process's settings, read on first use."""
    return Settings()
