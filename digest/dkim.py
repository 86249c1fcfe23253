"""DKIM: a message and keys in, the message with its signatures in front out (RFC 6376, RFC 8301, RFC 8463).

Both canonical forms are *relaxed*. No file is read and no clock: keys and the time are handed in.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PrivateKey = rsa.RSAPrivateKey | Ed25519PrivateKey

# RFC 8301, section 3.2: verifiers take no RSA key below 1024 bits, need not take one above 4096, and signers should use
# 2048 at least.
FEWEST_BITS: Final = 2048
MOST_BITS: Final = 4096
# Sealed: named once more than they occur, so that one that is added breaks the signature (RFC 6376, section 8.15).
# They are what a reader is shown, and what makes another message of the same body.
_SEALED: Final = (
    *("from", "reply-to", "to", "cc", "subject", "date", "message-id"),
    *("mime-version", "content-type", "content-transfer-encoding"),
)
# Signed as often as they occur. Unsubscribing by one click needs both of its headers signed (RFC 8058, section 4); a
# mailing list in between adds its own, which is its right.
_SIGNED: Final = ("list-unsubscribe", "list-unsubscribe-post", "list-id", "auto-submitted")
_SPACES: Final = re.compile(rb"  +")  # begins with what re can look for quickly, as a set of characters is not
_WIDTH: Final = 72  # octets of a line of our header, well below RFC 5322's 998


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and the selector under which its public half stands in the DNS."""

    selector: str
    private: PrivateKey


class Signer:
    """Signs messages for one domain with one or more keys."""

    def __init__(self, domain: str, keys: Iterable[Key]) -> None:
        """Take the domain in ASCII (``d=``) and the keys, each of which makes a signature of its own."""
        self.domain = domain
        self.keys = tuple(keys)

    def signed(self, message: bytes, at: datetime) -> bytes:
        """Return the message (lines ended by CRLF) with a DKIM-Signature for each key in front, signed at that time."""
        return self.headers(message, at) + message

    def headers(self, message: bytes, at: datetime) -> bytes:
        """Return the DKIM-Signature headers of a message, each ended by CRLF; ``at`` is an aware moment."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = _fields(head + b"\r\n" if head else b"")
        names = _chosen([name for name, _ in fields])
        signed = b"".join(_taken(fields, names))
        body_hash = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        tags = f"t={int(at.timestamp())};\r\n h={_folded(':'.join(names), ':')};\r\n bh={body_hash};\r\n b="
        return b"".join(self._header(key, tags, signed) for key in self.keys)

    def _header(self, key: Key, tags: str, signed: bytes) -> bytes:
        kind = "rsa-sha256" if isinstance(key.private, rsa.RSAPrivateKey) else "ed25519-sha256"
        value = f"v=1; a={kind}; c=relaxed/relaxed;\r\n d={self.domain}; s={key.selector}; {tags}".encode()
        # Our own header comes last, its signature empty and no line end behind it (RFC 6376, section 3.7).
        signature = base64.b64encode(_signature(key.private, signed + b"dkim-signature:" + _relaxed(value))).decode()
        return b"DKIM-Signature: " + value + _folded(signature).encode() + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Return the canonical form of a body (RFC 6376, section 3.4.4), for lines ended by CRLF.

    Runs of white space become a space, those at the end of a line and blank lines at the end go.
    """
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    body = _SPACES.sub(b" ", body).replace(b" \r\n", b"\r\n")
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""


def _relaxed(value: bytes) -> bytes:
    """Return the canonical form of a header's value (RFC 6376, section 3.4.2)."""
    flat = value.replace(b"\r\n", b"").replace(b"\t", b" ")
    return b" ".join(filter(None, flat.split(b" ")))


def _fields(head: bytes) -> list[tuple[str, bytes]]:
    """Return (name in lower case, canonical line with CRLF) of each header, in order."""
    found: list[tuple[str, bytes]] = []
    lines = head.split(b"\r\n")[:-1]
    for start, line in enumerate(lines):
        if line[:1] in (b"", b" ", b"\t"):
            continue
        end = start + 1
        while end < len(lines) and lines[end][:1] in (b" ", b"\t"):
            end += 1
        name, _, value = b"\r\n".join(lines[start:end]).partition(b":")
        key = name.strip(b" \t").lower()
        found.append((key.decode("latin-1"), key + b":" + _relaxed(value) + b"\r\n"))
    return found


def _chosen(present: Sequence[str]) -> list[str]:
    """Return the names for ``h=``, each as often as it is to be signed."""
    names = [name for name in _SEALED for _ in range(present.count(name) + 1)]
    return names + [name for name in _SIGNED for _ in range(present.count(name))]


def _taken(fields: Sequence[tuple[str, bytes]], names: Sequence[str]) -> Iterable[bytes]:
    """Yield the lines to sign: of headers that occur again, the last first (RFC 6376, section 5.4.2)."""
    left: dict[str, list[bytes]] = {}
    for name, line in fields:
        left.setdefault(name, []).append(line)
    for name in names:
        if lines := left.get(name):
            yield lines.pop()


def _folded(text: str, behind: str = "") -> str:
    """Return text parted into lines by CRLF and a space: anywhere, or only behind a character."""
    if not behind:
        return "".join(f"\r\n {text[start : start + _WIDTH]}" for start in range(0, len(text), _WIDTH))
    lines = [""]
    for word in text.split(behind):
        if len(lines[-1]) + len(word) > _WIDTH:
            lines.append("")
        lines[-1] += word + behind
    return "\r\n ".join(lines).removesuffix(behind)


def _signature(key: PrivateKey, signed: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(hashlib.sha256(signed).digest())  # RFC 8463, section 3: of the hash


# --- Keys ----------------------------------------------------------------------------------------


def private_key(pem: bytes) -> PrivateKey:
    """Return the key of a PEM text (PKCS#8, or RSA's traditional form); raises ValueError, which shows none of it."""
    if b"ENCRYPTED" in pem:
        raise ValueError("has a password, and there is nobody to ask for it")
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        what = "holds a public key" if b"PUBLIC KEY-----" in pem else "holds no private key in PEM form"
        raise ValueError(what) from None
    if isinstance(key, rsa.RSAPrivateKey):
        if not FEWEST_BITS <= key.key_size <= MOST_BITS:
            raise ValueError(f"has {key.key_size} bits, where {FEWEST_BITS} to {MOST_BITS} are of use")
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ValueError("is neither an RSA nor an Ed25519 key")


def public_value(key: PrivateKey) -> str:
    """Return the public half as ``p=`` of a DNS record holds it (RFC 6376, section 3.6.1; RFC 8463, section 4)."""
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def record(key: PrivateKey) -> str:
    """Return the text of the TXT record that stands at ``SELECTOR._domainkey.DOMAIN``."""
    kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ed25519"
    return f"v=DKIM1; k={kind}; p={public_value(key)}"


def record_name(selector: str, domain: str) -> str:
    """Return where the record of a key stands in the DNS."""
    return f"{selector}._domainkey.{domain}"
