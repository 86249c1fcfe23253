"""The state folder's files of dumps: what waits in the inbox, its bytes, and keeping or setting them aside."""

from digest.archive.apart import Part, parts
from digest.archive.arriving import put_in
from digest.archive.aside import About, Aside, reason_in, write_note
from digest.archive.blob import Blob, blob_of, fetched, spooled
from digest.archive.files import safe_name, write_atomically, write_if_changed
from digest.archive.folders import Archive
from digest.archive.inbox import Waiting, day_at, expanded, name_of, stamp_of, take_out, waiting
from digest.archive.journal import End, Entry, Journal, Kept, Ran

__all__ = [
    "About",
    "Archive",
    "Aside",
    "Blob",
    "End",
    "Entry",
    "Journal",
    "Kept",
    "Part",
    "Ran",
    "Waiting",
    "blob_of",
    "day_at",
    "expanded",
    "fetched",
    "name_of",
    "parts",
    "put_in",
    "reason_in",
    "safe_name",
    "spooled",
    "stamp_of",
    "take_out",
    "waiting",
    "write_atomically",
    "write_if_changed",
    "write_note",
]
