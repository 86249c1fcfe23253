"""A dump as a sample for a bug report: found, unpacked, decoded, anonymised, and encoded as it was."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from digest import anonymise, archive, containers, layouts
from digest.containers.encoding import as_text
from digest.containers.mail import SNIFFED, is_mail
from digest.errors import DumpError, UsageError
from digest.layouts.names import FAMILY_NAMES, GIVEN_NAMES, SYLLABIC

MOST = 16 * 2**20
"""Bytes of a dump that a sample is made of; nobody reads a longer one."""


class Sample(NamedTuple):
    """A sample's bytes, and the name of the dump in the file that it is of."""

    name: str
    data: bytes


def anonymised(path: Path, seed: int | bytes) -> Sample:
    """Return a sample of a dump; of several in one file, of the first that no layout reads, else of the first.

    ``seed`` must be a secret where the sample is to be published. Raises UsageError for a file that is not there,
    DumpError for one that holds no text.
    """
    blob = archive.fetched(path) if path.is_file() else None
    if blob is None:
        raise UsageError("no such file", where=str(path))
    found: archive.Blob | None = None
    for part in archive.parts(blob, datetime.now(UTC).date(), "UTC", dated=True):
        if found is None or not _is_read(part.blob):
            found = part.blob
            if not _is_read(found):
                break
    if found is None:
        raise DumpError("there is nothing in it", where=blob.name)
    return Sample(found.name, _sample(found, seed))


def _is_read(blob: archive.Blob) -> bool:
    try:
        layouts.recognise(containers.opened(blob))
    except DumpError:
        return False
    return True


def _sample(blob: archive.Blob, seed: int | bytes) -> bytes:
    if blob.size > MOST:
        what = f"longer than {MOST // 2**20} MiB"
        raise DumpError(what, where=blob.name, mend="cut out the part that matters")
    words = anonymise.Words(seed, kind, GIVEN_NAMES | FAMILY_NAMES)
    with blob.open() as file:
        data = file.read()
    if is_mail(data[:SNIFFED]):
        return anonymise.sample_of_mail(data, words, anonymise.sample_of)
    encoding = as_text(blob).encoding
    made = anonymise.sample_of(data.decode(encoding, "replace"), words)
    return made.encode(encoding, "replace")


def kind(word: str) -> Hashable:
    """Return what layouts tell names from other words by: words stand for words of the same kind only."""
    return word in GIVEN_NAMES, word in FAMILY_NAMES, SYLLABIC.fullmatch(word) is not None
