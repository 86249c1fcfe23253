"""What a message that came back reports: records without any look-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from digest.bounces.meaning import Meaning

Action: TypeAlias = Literal["failed", "delayed", "delivered"]
Kind: TypeAlias = Literal["failed", "delayed", "delivered", "complaint", "auto-reply", "other"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """What became of one recipient; addresses as they are told, ``status`` and texts empty where nothing is."""

    address: str
    original: str
    action: Action
    status: str
    meaning: Meaning
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Report:
    """A message that came back: its kind, what it says of whom, and what may tell which delivery it is about.

    ``return_paths`` are addresses that it was sent to or that the returned message came from, ``message_ids`` those of
    the returned message first, then what it answers. ``note`` is one line for people.
    """

    kind: Kind
    recipients: tuple[Recipient, ...] = ()
    return_paths: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    note: str = ""

    def about(self, address: str) -> Recipient | None:
        """Return what is said of an address; of another one only where all that is said means the same.

        Mail is forwarded, so a report may name an address that we never wrote to; one of many may be any of them.
        """
        own = [
            one for one in self.recipients if address.casefold() in (one.address.casefold(), one.original.casefold())
        ]
        found = own or list(self.recipients)
        return found[0] if len({(one.action, one.meaning) for one in found}) == 1 else None
