"""Worlds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "worlds",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(256), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_worlds"),
    )
    op.create_index("ix_worlds_user_id_created_at_id", "worlds", ["user_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_worlds_user_id_created_at_id", table_name="worlds")
    op.drop_table("worlds")
