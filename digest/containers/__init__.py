"""Containers: what dumps come in. Bytes → documents, which layouts read; nothing here knows any site.

``opened`` is the way in. Each module reads one container: ``plain``, ``wrapped`` and ``markdown`` text, ``html``,
``mail`` (and web archives in its format). ``packed`` takes apart what holds several dumps, or one compressed.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.containers import plain
from digest.containers.base import SAVE_AS_TEXT, Source
from digest.containers.encoding import as_text
from digest.errors import DumpError
from digest.models import Document

__all__ = ["Source", "opened"]

# What people save that is no text, by its first bytes; the numbers are at http://www.garykessler.net/library/file_sigs.html
_OTHER_FORMATS = {
    b"%PDF-": "a PDF file",
    b"{\\rtf": "an RTF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3\x00": "a database",
    b"bplist": "a Safari web archive",
}


def opened(source: Source) -> Sequence[Document]:
    """Return what a dump says, as one document or, where it says the same in several forms, the best form first.

    Raises DumpError, with the reason and the mend, for what cannot be read.
    """
    with source.open() as file:
        head = file.read(4096)
    for opening, kind in _OTHER_FORMATS.items():
        if head.startswith(opening):
            raise DumpError(f"it is {kind}", mend=SAVE_AS_TEXT)
    return (plain.document(as_text(source)),)
