"""The outbox: each message becomes a file ``outbox/D/ADDRESS.eml`` (``outbox/test/…``: tests), whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from digest.channels.base import Claim, Parcel, Report
from digest.errors import StateError
from digest.models import Outcome
from digest.settings import Settings

# Separators, what NTFS and FAT forbid, our own escape, anything invisible; and a dot in front, which hides a file.
_UNSAFE = re.compile(r'[/\\<>:"|?*%\s\x00-\x1f\x7f-\x9f\ud800-\udfff]|^\.')
# NAME_MAX is 255 bytes on the usual file systems; "." and ".eml.part" are added.
_LONGEST = 240
# A name that this file system cannot have is one recipient's trouble; everything else is everyone's.
_UNNAMEABLE = {errno.ENAMETOOLONG, errno.EILSEQ}


def make(settings: Settings, state: Path) -> Outbox:  # noqa: ARG001  every channel is made alike
    """Return the outbox of a state folder."""
    return Outbox(state / "outbox")


def file_name(address: str) -> str:
    """Return the address as a file name without ending; what a file system needs is percent-encoded (UTF-8).

    A name that would be too long is cut, and ends in ``%~`` and a hash of the address. Addresses that differ only in
    case get names that do too, so on a file system that takes these for the same, the later file stands.
    """
    name = _UNSAFE.sub(lambda found: _percent(found[0]), address)
    if len(name.encode()) <= _LONGEST:
        return name
    tail = "%~" + hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return name.encode()[: _LONGEST - len(tail)].decode(errors="ignore") + tail


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


class Outbox:
    """Writes messages as files; the same delivery again replaces its file."""

    def __init__(self, root: Path) -> None:
        """Take the folder that the dated folders are made in."""
        self.root = root

    def deliver(self, parcels: Iterable[Parcel], claim: Claim, report: Report) -> None:
        """Write the parcels in their order; see ``Channel.deliver``. A full or read-only disk is a StateError."""
        for parcel in parcels:
            self._deliver(parcel, claim, report)

    def _deliver(self, parcel: Parcel, claim: Claim, report: Report) -> None:
        """Write beside the final name, claim, rename: whatever a disk may refuse comes before the claim."""
        folder = self.root / ("test" if parcel.test else parcel.date.isoformat())
        final = folder / f"{file_name(parcel.to)}.eml"
        draft = folder / f".{final.name}.part"  # always the same name, so that a killed run leaves no litter
        data = parcel.message()
        try:
            _write(draft, data)
        except OSError as error:
            if error.errno not in _UNNAMEABLE:
                raise _refusal(error, folder) from error
            if claim(parcel):
                report(parcel, Outcome("failed", f"cannot be named here: {error.strerror}"))
            return
        if not claim(parcel):
            draft.unlink(missing_ok=True)
            return
        try:
            draft.replace(final)
            _sync_folder(folder)
        except OSError as error:
            refusal = _refusal(error, folder)
            report(parcel, Outcome("deferred", refusal.what))
            raise refusal from error
        report(parcel, Outcome("sent", str(final)))


def _write(path: Path, data: bytes) -> None:
    """Write the bytes through to the disk, or leave no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, where folders can be opened (not on Windows)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refusal(error: OSError, folder: Path) -> StateError:
    reason = error.strerror or str(error)
    return StateError(f"cannot be written: {reason}", where=str(folder), mend="what is not there yet waits")
