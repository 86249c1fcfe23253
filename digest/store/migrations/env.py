"""Alembic's entry: runs the migrations on the connection that ``migrate.py`` hands in."""

from alembic import context

from digest.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
