"""Where a startup is, as a key that every spelling of a city shares."""

import sqlalchemy as sa
from alembic import op

from data.terms import taxonomy

revision = "0002_place"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("startup_version", sa.Column("place", sa.Text(), nullable=False, server_default=""))
    table = sa.table("startup_version", *map(sa.column, ("country", "city", "place")))
    connection = op.get_bind()
    cities = sa.select(table.c.country, table.c.city).where(table.c.city != "").distinct()
    for country, city in connection.execute(cities).all():
        place = taxonomy().places.within(country).read(city).only
        here = table.c.country.is_not_distinct_from(country) & (table.c.city == city)
        connection.execute(sa.update(table).where(here).values(place=place or ""))


def downgrade() -> None:
    op.drop_column("startup_version", "place")
