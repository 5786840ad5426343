"""The tables. Facts about startups and funds come in versions.

Personal data stand in `introduction_person` alone, so that erasing a person touches no fact.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from matching.vocabulary import ReleaseStatus

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
ID = String(200)


def _version_columns() -> tuple[Column[object], ...]:
    """Build what a version of any record carries.

    `valid_from` is empty for the first version: it holds since the record itself says it was first
    seen; a later version holds from the day it came in. `raw` keeps the words that the taxonomy did
    not understand, `extra` the columns outside the contract.
    """
    return (
        Column("valid_from", Date),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("raw", JSON, nullable=False),
        Column("extra", JSON, nullable=False),
    )


startup = Table("startup", METADATA, Column("startup_id", ID, primary_key=True))

startup_version = Table(
    "startup_version",
    METADATA,
    Column("startup_id", ForeignKey("startup.startup_id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("program_id", String(200)),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("description_vi", Text, nullable=False),
    Column("sectors", Text, nullable=False),
    Column("subsectors", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("business_model", String(40)),
    Column("country", String(2)),
    Column("city", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("stage", String(40)),
    Column("stage_told", Text, nullable=False),
    Column("founded_on", String(10)),
    Column("raising_usd", Float),
    Column("instrument", String(40)),
    Column("first_seen_on", String(10)),
    Column("website", Text, nullable=False),
    Column("exclusions", Text, nullable=False),
    Column("opted_out", Boolean, nullable=False),
    *_version_columns(),
)

fund = Table("fund", METADATA, Column("fund_id", ID, primary_key=True))

fund_version = Table(
    "fund_version",
    METADATA,
    Column("fund_id", ForeignKey("fund.fund_id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", String(40)),
    Column("thesis", Text, nullable=False),
    Column("thesis_vi", Text, nullable=False),
    Column("stages", Text, nullable=False),
    Column("sectors", Text, nullable=False),
    Column("subsectors", Text, nullable=False),
    Column("excluded_sectors", Text, nullable=False),
    Column("excluded_subsectors", Text, nullable=False),
    Column("countries", Text, nullable=False),
    Column("ticket_min_usd", Float),
    Column("ticket_max_usd", Float),
    Column("status", String(40)),
    Column("monthly_capacity", Integer),
    Column("hq_country", String(2)),
    Column("website", Text, nullable=False),
    Column("verified_on", String(10)),
    *_version_columns(),
)

investment = Table(
    "investment",
    METADATA,
    Column("investment_id", Integer, primary_key=True),
    Column("startup_id", ForeignKey("startup.startup_id", ondelete="CASCADE"), nullable=False),
    Column("fund_id", ForeignKey("fund.fund_id", ondelete="CASCADE"), nullable=False),
    # Both as written, "" where unknown, so that the same row is known again (NULLs never equal each other).
    Column("announced_on", String(10), nullable=False),
    Column("round", String(200), nullable=False),
    Column("announced_end", Date),
    Column("stage", String(40)),
    Column("amount_usd", Float),
    Column("lead", Boolean),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("extra", JSON, nullable=False),
    UniqueConstraint("startup_id", "fund_id", "announced_on", "round"),
    Index(None, "fund_id"),
    Index(None, "announced_end"),
)

program = Table(
    "program",
    METADATA,
    Column("program_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("opened_on", String(10)),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("extra", JSON, nullable=False),
)

introduction = Table(
    "introduction",
    METADATA,
    Column("introduction_id", ID, primary_key=True),
    Column("startup_id", ForeignKey("startup.startup_id", ondelete="CASCADE"), nullable=False),
    Column("fund_id", ForeignKey("fund.fund_id", ondelete="CASCADE"), nullable=False),
    Column("opened_on", String(10)),
    Column("opened_end", Date),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("extra", JSON, nullable=False),
    Index(None, "startup_id"),
    Index(None, "fund_id"),
)

# Rows are only added. `number` counts the events of an introduction, from 1, in the order of time.
introduction_event = Table(
    "introduction_event",
    METADATA,
    Column(
        "introduction_id", ForeignKey(introduction.c.introduction_id, ondelete="CASCADE"), primary_key=True
    ),
    Column("number", Integer, primary_key=True),
    Column("status", String(40), nullable=False),
    Column("at", String(10), nullable=False),
    Column("at_end", Date, nullable=False),
    # As written, beside what it is understood as.
    Column("reason", Text, nullable=False),
    Column("pass_reason", String(40)),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("extra", JSON, nullable=False),
)

# Who released an introduction (number 0), who recorded its event of a number.
introduction_person = Table(
    "introduction_person",
    METADATA,
    Column(
        "introduction_id", ForeignKey(introduction.c.introduction_id, ondelete="CASCADE"), primary_key=True
    ),
    Column("number", Integer, primary_key=True),
    Column("person", Text, nullable=False),
)

gate_override = Table(
    "gate_override",
    METADATA,
    Column("override_id", Integer, primary_key=True),
    Column("startup_id", ForeignKey("startup.startup_id", ondelete="CASCADE"), nullable=False),
    Column("fund_id", ForeignKey("fund.fund_id", ondelete="CASCADE"), nullable=False),
    Column("gate", String(40), nullable=False),
    Column("lifts", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Index(None, "startup_id"),
)

embedding = Table(
    "embedding",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("model", String(200), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index(None, "model"),
)

# The model registry. Of a row only `status` and `promoted_at` change after it was written.
release = Table(
    "release",
    METADATA,
    Column("release_id", String(40), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Only facts dated before this day were learned from.
    Column("data_until", Date, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("checksum", String(64), nullable=False),
    Column("artefact", LargeBinary, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("status", String(40), nullable=False),
    Column("promoted_at", DateTime(timezone=True)),
)

_is_champion = release.c.status == ReleaseStatus.CHAMPION.value
# The database itself holds that there is never a second champion.
Index(
    "uq_release_champion",
    release.c.status,
    unique=True,
    sqlite_where=_is_champion,
    postgresql_where=_is_champion,
)

# Rows are only added; their order tells who was champion before whom.
release_event = Table(
    "release_event",
    METADATA,
    Column("event_id", Integer, primary_key=True),
    Column("release_id", ForeignKey(release.c.release_id), nullable=False),
    Column("event", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
)
