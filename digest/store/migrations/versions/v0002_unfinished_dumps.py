"""Dumps that are taken in by several transactions: how far each has come."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the position of unfinished dumps; all there are so far are finished."""
    op.add_column("dumps", sa.Column("position", sa.Integer(), nullable=True))
