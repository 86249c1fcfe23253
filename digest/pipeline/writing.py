"""Writes the messages of planned deliveries, batch by batch; only reads the store, so that many processes may at once.

Cost: a message takes its frame and what nobody before it was shown; papers and fragments are shared within a process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.errors import DigestError, TemplateError
from digest.models import Edition
from digest.pipeline import returning
from digest.pipeline.collecting import rarely_collecting
from digest.pipeline.context import Context
from digest.pipeline.envelopes import envelope_of
from digest.pipeline.signing import signs
from digest.render import Renderer
from digest.store import editions as edition_store
from digest.store import ledger
from digest.store.ledger import Delivery


@dataclass(frozen=True, slots=True)
class Task:
    """What writing needs besides the deliveries; both can be pickled."""

    context: Context
    renderer: Renderer


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery with its message, ready for the wire and signed; or with the ``trouble`` for which there is none.

    ``sender`` is the envelope's, a bare address.
    """

    delivery: Delivery
    sender: str = ""
    data: bytes = b""
    trouble: str = ""


def written(task: Task, batches: Sequence[Sequence[int]]) -> Iterator[list[Message]]:
    """Write the messages of batches of deliveries (ids), each batch as the store has it when its turn comes.

    Raises TemplateError where the site's templates cannot be rendered, and ConfigError for a key that cannot sign; what
    is wrong with one message is told in its place.
    """
    writer = Writer(task)
    with rarely_collecting():
        for batch in batches:
            yield writer.batch(batch)


class Writer:
    """One process's hand: what the messages that it writes share."""

    def __init__(self, task: Task) -> None:
        """Read the secret and the key."""
        self._context, self._renderer = task.context, task.renderer
        self._secret = task.context.store.secret()
        self._signed = signs(task.context)
        self._shared = edition_store.Shared()

    def batch(self, ids: Sequence[int]) -> list[Message]:
        """Write the messages of these deliveries, by date and id."""
        with self._context.store.reading() as tx:
            deliveries = ledger.load(tx, ids)
            wanted = [delivery.edition for delivery in deliveries]
            editions = edition_store.load_many(tx, wanted, self._shared, waiting=False)
        loaded = {edition.id: edition for edition in editions}
        return [self._message(delivery, loaded[delivery.edition]) for delivery in deliveries]

    def _message(self, delivery: Delivery, edition: Edition) -> Message:
        settings = self._context.settings
        try:
            envelope = envelope_of(settings, self._secret, delivery, edition.title)
            data = self._signed(self._renderer.message(edition, envelope), envelope.date)
        except TemplateError:
            raise
        except DigestError as error:
            return Message(delivery, trouble=str(error))
        return Message(delivery, returning.envelope_sender(settings, self._secret, delivery.id), data)
