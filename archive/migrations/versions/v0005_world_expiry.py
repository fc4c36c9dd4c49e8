"""Worlds may expire. Those that are there do not."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("worlds", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_worlds_expires_at", "worlds", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_worlds_expires_at", table_name="worlds")
    op.drop_column("worlds", "expires_at")
