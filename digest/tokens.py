"""What we sign: tokens of links, and codes of addresses and Message-IDs, for one purpose and one subject only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

# RFC 2104, section 5: a truncated HMAC keeps at least half of the hash; 128 bits of SHA-256.
_MAC_BYTES = 16
# Longer than any subject of ours (a number, an address of at most 254 octets); a bound on work for strangers.
_LONGEST = 1024
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")


def sign(secret: bytes, purpose: str, subject: str) -> str:
    """Return a token for ``subject`` that only ``read`` with the same secret and purpose accepts.

    It is the unpadded base64url (RFC 4648, section 5) of the first 128 bits of an HMAC-SHA256 and the subject in
    UTF-8: signed, not secret. The same arguments give the same token. Raises ValueError where the secret is empty or
    the subject is too long or no Unicode text.
    """
    if not secret:
        raise ValueError("a token needs a secret")
    data = subject.encode()
    token = base64.urlsafe_b64encode(_mac(secret, purpose, data) + data).rstrip(b"=").decode("ascii")
    if len(token) > _LONGEST:
        raise ValueError("too long for the subject of a token")
    return token


def read(secret: bytes, purpose: str, token: str) -> str | None:
    """Return the subject of a token made by ``sign`` with this secret and purpose, or None for any other text.

    The comparison takes the same time wherever the difference is, and accepts one spelling only. Raises ValueError
    where the secret is empty, and nothing else.
    """
    if len(token) > _LONGEST or not _ALPHABET.fullmatch(token):
        return None
    try:
        subject = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[_MAC_BYTES:].decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    # Comparing whole tokens also refuses base64 that differs only in its unused last bits.
    return subject if hmac.compare_digest(sign(secret, purpose, subject), token) else None


def code(secret: bytes, purpose: str, subject: str) -> str:
    """Return 26 characters that only who has the secret can make for this purpose and subject.

    They are the unpadded base32 (RFC 4648, section 6) of the same 128 bits, in small letters: some mail servers change
    the case of addresses. Raises ValueError where the secret is empty.
    """
    if not secret:
        raise ValueError("a code needs a secret")
    return base64.b32encode(_mac(secret, purpose, subject.encode())).rstrip(b"=").decode("ascii").lower()


def is_code(secret: bytes, purpose: str, subject: str, told: str) -> bool:
    """Say whether a code is ours, whatever its case; it takes the same time wherever the difference is."""
    return hmac.compare_digest(code(secret, purpose, subject).encode(), told.lower().encode("utf-8", "replace"))


def _mac(secret: bytes, purpose: str, data: bytes) -> bytes:
    """Return the code for ``data`` under a key of the purpose's own, so that no purpose and data run together."""
    key = hmac.digest(secret, purpose.encode(), hashlib.sha256)
    return hmac.digest(key, data, hashlib.sha256)[:_MAC_BYTES]
