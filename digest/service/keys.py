"""New keys for signing: made at random, written where only their owner may read them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from digest import dkim
from digest.errors import UsageError

Kind = Literal["rsa", "ed25519"]

_STRING = 255  # octets of one string of a TXT record (RFC 1035, section 3.3)


def make(path: Path, kind: Kind) -> dkim.PrivateKey:
    """Write a new private key (PKCS#8, PEM) to a file that is not there yet, and return it; raises UsageError."""
    key: dkim.PrivateKey
    # 2048 bits, which every verifier must take (RFC 8301, section 3.2) and every provider of DNS can hold.
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.PKCS8
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text)
    except FileExistsError as error:
        mend = "name another file: a key that is in use must not be lost"
        raise UsageError("is there already and is left as it is", where=str(path), mend=mend) from error
    except OSError as error:
        mend = "is its folder there, and may it be written?"
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path), mend=mend) from error
    return key


def zone_line(selector: str, domain: str, key: dkim.PrivateKey) -> str:
    """Return the line of a zone file that publishes a key; its text is parted into strings where it is long."""
    text = dkim.record(key)
    strings = (f'"{text[start : start + _STRING]}"' for start in range(0, len(text), _STRING))
    return f"{dkim.record_name(selector, domain)}.  IN TXT  ( {' '.join(strings)} )"
