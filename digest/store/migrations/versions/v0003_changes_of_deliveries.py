"""Every change of a delivery is kept; hard failures of an address are counted; bounces are remembered.

Editions name what waits by paper and revision, where they had titles.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Kept by the store itself, so that no statement of whatever program can change a delivery unseen.
_PLANNED = """
CREATE TRIGGER delivery_planned AFTER INSERT ON deliveries BEGIN
  INSERT INTO delivery_changes (delivery_id, at, old, new, reply)
  VALUES (NEW.id, NEW.changed_at, '', NEW.state, NEW.reply);
END
"""
_CHANGED = """
CREATE TRIGGER delivery_changed AFTER UPDATE OF state ON deliveries BEGIN
  INSERT INTO delivery_changes (delivery_id, at, old, new, reply)
  VALUES (NEW.id, NEW.changed_at, OLD.state, NEW.state, NEW.reply);
END
"""


def upgrade() -> None:
    """Add the tables, their triggers and the count; what is there so far begins with the state that it has."""
    op.create_table(
        "delivery_changes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("delivery_id", sa.Integer(), sa.ForeignKey("deliveries.id"), nullable=False, index=True),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
    )
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sha256", sa.String(), nullable=False, unique=True),
        sa.Column("taken_at", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), sa.ForeignKey("deliveries.id")),
        sa.Column("recipient_id", sa.Integer(), sa.ForeignKey("recipients.id")),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
    )
    op.add_column("subscribers", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "INSERT INTO delivery_changes (delivery_id, at, old, new, reply)"
        " SELECT id, changed_at, '', state, reply FROM deliveries"
    )
    op.execute(_PLANNED)
    op.execute(_CHANGED)
    _name_what_waits()


def _name_what_waits() -> None:
    tx = op.get_bind()
    revisions = {row.id: row.revision for row in tx.exec_driver_sql("SELECT id, revision FROM papers")}
    for edition, text in tx.exec_driver_sql("SELECT id, head FROM editions").all():
        head = json.loads(text)
        if head.get("waiting"):
            head["waiting"] = [[paper, revisions[paper]] for paper, _ in head["waiting"]]
            told = json.dumps(head, separators=(",", ":"))
            tx.exec_driver_sql("UPDATE editions SET head = ? WHERE id = ?", (told, edition))
