"""The tables of the service: who may ask, what was shown, what was decided; beside the records.

Of a person only `account` tells anything; every other table names accounts by their id. Tokens and keys are
kept as SHA-256 of 256 random bits, which cannot be guessed, passwords as argon2id.
"""

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from data.tables import ID
from data.tables import METADATA as METADATA  # with these tables too

_OWN_ID = String(40)
_HASH = String(64)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _owner(table: str, *, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    """Make the column of a record that takes its rows along when it goes."""
    name = f"{table}_id"
    owner = ForeignKey(f"{table}.{name}", ondelete="CASCADE")
    return Column(name, owner, nullable=nullable, primary_key=primary_key)


account = Table(
    "account",
    METADATA,
    Column("account_id", _OWN_ID, primary_key=True),
    Column("role", String(40), nullable=False),
    # The profile that an account of a startup owns.
    _owner("startup", nullable=True),
    Column("email", String(254), nullable=False),
    Column("name", Text, nullable=False),
    # Empty where nobody logs in: an account of a machine has keys alone.
    Column("password_hash", String(200), nullable=False),
    _moment("created_at"),
    _moment("closed_at", nullable=True),
    UniqueConstraint("email"),
)

account_program = Table(
    "account_program", METADATA, _owner("account", primary_key=True), _owner("program", primary_key=True)
)

session = Table(
    "session",
    METADATA,
    Column("token_hash", _HASH, primary_key=True),
    _owner("account"),
    Column("csrf", _HASH, nullable=False),
    _moment("expires_at"),
)

api_key = Table(
    "api_key",
    METADATA,
    Column("key_id", _OWN_ID, primary_key=True),
    _owner("account"),
    Column("secret_hash", _HASH, nullable=False),
    Column("scopes", Text, nullable=False),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("revoked_at", nullable=True),
    UniqueConstraint("secret_hash"),
)

# Rows are only added; of a pair and an account the newest row of a verdict counts.
feedback = Table(
    "feedback",
    METADATA,
    Column("feedback_id", Integer, primary_key=True),
    _owner("startup"),
    _owner("fund"),
    Column("account_id", _OWN_ID, nullable=False),
    Column("verdict", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    _moment("at"),
    Index(None, "startup_id"),
)

# What a fund is asked by a link, without an account; without an introduction, whether its own record holds.
# The answer is kept as it was given, so that the same one sent again is known.
answer_link = Table(
    "answer_link",
    METADATA,
    Column("link_id", _OWN_ID, primary_key=True),
    Column("token_hash", _HASH, nullable=False),
    _owner("fund"),
    _owner("introduction", nullable=True),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("revoked_at", nullable=True),
    _moment("used_at", nullable=True),
    Column("answer", JSON),
    UniqueConstraint("token_hash"),
    Index(None, "fund_id"),
    Index(None, "introduction_id"),
)

# Whose list it was is a keyed hash: the log teaches of positions, not of persons. `rank` is the place on
# the list of funds of that startup, or of startups of that fund (`list_of`).
exposure = Table(
    "exposure",
    METADATA,
    Column("exposure_id", Integer, primary_key=True),
    _moment("at"),
    Column("list_of", String(40), nullable=False, server_default="startup"),
    Column("startup_hash", _HASH, nullable=False),
    Column("fund_id", ID, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("release", String(100), nullable=False),
    Column("propensity", Float, nullable=False),
    Index(None, "at"),
)

# Rows are only added.
audit_entry = Table(
    "audit_entry",
    METADATA,
    Column("entry_id", Integer, primary_key=True),
    _moment("at"),
    Column("actor", String(100), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(450), nullable=False),
    Column("detail", JSON, nullable=False),
)

# Of those queued or running there is one at a time; `result` is empty until it is done.
job = Table(
    "job",
    METADATA,
    Column("job_id", ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("state", String(40), nullable=False),
    _moment("created_at"),
    _moment("started_at", nullable=True),
    _moment("heartbeat_at"),
    _moment("finished_at", nullable=True),
    Column("result", JSON, nullable=False),
    Column("error", Text, nullable=False),
)

# A number that rises with every change of the records: what a process has read is out of date when it has.
data_version = Table(
    "data_version",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
)
