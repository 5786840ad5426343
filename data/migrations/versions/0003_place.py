"""Places, as a key that every spelling of a city shares, and sub-sectors."""

import sqlalchemy as sa
from alembic import op

from data.terms import taxonomy

revision = "0003"
down_revision = "0002"
ADDED = (
    ("startup_version", "place"),
    ("startup_version", "subsectors"),
    ("fund_version", "subsectors"),
    ("fund_version", "excluded_subsectors"),
)


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))
    _tell_places()
    _tell_subsectors()


def _tell_places() -> None:
    table = sa.table("startup_version", *map(sa.column, ("country", "city", "place")))
    connection = op.get_bind()
    cities = sa.select(table.c.country, table.c.city).where(table.c.city != "").distinct()
    for country, city in connection.execute(cities).all():
        place = taxonomy().places.within(country).read(city).only
        here = table.c.country.is_not_distinct_from(country) & (table.c.city == city)
        connection.execute(sa.update(table).where(here).values(place=place or ""))


def _tell_subsectors() -> None:
    """Read the tags of startups again; of funds the words are not kept, the next import tells."""
    table = sa.table("startup_version", *map(sa.column, ("tags", "subsectors")))
    connection = op.get_bind()
    for (tags,) in connection.execute(sa.select(table.c.tags).where(table.c.tags != "").distinct()).all():
        fine = ";".join(sorted(taxonomy().sectors(tags.split(";")).fine))
        connection.execute(sa.update(table).where(table.c.tags == tags).values(subsectors=fine))


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.drop_column(table, column)
