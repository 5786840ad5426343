"""Programs, introductions, their events, and the people in them apart."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "program",
        sa.Column("program_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.String(length=10), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_program")),
    )
    op.create_table(
        "introduction",
        sa.Column("introduction_id", sa.String(length=200), nullable=False),
        sa.Column("startup_id", sa.String(length=200), nullable=False),
        sa.Column("fund_id", sa.String(length=200), nullable=False),
        sa.Column("opened_on", sa.String(length=10), nullable=True),
        sa.Column("opened_end", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        _reference("introduction", "startup_id", "startup"),
        _reference("introduction", "fund_id", "fund"),
        sa.PrimaryKeyConstraint("introduction_id", name=op.f("pk_introduction")),
    )
    op.create_index(op.f("ix_introduction_fund_id"), "introduction", ["fund_id"], unique=False)
    op.create_index(op.f("ix_introduction_startup_id"), "introduction", ["startup_id"], unique=False)
    op.create_table(
        "introduction_event",
        sa.Column("introduction_id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=10), nullable=False),
        sa.Column("at_end", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pass_reason", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        _reference("introduction_event", "introduction_id", "introduction"),
        sa.PrimaryKeyConstraint("introduction_id", "number", name=op.f("pk_introduction_event")),
    )
    op.create_table(
        "introduction_person",
        sa.Column("introduction_id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        _reference("introduction_person", "introduction_id", "introduction"),
        sa.PrimaryKeyConstraint("introduction_id", "number", name=op.f("pk_introduction_person")),
    )


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.{column}"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("introduction_person", "introduction_event", "introduction", "program"):
        op.drop_table(table)
