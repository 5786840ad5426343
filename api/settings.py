"""Settings, from environment variables that begin with KETNOI_; ketnoi.env.example lists them all."""

import os
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from matching.errors import BadValue
from matching.vocabulary import Language

PREFIX = "KETNOI_"
Folder = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path in which ~ stands for the user's own folder, also where no shell has read it."""


SHORTEST_SECRET = 32


def _addresses(told: str) -> str:
    """Require addresses or networks: a wrong one would be a name that never matches."""
    for one in filter(None, map(str.strip, told.split(","))):
        ip_network(one)
    return told


class Environment(StrEnum):
    """Where the service runs: on a developer's machine, or for others."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """What an installation can set; an empty variable counts as not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid")

    home: Annotated[Folder, Field(description="Folder of the database and everything else that is kept")] = (
        user_data_path("ketnoi")
    )
    database_url: Annotated[
        str, Field(description="Database address; empty means the SQLite file ketnoi.sqlite3 in the home")
    ] = ""
    embedding_model: Annotated[
        str,
        Field(
            description="`bundled`, `none` (match on fields alone), or a sentence-transformers name or folder"
        ),
    ] = "bundled"
    cache_dir: Annotated[
        Folder, Field(description="Folder of the converted embedding model; safe to delete")
    ] = user_cache_path("ketnoi")
    language: Annotated[Language, Field(description="Language of what is shown: vi or en")] = Language.VI
    threads: Annotated[int, Field(ge=1, description="Threads for embedding and search")] = 1
    environment: Annotated[
        Environment,
        Field(description="`production` where others use the service: safe cookies, a real secret"),
    ] = Environment.DEVELOPMENT
    secret_key: Annotated[
        SecretStr, Field(description="What ids in the exposure log are hashed with; 32 or more characters")
    ] = SecretStr("")

    requests_per_minute: Annotated[
        int, Field(ge=1, description="Requests of one key or session that a process answers in a minute")
    ] = 3_000
    trusted_proxies: Annotated[
        str,
        AfterValidator(_addresses),
        Field(description="Addresses or networks, with commas between, whose X-Forwarded-For is believed"),
    ] = ""

    @property
    def secret(self) -> bytes:
        """The secret in force.

        Raises
        ------
        BadValue
            If there is none worth the name in production.
        """
        told = self.secret_key.get_secret_value()
        if self.environment is Environment.PRODUCTION and len(told) < SHORTEST_SECRET:
            rule = f"{SHORTEST_SECRET} or more characters in production (`openssl rand -hex 32` makes some)"
            raise BadValue(rule, f"{len(told)} characters", f"{PREFIX}SECRET_KEY")
        return told.encode() or b"development"

    @property
    def database(self) -> str:
        """The address of the database in force."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'ketnoi.sqlite3'}"


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    BadValue
        If a value breaks its rule, or a variable begins with KETNOI_ and is no setting.
    """
    names = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for variable in os.environ:
        if variable.upper().startswith(PREFIX) and variable.upper() not in names:
            raise BadValue(f"one of {', '.join(names)}", variable, "setting")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{'_'.join(map(str, first['loc'])).upper()}"
        raise BadValue(f"valid ({first['msg']})", first.get("input", ""), name) from None
