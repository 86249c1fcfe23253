"""The state folder's files of dumps: what waits in the inbox, its bytes, and keeping or setting them aside."""

from digest.archive.aside import About, Aside, reason_in, write_note
from digest.archive.blob import Blob, Part, blob_of, fetched, parts, spooled
from digest.archive.files import safe_name, write_atomically, write_if_changed
from digest.archive.folders import Archive
from digest.archive.inbox import Waiting, expanded, take_out, waiting
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
    "expanded",
    "fetched",
    "parts",
    "reason_in",
    "safe_name",
    "spooled",
    "take_out",
    "waiting",
    "write_atomically",
    "write_if_changed",
    "write_note",
]
