"""Files made to fill the memory, the disk or the day: small, or quickly made, each to be refused in one line."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

ZEROS = bytes(10 * 2**20)
MIB = 2**20


def _deflated(times: int) -> bytes:
    """Return ``times`` × 10 MiB of zeros as one deflate stream, made by compressing them once."""
    press = zlib.compressobj(9, wbits=-15)
    piece = press.compress(ZEROS) + press.flush(zlib.Z_FULL_FLUSH)
    return piece * times + b"\x03\x00"


def _zip(entries: list[tuple[bytes, bytes, int, int]], *, shared: bool = False, flags: int = 0) -> bytes:
    """Return a zip file of deflate streams: name, stream, declared size, declared checksum.

    ``shared``: all entries are the first one's bytes.
    """
    body, directory = b"", b""
    for name, stream, size, checksum in entries:
        about = struct.pack("<HHHHHIIIHH", 20, flags, 8, 0, 0x21, checksum, len(stream), size, len(name), 0)
        offset = 0 if shared else len(body)
        if not (shared and body):
            body += b"PK\x03\x04" + about + name + stream
        directory += b"PK\x01\x02\x14\x00" + about + struct.pack("<HHHII", 0, 0, 0, 0, offset) + name
    count = min(len(entries), 0xFFFF)
    return body + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)


def zip_honest() -> bytes:
    stream = _deflated(380)
    return _zip([(b"%d.txt" % number, stream, 380 * 10 * MIB, 0) for number in range(3)])


def zip_lying() -> bytes:
    return _zip([(b"a.txt", _deflated(1024), 1000, zlib.crc32(bytes(1000)))])


def zip_of_too_much() -> bytes:
    return _zip([(b"%d.txt" % number, _deflated(1), len(ZEROS), zlib.crc32(ZEROS)) for number in range(21)])


def zip_overlapping() -> bytes:
    entry = (_deflated(1), len(ZEROS), zlib.crc32(ZEROS))
    return _zip([(b"a.txt", *entry)] * 15, shared=True)


def zip_of_a_million() -> bytes:
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * 1_000_000
    return b"PK\3\4" + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 9, 9, len(directory), 4, 0)


def zip_of(*files: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 6, 14, 9, 30, 0)), data, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def zip_nested() -> bytes:
    inner = zip_of_too_much()
    for level in range(6):
        inner = zip_of(*((f"{level}-{number}.zip", inner) for number in range(4)))
    return inner


def gzip_long() -> bytes:
    return gzip.compress(ZEROS, mtime=0) * 1024


def gzip_one_piece() -> bytes:
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + _deflated(1024) + bytes(8)


def gzip_of_nothing_often() -> bytes:
    return gzip.compress(b"", mtime=0) * 500_000


def gzip_long_name() -> bytes:
    return b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + b"x" * 50 * MIB


def gzip_in_gzip() -> bytes:
    return gzip.compress(gzip.compress(gzip_long(), mtime=0), mtime=0)


def tar_of(*files: tuple[str, bytes] | tarfile.TarInfo, mode: str = "w") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        for file in files:
            entry = file if isinstance(file, tarfile.TarInfo) else tarfile.TarInfo(file[0])
            data = b"" if isinstance(file, tarfile.TarInfo) else file[1]
            if data:
                entry.size, entry.mtime = len(data), 1_781_429_400
            archive.addfile(entry, io.BytesIO(data))
    return held.getvalue()


def tar_entry(name: str, kind: bytes, target: str = "", size: int = 0) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.size = kind, target, size
    return entry


def tar_of_many() -> bytes:
    return tar_of(*((f"{number}.txt", b"A line.\n") for number in range(2000)))


def tar_of_folders() -> bytes:
    return tar_entry("x", tarfile.DIRTYPE).tobuf() * 100_000


def tar_of_headers() -> bytes:
    """Return a tar file of pax headers alone, one about the other."""
    return (tar_entry("x", tarfile.XHDTYPE, size=512).tobuf() + b"9 a=bcde\n".ljust(512, b"\0")) * 100_000


def tar_long_header() -> bytes:
    return gzip.compress(tar_entry("x", tarfile.XHDTYPE, size=8 * 2**30 - 512).tobuf() + ZEROS, mtime=0)


def tar_quadratic_header() -> bytes:
    return tar_entry("x", tarfile.XHDTYPE, size=MIB).tobuf() + b"2 " * (MIB // 2)


def tar_sparse() -> bytes:
    return tar_entry("a.txt", tarfile.GNUTYPE_SPARSE, size=8 * 2**30 - 1).tobuf()


def xml_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{entities}]>'
        "<rss version='2.0'><channel><title>&l11;</title><item><title>&l11;</title></item></channel></rss>"
    ).encode()


def xml_quadratic() -> bytes:
    return (
        f'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "{"x" * 100_000}">]>'
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>{"&a;" * 50_000}</title></entry></feed>'
    ).encode()


def xml_external() -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<rss version='2.0'><channel><title>&x;</title><item><title>&x;</title></item></channel></rss>"
    )


def xml_deep() -> bytes:
    return b"<rss version='2.0'><channel><item><title>" + b"<a>" * 1_000_000


def text_one_line() -> bytes:
    return b"word " * (20 * MIB)


def json_one_line() -> bytes:
    return b'[{"title": "' + b"word " * (20 * MIB) + b'"}]'


def html_one_line() -> bytes:
    return b"<!doctype html><html><body><p>" + b"word " * (20 * MIB) + b"</p></body></html>"


def blank_lines() -> bytes:
    return b"\n" * 10_000_000


def blank_lines_wide() -> bytes:
    return b"Goto\n" + b"  \t  \r\n" * 10_000_000 + b"\nCollaborating Authors\n"


def html_deep() -> bytes:
    return b"<html><body>" + b"<div>\n" * 1_000_000 + b"x"


def json_deep() -> bytes:
    return b'{"title": ' + b"[" * 5_000_000 + b"\n"


def mail_of(body: bytes, *, kind: str = "text/plain", more: str = "") -> bytes:
    """Return a mail about nothing with this body."""
    head = (
        "From: Ada Lovelace <ada@example.org>\r\nTo: Alan Turing <alan@example.org>\r\nSubject: A listing\r\n"
        f"Date: Sun, 14 Jun 2026 22:30:00 -0400\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n{more}\r\n"
    )
    return head.encode() + body


def mail_deep() -> bytes:
    """Return mails forwarded in mails, ten thousand deep."""
    return mail_of(b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + b"Ende\r\n", kind="message/rfc822")


def mail_deep_parts() -> bytes:
    opened = b"".join(
        b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (n, n + 1) for n in range(10_000)
    )
    return mail_of(opened, kind='multipart/mixed; boundary="b0"')


def mail_of_parts() -> bytes:
    return mail_of(b"--b\r\n\r\nx\r\n" * 100_000 + b"--b--\r\n", kind='multipart/mixed; boundary="b"')


def mail_of_headers() -> bytes:
    return mail_of(b"A listing.\r\n", more="X-Long: a word\r\n" * 100_000)


def mail_of_heads() -> bytes:
    part = b"--b\r\n" + b"a:\r\n" * 25_000 + b"\r\nx\r\n"
    return mail_of(part * 400, kind="multipart/mixed; boundary=b")


def mail_long() -> bytes:
    return mail_of(b"A line of a mail that is very long.\r\n" * 3 * MIB)


BOMBS: dict[str, Callable[[], bytes]] = {
    "zip that says how large it is.zip": zip_honest,
    "zip that lies.zip": zip_lying,
    "zip of 210 MB.zip": zip_of_too_much,
    "zip of one file many times.zip": zip_overlapping,
    "zip of a million.zip": zip_of_a_million,
    "zip of zips.zip": zip_nested,
    "gzip in pieces.gz": gzip_long,
    "gzip in one piece.gz": gzip_one_piece,
    "gzip of nothing, often.gz": gzip_of_nothing_often,
    "gzip with a long name.gz": gzip_long_name,
    "gzip in gzip.gz": gzip_in_gzip,
    "tar of 2,000.tar": tar_of_many,
    "tar of folders.tar": tar_of_folders,
    "tar of headers.tar": tar_of_headers,
    "tar with a long header.tar.gz": tar_long_header,
    "tar with a quadratic header.tar": tar_quadratic_header,
    "tar with a hole.tar": tar_sparse,
    "billion laughs.xml": xml_laughs,
    "quadratic entities.xml": xml_quadratic,
    "external entity.xml": xml_external,
    "deep.xml": xml_deep,
    "100 MB on one line.txt": text_one_line,
    "100 MB on one line.json": json_one_line,
    "100 MB on one line.html": html_one_line,
    "10 million blank lines.txt": blank_lines,
    "10 million lines of blanks.txt": blank_lines_wide,
    "deep.html": html_deep,
    "deep.json": json_deep,
    "mail in mail in mail.eml": mail_deep,
    "parts in parts.eml": mail_deep_parts,
    "mail of 100,000 parts.eml": mail_of_parts,
    "mail of 100,000 header lines.eml": mail_of_headers,
    "mail of 10 million header lines.eml": mail_of_heads,
    "mail of 100 MB.eml": mail_long,
}
"""By the name of a file that holds it: what makes its bytes."""
