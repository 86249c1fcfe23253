"""What people save that is no text: told by its first bytes, and refused with what to do instead."""

from __future__ import annotations

import re

from digest.containers.base import SAVE_AS_TEXT
from digest.containers.member import UNPACK_FIRST
from digest.containers.packed import is_packed
from digest.errors import DumpError

# The numbers are at http://www.garykessler.net/library/file_sigs.html
_FORMATS = {
    b"%PDF-": "a PDF file",
    b"{\\rtf": "an RTF file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office or Outlook file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3\x00": "a database",
    b"bplist": "a Safari web archive",
}
_ARCHIVES = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\xfd7zXZ\x00": "compressed by xz",
    b"BZh": "compressed by bzip2",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"\x04\x22\x4d\x18": "compressed by lz4",
    b"MSCF\x00\x00\x00\x00": "a cabinet archive",
}
# XML that begins by declaring entities (XML 1.0, section 2.8) makes much of little, or reads files; no feed needs them.
_DECLARING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,100}(?:<\?[^>]{0,500}>\s{0,100}|<!--[^>]{0,500}-->\s{0,100}){0,20}<!DOCTYPE[^>\[]{0,500}\["
)
_BLOCK_MAGICS = (b"1AY&SY", b"\x17rE8P\x90")  # after "BZh1" to "BZh9": a block, or none at all


def refuse(head: bytes) -> None:
    """Raise DumpError where a file's first bytes (some 512 of them) are those of something that is not read."""
    for opening, kind in _FORMATS.items():
        if head.startswith(opening):
            raise DumpError(f"it is {kind}", mend=SAVE_AS_TEXT)
    for opening, kind in _ARCHIVES.items():
        if head.startswith(opening) and (opening != b"BZh" or head[4:10] in _BLOCK_MAGICS):
            raise DumpError(f"it is {kind}", mend=UNPACK_FIRST)
    if _DECLARING.match(head):
        raise DumpError("it is XML with declarations of its own", mend="fetch the feed itself")
    if is_packed(head):
        raise DumpError("it is an archive in an archive", mend=UNPACK_FIRST)
