"""One-click links of funds; whose list an exposure was on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def _of(table: str) -> sa.ForeignKeyConstraint:
    column = f"{table}_id"
    name = op.f(f"fk_answer_link_{column}")
    return sa.ForeignKeyConstraint([column], [f"{table}.{column}"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "answer_link",
        sa.Column("link_id", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("fund_id", sa.String(length=200), nullable=False),
        sa.Column("introduction_id", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_answer_link")),
        _of("fund"),
        _of("introduction"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_answer_link_token_hash")),
    )
    op.create_index(op.f("ix_answer_link_fund_id"), "answer_link", ["fund_id"])
    op.create_index(op.f("ix_answer_link_introduction_id"), "answer_link", ["introduction_id"])
    whose = sa.Column("list_of", sa.String(length=40), nullable=False, server_default="startup")
    op.add_column("exposure", whose)


def downgrade() -> None:
    op.drop_column("exposure", "list_of")
    op.drop_table("answer_link")
