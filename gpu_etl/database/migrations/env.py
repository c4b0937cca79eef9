"""What Alembic runs: the revisions, on the connection that the caller hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),  # given when a revision is drafted only
    version_table=context.config.attributes["version_table"],
)
with context.begin_transaction():
    context.run_migrations()
