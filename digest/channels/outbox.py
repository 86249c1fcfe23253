"""The outbox: each message becomes a file ``outbox/D/ADDRESS.eml`` (tests: ``outbox/test/…``), whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from digest.channels.base import Parcel, Settled, Stop, Turn, never
from digest.errors import StateError
from digest.models import Outcome
from digest.settings import Settings

# Separators, what NTFS and FAT forbid, our own escape, anything invisible; and a dot in front, which hides a file.
_UNSAFE = re.compile(r'[/\\<>:"|?*%\s\x00-\x1f\x7f-\x9f\ud800-\udfff]|^\.')
# NAME_MAX is 255 bytes on the usual file systems; "." and ".eml.part" are added.
_LONGEST = 240
# A name that this file system cannot have is one recipient's trouble; everything else is everyone's.
_GROUP = 8  # files claimed at once: each is synced to the disk, so that these take a fraction of a second
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

    def deliver(self, parcels: Iterable[Parcel], turn: Turn, stop: Stop = never) -> None:
        """Write the parcels in their order; see ``Channel.deliver``. A full or read-only disk is a StateError."""
        run = _Run(self.root, turn)
        queue = iter(parcels)
        try:
            while not stop() and run.group(queue):
                pass
        finally:
            run.finish()


class _Run:
    """The groups of one delivery, and what of them is still to be told."""

    def __init__(self, root: Path, turn: Turn) -> None:
        self.root = root
        self.turn = turn
        self.done: list[Settled] = []

    def group(self, queue: Iterator[Parcel]) -> bool:
        """Write drafts, claim, and rename what is claimed; return whether there was anything."""
        drafts: list[_Draft] = []
        try:
            for parcel in itertools.islice(queue, _GROUP):
                drafts.append(_Draft.of(self.root, parcel))  # noqa: PERF401  those before a refusal are kept
        except Exception:
            self._go_on(drafts)  # whatever a disk or a message refuses comes before the claim: these are whole
            raise
        self._go_on(drafts)
        return bool(drafts)

    def _go_on(self, drafts: Sequence[_Draft]) -> None:
        if not drafts:
            return
        may = set(self._turn([draft.parcel for draft in drafts]))
        for draft in drafts:
            if draft.parcel not in may:
                draft.path.unlink(missing_ok=True)
        self._rename([draft for draft in drafts if draft.parcel in may])

    def _turn(self, wanted: Sequence[Parcel]) -> Sequence[Parcel]:
        claimed = self.turn(self.done, wanted)
        self.done = []
        return claimed

    def _rename(self, drafts: Sequence[_Draft]) -> None:
        """Put the drafts where they belong; a disk that refuses one of them is asked for no other."""
        refusal: StateError | None = None
        renamed: list[_Draft] = []
        for draft in drafts:
            if refusal:
                self.done.append((draft.parcel, None))
            elif draft.trouble:
                self.done.append((draft.parcel, Outcome("failed", draft.trouble)))
            else:
                try:
                    draft.path.replace(draft.final)
                    renamed.append(draft)
                except OSError as error:
                    refusal = _refusal(error, draft.final.parent)
                    self.done.append((draft.parcel, Outcome("deferred", refusal.what)))
        self._sync(renamed)
        if refusal:
            raise refusal

    def _sync(self, renamed: Sequence[_Draft]) -> None:
        """Make the renames last, and only then call them sent."""
        try:
            for folder in {draft.final.parent for draft in renamed}:
                _sync_folder(folder)
        except OSError as error:
            refusal = _refusal(error, renamed[0].final.parent)
            self.done += [(draft.parcel, Outcome("deferred", refusal.what)) for draft in renamed]
            raise refusal from error
        self.done += [(draft.parcel, Outcome("sent", str(draft.final))) for draft in renamed]

    def finish(self) -> None:
        """Tell what is not told yet."""
        if self.done:
            self._turn([])


@dataclass(frozen=True, slots=True)
class _Draft:
    """A message beside its final name, which is always the same, so that a killed run leaves no litter."""

    parcel: Parcel
    path: Path
    final: Path
    trouble: str = ""  # why this parcel cannot be written, where that is its own fault

    @classmethod
    def of(cls, root: Path, parcel: Parcel) -> _Draft:
        folder = root / (parcel.aside or parcel.date.isoformat())
        final = folder / f"{file_name(parcel.to)}.eml"
        path = folder / f".{final.name}.part"
        try:
            _write(path, parcel.data)
        except OSError as error:
            if error.errno not in _UNNAMEABLE:
                raise _refusal(error, folder) from error
            return cls(parcel, path, final, f"cannot be named here: {error.strerror}")
        return cls(parcel, path, final)


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
