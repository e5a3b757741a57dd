"""Alembic's entry: the service hands over the connection that it upgrades through."""

from alembic import context

from issuer.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
