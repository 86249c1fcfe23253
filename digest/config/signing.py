"""The keys of ``[dkim]``: files in, a signer out; what cannot sign is told before anything is sent."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from digest import dkim
from digest.errors import ConfigError
from digest.settings import DkimKey, Settings, ascii_domain, split_sender

_PRIVATE = stat.S_IRWXG | stat.S_IRWXO
_LONGEST = 100_000  # octets; an RSA key of 4096 bits takes 3,300


def signer(settings: Settings, base: Path) -> dkim.Signer | None:
    """Return what signs messages, or None where no key is configured; ``base`` is the configuration's folder.

    Raises ConfigError, which names the key in the configuration and its file: one that is missing, that cannot be
    read, that others than its owner may read, or that is no key to sign with.
    """
    keys = [_key(place, own, base) for place, own in enumerate(settings.dkim.keys, 1)]
    return dkim.Signer(domain(settings), keys) if keys else None


def domain(settings: Settings) -> str:
    """Return the domain that signs, in ASCII: the one configured, else the sender's."""
    return settings.dkim.domain or ascii_domain(split_sender(settings.site.sender)[1].rpartition("@")[2])


def _key(place: int, own: DkimKey, base: Path) -> dkim.Key:
    path = base / own.key
    where = f"dkim.keys[{place}].key, {path}"
    try:
        return dkim.Key(own.selector, dkim.private_key(_private_bytes(path, where)))
    except OSError as error:
        mend = "digest dkim new makes one" if isinstance(error, FileNotFoundError) else "it belongs to who runs Digest"
        raise ConfigError(f"cannot be read: {error.strerror}", where=where, mend=mend) from error
    except ValueError as error:
        raise ConfigError(str(error), where=where, mend="digest dkim new makes one that fits") from error


def _private_bytes(path: Path, where: str) -> bytes:
    """Return what is in a file that nobody but its owner may read."""
    # Not to wait for a writer where the path is a pipe's.
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & _PRIVATE:
            raise ConfigError("others than its owner may read it", where=where, mend=f"chmod 600 {path}")
        return file.read(_LONGEST)
