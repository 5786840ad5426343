"""Alembic's entry: runs the migrations on the connection that `data.database.migrate` hands over."""

from alembic import context

from data.dialects import after_migrating, before_migrating
from data.service_tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    before_migrating(connection)
    context.run_migrations()
    after_migrating(connection)
