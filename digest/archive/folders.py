"""The folders of dumps under a state folder: what waits, what is kept, what was set aside."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

from digest.archive.blob import Blob
from digest.archive.files import copy_atomically, naming, safe_name, write_atomically
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

    def reject(self, blob: Blob, reason: str) -> Path:
        """Set a dump aside under ``rejected/`` with its reason beside it."""
        path = self.rejected / f"{blob.sha256[:16]} {safe_name(blob.name)}"
        with blob.open() as source:
            copy_atomically(path, source)
        write_atomically(path.with_name(f"{path.name}.reason.txt"), f"{reason}\n".encode())
        return path

    def set_aside(self, path: Path, reason: str) -> None:
        """Move a file that cannot even be read out of the inbox, if it lets us, with the reason beside it."""
        target = self.rejected / safe_name(path.name)
        if target.exists():
            target = target.with_name(f"{len(list(self.rejected.iterdir()))} {target.name}")
        with contextlib.suppress(OSError):
            path.replace(target)
        write_atomically(target.with_name(f"{target.name}.reason.txt"), f"{reason}\n".encode())

    def sweep(self) -> None:
        """Remove what a killed run left of its temporary files; only under the state folder's lock."""
        for path in self.dumps.glob(".taking-*.part"):
            path.unlink(missing_ok=True)
