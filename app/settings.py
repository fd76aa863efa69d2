"""Everything that can be set, each by an `ONRECORD_*` environment variable or a line in `.env`."""

import base64
import binascii
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _is_seed(key: SecretStr | None) -> SecretStr | None:
    try:
        if key is None or len(base64.b64decode(key.get_secret_value(), validate=True)) == 32:
            return key
    except binascii.Error:
        pass
    raise ValueError("must be 32 bytes in base64, as `openssl rand -base64 32` prints them")


class Settings(BaseSettings):
    """The settings of one process, read once at its start.

    The names are the fields' in capitals behind `ONRECORD_`; a value that does not fit raises
    pydantic's `ValidationError`, which the command line turns into one clear line.
    """

    model_config = SettingsConfigDict(
        env_prefix="ONRECORD_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: Annotated[
        str,
        Field(
            description="SQLAlchemy URL of the store: `sqlite:///FILE` or "
            "`postgresql+psycopg://USER:PASSWORD@HOST/NAME`."
        ),
    ] = "sqlite:///onrecord.db"
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
    cache: Annotated[
        bool, Field(description="Answer repeated reads from memory while nothing was written.")
    ] = True
    busy_timeout: Annotated[
        float,
        Field(
            gt=0,
            le=60,
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
    signing_key: Annotated[
        SecretStr | None,
        AfterValidator(_is_seed),
        Field(
            description="What signs checkpoints: 32 random bytes in base64 (`openssl rand -base64 "
            "32`), an Ed25519 private key; one that is kept in the store when absent."
        ),
    ] = None
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


@lru_cache
def settings() -> Settings:
    """The process's settings, read on first use."""
    return Settings()
