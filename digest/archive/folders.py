"""The folders of dumps under a state folder: what waits, what is kept, what was set aside."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

from digest.archive.aside import SUFFIX, About, Aside, note_of, read_note, write_note
from digest.archive.blob import Blob
from digest.archive.files import copy_atomically, naming, safe_name
from digest.archive.journal import Journal


class Archive:
    """The folders of dumps under a state folder: ``inbox/``, ``dumps/``, ``rejected/``."""

    def __init__(self, state: Path) -> None:
        """Make the folders where they are missing; raises StateError where that cannot be."""
        self.inbox, self.dumps, self.rejected = state / "inbox", state / "dumps", state / "rejected"
        self.journal = Journal(state / "dumps.jsonl")
        for folder in (self.inbox, self.dumps, self.rejected):
            with naming(folder):
                folder.mkdir(parents=True, exist_ok=True)

    def kept_path(self, sha256: str, on: date, name: str) -> Path:
        """Return where a dump's bytes are kept under ``dumps/``: by date and fingerprint."""
        return self.dumps / on.isoformat() / f"{sha256[:16]} {safe_name(name)}"

    def keep(self, blob: Blob, on: date, name: str) -> Path:
        """Keep a dump's bytes; raises StateError where that cannot be."""
        path = self.kept_path(blob.sha256, on, name)
        if not path.exists():
            with blob.open() as source:
                copy_atomically(path, source)
        return path

    def rejected_path(self, blob: Blob) -> Path:
        """Return where a dump is set aside."""
        return self.rejected / f"{blob.sha256[:16]} {safe_name(blob.name)}"

    def reject(self, blob: Blob, reason: str, about: About) -> Path:
        """Set a dump aside under ``rejected/``, with its reason and what is known of it beside it."""
        path = self.rejected_path(blob)
        with blob.open() as source:
            copy_atomically(path, source)
        write_note(path, reason, about)
        return path

    def set_aside(self, path: Path, reason: str, about: About) -> None:
        """Move a file that cannot even be read out of the inbox, if it lets us, with the reason beside it."""
        target = self.rejected / safe_name(path.name)
        if target.exists():
            target = target.with_name(f"{len(list(self.rejected.iterdir()))} {target.name}")
        with contextlib.suppress(OSError):
            path.replace(target)
        write_note(target, reason, about)

    def asides(self, zone: str) -> list[Aside]:
        """Return the dumps that were set aside, by date and name; raises StateError where a note cannot be read."""
        found = [read_note(note, zone) for note in self.rejected.glob(f"*{SUFFIX}") if note.is_file()]
        return sorted(found, key=lambda aside: (aside.about.date, aside.path.name))

    def aside_of(self, path: Path, zone: str) -> Aside | None:
        """Return what is known of a file under ``rejected/``, None for others."""
        note = note_of(path)
        return read_note(note, zone) if self._is_rejected(path) and note.is_file() else None

    def is_note(self, path: Path) -> bool:
        """Tell whether a file is what we wrote beside a rejected one."""
        return path.name.endswith(SUFFIX) and self._is_rejected(path)

    def _is_rejected(self, path: Path) -> bool:
        return path.resolve().parent == self.rejected.resolve()

    def forget_rejected(self, blob: Blob) -> None:
        """Take bytes that are known by now out of ``rejected/``; raises StateError where that cannot be."""
        path = self.rejected_path(blob)
        if path.exists():
            self._remove(path)

    def settle(self, aside: Aside) -> None:
        """Take a dump out of ``rejected/``, with its reason; raises StateError where that cannot be."""
        self._remove(aside.path)

    def _remove(self, path: Path) -> None:
        with naming(path):
            path.unlink(missing_ok=True)
            note_of(path).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what a killed run left of its temporary files; only under the state folder's lock."""
        for path in self.dumps.glob(".taking-*.part"):
            path.unlink(missing_ok=True)
