"""Decisions to lift a gate for one pair, and to take that back; append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "gate_override",
        sa.Column("override_id", sa.Integer(), nullable=False),
        sa.Column("startup_id", sa.String(length=200), nullable=False),
        sa.Column("fund_id", sa.String(length=200), nullable=False),
        sa.Column("gate", sa.String(length=40), nullable=False),
        sa.Column("lifts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.fund_id"], name=op.f("fk_gate_override_fund_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["startup_id"],
            ["startup.startup_id"],
            name=op.f("fk_gate_override_startup_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("override_id", name=op.f("pk_gate_override")),
    )
    op.create_index(op.f("ix_gate_override_startup_id"), "gate_override", ["startup_id"], unique=False)


def downgrade() -> None:
    op.drop_table("gate_override")
