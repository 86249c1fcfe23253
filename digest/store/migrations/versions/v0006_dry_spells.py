"""Since when nothing matched for a recipient, and whether they were told; counted from the next edition on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the two columns; a spell that lasts already is not known, so that nobody is written to by upgrading."""
    op.add_column("recipients", sa.Column("dry_since", sa.Date(), nullable=True))
    op.add_column("recipients", sa.Column("dry_told", sa.Boolean(), nullable=False, server_default="0"))
