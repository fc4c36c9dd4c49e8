"""What Alembic runs; the transaction and its lock are those of `archive.migration`."""

from alembic import context

from loresmith.archive.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
