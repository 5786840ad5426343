"""The records: startups, funds and investments, in versions, and the vector cache."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "embedding",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_embedding")),
    )
    op.create_index(op.f("ix_embedding_model"), "embedding", ["model"], unique=False)
    op.create_table(
        "fund",
        sa.Column("fund_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("fund_id", name=op.f("pk_fund")),
    )
    op.create_table(
        "startup",
        sa.Column("startup_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("startup_id", name=op.f("pk_startup")),
    )
    op.create_table(
        "fund_version",
        sa.Column("fund_id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=True),
        sa.Column("thesis", sa.Text(), nullable=False),
        sa.Column("thesis_vi", sa.Text(), nullable=False),
        sa.Column("stages", sa.Text(), nullable=False),
        sa.Column("sectors", sa.Text(), nullable=False),
        sa.Column("excluded_sectors", sa.Text(), nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("ticket_min_usd", sa.Float(), nullable=True),
        sa.Column("ticket_max_usd", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("monthly_capacity", sa.Integer(), nullable=True),
        sa.Column("hq_country", sa.String(length=2), nullable=True),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("verified_on", sa.String(length=10), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.fund_id"], name=op.f("fk_fund_version_fund_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fund_id", "version", name=op.f("pk_fund_version")),
    )
    op.create_table(
        "investment",
        sa.Column("investment_id", sa.Integer(), nullable=False),
        sa.Column("startup_id", sa.String(length=200), nullable=False),
        sa.Column("fund_id", sa.String(length=200), nullable=False),
        sa.Column("announced_on", sa.String(length=10), nullable=False),
        sa.Column("round", sa.String(length=200), nullable=False),
        sa.Column("announced_end", sa.Date(), nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("amount_usd", sa.Float(), nullable=True),
        sa.Column("lead", sa.Boolean(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.fund_id"], name=op.f("fk_investment_fund_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["startup_id"], ["startup.startup_id"], name=op.f("fk_investment_startup_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("investment_id", name=op.f("pk_investment")),
        sa.UniqueConstraint(
            "startup_id",
            "fund_id",
            "announced_on",
            "round",
            name=op.f("uq_investment_startup_id_fund_id_announced_on_round"),
        ),
    )
    op.create_index(op.f("ix_investment_announced_end"), "investment", ["announced_end"], unique=False)
    op.create_index(op.f("ix_investment_fund_id"), "investment", ["fund_id"], unique=False)
    op.create_table(
        "startup_version",
        sa.Column("startup_id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_vi", sa.Text(), nullable=False),
        sa.Column("sectors", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("business_model", sa.String(length=40), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("founded_on", sa.String(length=10), nullable=True),
        sa.Column("raising_usd", sa.Float(), nullable=True),
        sa.Column("instrument", sa.String(length=40), nullable=True),
        sa.Column("first_seen_on", sa.String(length=10), nullable=True),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("exclusions", sa.Text(), nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["startup_id"],
            ["startup.startup_id"],
            name=op.f("fk_startup_version_startup_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("startup_id", "version", name=op.f("pk_startup_version")),
    )


def downgrade() -> None:
    for table in ("startup_version", "investment", "fund_version", "startup", "fund", "embedding"):
        op.drop_table(table)
