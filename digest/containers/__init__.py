"""Containers: what dumps come in. Bytes → documents, which layouts read; nothing here knows any site.

``opened`` is the way in. Each module reads one container: ``plain``, ``wrapped`` and ``markdown`` text, ``html``,
``mail`` (and web archives in its format). ``packed`` takes apart what holds several dumps, or one compressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digest.containers import foreign, html, mail, mailbox, plain
from digest.containers.base import MOST_MARKUP, SAVE_AS_TEXT, Source
from digest.containers.encoding import Text, as_text
from digest.containers.member import UNPACK_FIRST
from digest.errors import DumpError
from digest.models import Document

__all__ = ["Source", "opened"]


def opened(source: Source) -> Sequence[Document]:
    """Return what a dump says, as one document or, where it says the same in several forms, the best form first.

    Raises DumpError, with the reason and the mend, for what cannot be read.
    """
    with source.open() as file:
        head = file.read(mail.SNIFFED)
    foreign.refuse(head)
    if mailbox.places(source, head):
        raise DumpError("it is a mailbox in an archive", mend=UNPACK_FIRST)
    if mail.is_mail(head):
        return _of_mail(source)
    return (_of_text(as_text(source)),)


def _of_text(text: Text) -> Document:
    """Return a text as the document that it is."""
    return html.document(text) or plain.document(text)


def _of_mail(source: Source) -> Sequence[Document]:
    """Return the texts of a mail as documents; one that cannot be read does not keep the others from it."""
    found: list[Document] = []
    faults: list[DumpError] = []
    left = MOST_MARKUP
    for part in mail.parts(source):
        try:
            document = _of_part(part)
        except DumpError as error:
            faults.append(error)
            continue
        found.append(document)
        left -= part.text.source.size if document.markup else 0
        if left < 0:
            what = f"the pages in it are longer than {MOST_MARKUP // 2**20} MiB in all"
            raise DumpError(what, mend="save what is attached, and bring that")
    if not found:
        raise faults[0]
    return found


def _of_part(part: mail.Part) -> Document:
    """Return a text in a mail as a document, with what the mail says of it."""
    if part.kind != "html":
        document = _of_text(part.text)
    elif part.text.source.size <= MOST_MARKUP:
        document = html.document_of(part.text.whole(), address=part.address)
    else:
        raise DumpError(f"the page in it is longer than {MOST_MARKUP // 2**20} MiB", mend=SAVE_AS_TEXT)
    return replace(
        document,
        container=f"{part.container}, {document.container}",
        address=part.address or document.address,
        title=part.title or document.title,
        date=part.date,
        encoding=part.encoding,
    )
