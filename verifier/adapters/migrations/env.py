"""Alembic's entry: runs on the connection that `service_kit.sql.Database.upgrade` hands in."""

from alembic import context

from verifier.adapters.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="verifier_version",
    transactional_ddl=False,
)
context.run_migrations()
