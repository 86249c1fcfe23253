"""What tells the delivery that a message which came back is about: signed Message-IDs, and return paths of our own.

A Message-ID names its subscriber and its date, the key that the ledger finds a row by, and a code that only this store
can make. A return path (VERP) names the delivery itself, likewise signed. Neither can be forged or guessed; whoever has
one has had the message, and can say no more with it than that this one message came back.
"""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Connection

from digest import tokens
from digest.bounces import Report
from digest.settings import Settings, ascii_domain, split_sender
from digest.store import ledger
from digest.store.ledger import Delivery

_CODE = r"\.([a-z2-7]{26})"
_MESSAGE_ID = re.compile(rf"<(\d{{8}}\.(\d{{1,12}})){_CODE}@[^<>@\s]+>", re.IGNORECASE | re.ASCII)
_EXTENSION = re.compile(rf"\+(\d{{1,12}}){_CODE}", re.IGNORECASE | re.ASCII)


def message_id(secret: bytes, recipient: int, on: date, domain: str) -> str:
    """Return the Message-ID of a subscriber's message for a date, of this store and of no other."""
    subject = f"{on:%Y%m%d}.{recipient}"
    return f"<{subject}.{tokens.code(secret, 'message', subject)}@{domain}>"


def envelope_sender(settings: Settings, secret: bytes, delivery: int) -> str:
    """Return the envelope's sender of a delivery: a return path of its own where one is set, else the site's sender."""
    if not settings.delivery.return_path:
        return split_sender(settings.site.sender)[1]
    local, _, domain = settings.delivery.return_path.rpartition("@")
    return f"{local}+{delivery}.{tokens.code(secret, 'return', str(delivery))}@{domain}"


def delivery_of(tx: Connection, settings: Settings, secret: bytes, report: Report) -> Delivery | None:
    """Return the delivery that a report is about, or None where nothing in it is ours."""
    for address in report.return_paths:
        if found := _by_return_path(tx, settings, secret, address):
            return found
    for told in report.message_ids:
        if found := _by_message_id(tx, secret, told):
            return found
    return None


def _by_return_path(tx: Connection, settings: Settings, secret: bytes, address: str) -> Delivery | None:
    own, _, domain = settings.delivery.return_path.casefold().rpartition("@")
    local, _, told = address.casefold().rpartition("@")
    is_own = own and local.startswith(own) and _in_ascii(told) == domain
    found = _EXTENSION.fullmatch(local.removeprefix(own)) if is_own else None
    if not found or not tokens.is_code(secret, "return", found[1], found[2]):
        return None
    return next(iter(ledger.load(tx, [int(found[1])])), None)


def _in_ascii(domain: str) -> str:
    """Return the form that settings have of a domain: servers write international ones in either."""
    if domain.isascii():
        return domain
    try:
        return ascii_domain(domain)
    except ValueError:
        return ""


def _by_message_id(tx: Connection, secret: bytes, told: str) -> Delivery | None:
    found = _MESSAGE_ID.fullmatch(told)
    if not found or not tokens.is_code(secret, "message", found[1], found[3]):
        return None
    return ledger.find(tx, int(found[2]), date.fromisoformat(found[1][:8]))
