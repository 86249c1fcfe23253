"""What stands on a message and not in its edition: who gets it from whom, and the links that only its reader has."""

from __future__ import annotations

from datetime import UTC, datetime

from digest import tokens
from digest.models import Envelope
from digest.settings import Settings, split_sender
from digest.store.ledger import Delivery


def envelope_of(settings: Settings, secret: bytes, delivery: Delivery, title: str) -> Envelope:
    """Return the envelope of a delivery: who, when, and the links that only its reader has."""
    site = settings.site
    address = split_sender(site.sender)[1]
    base = site.base_url
    list_host = address.rpartition("@")[2]
    return Envelope(
        sender=site.sender,
        to=delivery.email,
        to_name="" if title == delivery.email else title,
        message_id=delivery.message_id,
        date=datetime.fromisoformat(delivery.message_date).astimezone(UTC),
        list_id=f"{site.title} <digest.{list_host}>",
        unsubscribe_url=f"{base}/unsubscribe/{unsubscribe_token(secret, delivery.recipient)}" if base else "",
        unsubscribe_mailto=f"mailto:{address}?subject=unsubscribe",
        browser_url=f"{base}/editions/{edition_token(secret, delivery.edition)}" if base else "",
    )


def unsubscribe_token(secret: bytes, recipient: int) -> str:
    """Return the token that lets a subscriber, and nobody else, leave."""
    return tokens.sign(secret, "unsubscribe", str(recipient))


def edition_token(secret: bytes, edition: int) -> str:
    """Return the token that shows one edition."""
    return tokens.sign(secret, "edition", str(edition))


def id_of(secret: bytes, purpose: str, token: str) -> int | None:
    """Return the id that a token of this purpose carries, or None for anything else."""
    subject = tokens.read(secret, purpose, token)
    return int(subject) if subject is not None else None
