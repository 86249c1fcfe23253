"""Whether a subscriber gets mail, and how often the address of their private feed was changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the two columns; everybody gets mail as before, and has the first address of their feed."""
    op.add_column("subscribers", sa.Column("mail", sa.Boolean(), nullable=False, server_default="1"))
    op.add_column("subscribers", sa.Column("feed_turn", sa.Integer(), nullable=False, server_default="0"))
