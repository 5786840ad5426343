"""Accounts, keys, sessions, feedback, exposure and audit: what the service keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.String(length=200)
MOMENT = sa.DateTime(timezone=True)


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{column}"], name=name, ondelete="CASCADE")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("startup_id", ID, nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        _key("account", "account_id"),
        _of("account", "startup_id", "startup"),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "account_program",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("program_id", ID, nullable=False),
        _key("account_program", "account_id", "program_id"),
        _of("account_program", "account_id", "account"),
        _of("account_program", "program_id", "program"),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _key("session", "token_hash"),
        _of("session", "account_id", "account"),
    )
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        _key("api_key", "key_id"),
        _of("api_key", "account_id", "account"),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_key_secret_hash")),
    )
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("startup_id", ID, nullable=False),
        sa.Column("fund_id", ID, nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _key("feedback", "feedback_id"),
        _of("feedback", "startup_id", "startup"),
        _of("feedback", "fund_id", "fund"),
    )
    op.create_index(op.f("ix_feedback_startup_id"), "feedback", ["startup_id"])
    op.create_table(
        "exposure",
        sa.Column("exposure_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("startup_hash", sa.String(length=64), nullable=False),
        sa.Column("fund_id", ID, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("release", sa.String(length=100), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        _key("exposure", "exposure_id"),
    )
    op.create_index(op.f("ix_exposure_at"), "exposure", ["at"])
    op.create_table(
        "audit_entry",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=450), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        _key("audit_entry", "entry_id"),
    )
    versions = op.create_table(
        "data_version",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _key("data_version", "name"),
    )
    op.bulk_insert(versions, [{"name": "records", "version": 0}])


def downgrade() -> None:
    for table in (
        "data_version",
        "audit_entry",
        "exposure",
        "feedback",
        "api_key",
        "session",
        "account_program",
        "account",
    ):
        op.drop_table(table)
