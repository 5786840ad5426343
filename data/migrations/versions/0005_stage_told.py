"""The stage of a startup in the words it was told in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("startup_version", sa.Column("stage_told", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("startup_version", "stage_told")
