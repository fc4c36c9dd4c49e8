"""Results of any job type may be saved beside worlds, which are what is there."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(64), nullable=False, server_default="world")
    op.add_column("worlds", kind)
    op.drop_index("ix_worlds_user_id_created_at_id", table_name="worlds")
    columns = ["user_id", "kind", "created_at", "id"]
    op.create_index("ix_worlds_user_id_kind_created_at_id", "worlds", columns)


def downgrade() -> None:
    op.drop_index("ix_worlds_user_id_kind_created_at_id", table_name="worlds")
    op.create_index("ix_worlds_user_id_created_at_id", "worlds", ["user_id", "created_at", "id"])
    op.drop_column("worlds", "kind")
