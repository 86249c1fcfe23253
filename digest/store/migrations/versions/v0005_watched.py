"""What is watched over: how each source was asked last, and the troubles that the operator is told of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the two tables; nothing is known of sources and troubles yet."""
    op.create_table(
        "sources",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.String(), nullable=True),
        sa.Column("brought_at", sa.String(), nullable=True),
        sa.Column("failing_since", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=False),
    )
    op.create_table(
        "troubles",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("told_at", sa.String(), nullable=True),
        sa.Column("mended_at", sa.String(), nullable=True),
    )
