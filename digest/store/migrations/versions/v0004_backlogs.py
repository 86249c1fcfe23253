"""A recipient's backlog is one row; a view shows its papers one by one, as the table did that it replaces."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_GATHERED = """
INSERT INTO backlogs (recipient_id, papers)
SELECT recipient_id, json_group_object(since, json(ids)) FROM (
  SELECT recipient_id, since, json_group_array(paper_id) AS ids FROM (
    SELECT recipient_id, since, paper_id FROM backlog ORDER BY recipient_id, since, paper_id
  ) GROUP BY recipient_id, since
) GROUP BY recipient_id
"""
_ONE_BY_ONE = """
CREATE VIEW backlog AS
SELECT own.recipient_id, paper.value AS paper_id, day.key AS since
FROM backlogs AS own, json_each(own.papers) AS day, json_each(day.value) AS paper
"""


def upgrade() -> None:
    """Gather the rows that are there."""
    op.create_table(
        "backlogs",
        sa.Column("recipient_id", sa.Integer(), sa.ForeignKey("recipients.id"), primary_key=True),
        sa.Column("papers", sa.Text(), nullable=False),
    )
    op.execute(_GATHERED)
    op.drop_table("backlog")
    op.execute(_ONE_BY_ONE)
