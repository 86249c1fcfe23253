"""Reads one message that came back: which kind it is, and what it reports of whom.

Reports are read by their parts (RFC 3464, RFC 5965, RFC 6533), everything else by flufl.bounce. Work is bounded by the
limits below, whatever comes; what is beyond them is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from digest.bounces import complaints, delivery_status, machines, plain_words, references
from digest.bounces.fields import Fields, fields_of
from digest.bounces.mailbox import LONGEST
from digest.bounces.report import Action, Kind, Recipient, Report
from digest.errors import DigestError, DumpError
from digest.mime import Entities, Entity
from digest.text import counted, printable, shortened, single_spaced

_MOST_FIELDS = 256 * 1024  # bytes of a report, and of a returned head
_MOST_TEXTS = 5
_MOST_TEXT = 64 * 1024  # bytes of a text part
_NOTE = 200  # characters
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_COMPLAINTS = ("message/feedback-report",)
_RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_ACTIONS: Final[tuple[Action, ...]] = ("failed", "delayed", "delivered")  # the first that a recipient had


def read(data: bytes) -> Report:
    """Return what a message reports; raises DigestError for one with more parts, or deeper ones, than messages have."""
    entities = Entities(data[:LONGEST])
    try:
        parts = _Parts(entities)
    except DumpError as error:
        raise DigestError(error.what) from error
    report = parts.report()
    return replace(
        report,
        return_paths=references.addresses((parts.head, *parts.feedback, *parts.returned)),
        message_ids=references.message_ids(parts.returned, parts.texts, parts.head),
        note=shortened(single_spaced(printable(report.note)), _NOTE),
    )


@dataclass(slots=True)
class _Parts:
    """A message's parts that say something."""

    entities: Entities
    whole: Entity = field(init=False)
    head: Fields = field(init=False)
    texts: list[str] = field(default_factory=list)
    statuses: list[Fields] = field(default_factory=list)
    feedback: list[Fields] = field(default_factory=list)
    returned: list[Fields] = field(default_factory=list)
    more: int = 0  # recipients beyond the limit

    def __post_init__(self) -> None:
        data = self.entities.data
        self.whole = self.entities.entity(references.beginning(data), len(data))
        self.head = references.head_of(self.whole)
        self._gather(self.whole)

    def report(self) -> Report:
        """Return what the parts say, the surest first."""
        if self.feedback:
            return complaints.report(self.feedback[0], self.returned)
        if found := delivery_status.recipients(self.statuses):
            return _of(found, self._rest())
        if forwarded := complaints.forwarded(self.head, self.returned):
            return forwarded
        if found := plain_words.recipients(self.whole, self.head, self.texts):
            return _of(found, "")
        kind: Kind = "auto-reply" if machines.is_answer(self.head, self.whole.kind) else "other"
        return Report(kind, note=self.whole.told("Subject"))

    def _rest(self) -> str:
        return f"{counted(self.more, 'recipient')} more, not read" if self.more else ""

    def _gather(self, entity: Entity) -> None:
        kind = entity.kind
        if kind.startswith("multipart/"):
            inside = list(self.entities.parts(entity))
            for part in inside:
                self._gather(part)
            if not inside:
                self._add_text(entity)
        elif kind in _REPORTS:
            blocks = list(fields_of(self._content(entity, _MOST_FIELDS)))
            self.statuses += blocks[: delivery_status.MOST + 1 - len(self.statuses)]
            self.more += max(0, len(blocks) - 1 - delivery_status.MOST)
        elif kind in _COMPLAINTS:
            self.feedback += list(fields_of(self._content(entity, _MOST_FIELDS)))[:1]
        elif kind in _RETURNED:
            self.returned += self._head_in(entity)
        elif kind == "text/plain" and not entity.is_attached:
            self._add_text(entity)

    def _add_text(self, entity: Entity) -> None:
        if len(self.texts) < _MOST_TEXTS:
            self.texts.append(self._content(entity, _MOST_TEXT).decode("utf-8", "replace"))

    def _head_in(self, entity: Entity) -> Iterator[Fields]:
        content = self._content(entity, _MOST_FIELDS).lstrip(b"\r\n")
        yield from list(fields_of(content))[:1]

    def _content(self, entity: Entity, most: int) -> bytes:
        """Return the first bytes of a part, decoded; an encoded one is cut before that, and may be half as long."""
        cut = replace(entity, end=min(entity.end, entity.start + most))
        return self.entities.content(cut)


def _of(found: Iterable[Recipient], note: str) -> Report:
    """Return the report of some recipients, of the kind of the worst that became of one."""
    recipients = tuple(found)
    kind = next(action for action in _ACTIONS if any(one.action == action for one in recipients))
    worst = next(one for one in recipients if one.action == kind)
    told = " ".join(filter(None, (worst.address or worst.original, worst.status, worst.diagnostic)))
    return Report(kind, recipients, note="; ".join(filter(None, (told, note))))
