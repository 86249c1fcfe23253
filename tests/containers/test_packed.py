"""Gzip, zip and tar: which files come out of them, for which date, and what is refused before any does."""

from __future__ import annotations

import contextlib
import gzip
import io
import tarfile
import zipfile
from datetime import UTC, date, datetime

import pytest
from bombs import mail_of, tar_entry, tar_of, zip_of
from hypothesis import given
from hypothesis import strategies as st

from digest.archive import blob_of, parts
from digest.containers import gunzip, packed
from digest.errors import DumpError

DAY = date(2026, 6, 15)
FILES = (("2026-06-13 a.txt", b"The first.\n"), ("more/b.txt", b"The second.\n"))


def unpacked(data: bytes, name: str = "x.zip") -> dict[str, bytes]:
    """Return what comes out of an archive, by name."""
    members = packed.members(blob_of(data, name), name)
    assert members is not None
    found = {}
    for member in members:
        pieces = []
        while piece := member.stream.read(7 if len(data) < 10**5 else 2**16):
            pieces.append(piece)
        found[member.name] = b"".join(pieces)
    return found


def _without_magic(archive: bytes) -> bytes:
    """Return a tar file with headers of the oldest form: nothing after the link's name, and checksums to match."""
    blocks = [archive[place : place + 512] for place in range(0, len(archive), 512)]
    for number, block in enumerate(blocks):
        if block[257:262] == b"ustar":
            bare = block[:148] + b" " * 8 + block[156:257] + bytes(255)
            blocks[number] = bare[:148] + b"%06o\0 " % sum(bare) + bare[156:]
    return b"".join(blocks)


ARCHIVES = {
    "zip": zip_of(*FILES),
    "tar": tar_of(*FILES),
    "tar.gz": tar_of(*FILES, mode="w:gz"),
    "pax": tar_of(*FILES, mode="w"),
    "gzip files in zip": zip_of(*((f"{name}.gz", gzip.compress(data)) for name, data in FILES)),
    "gzip files in tar.gz": tar_of(*((f"{name}.GZ", gzip.compress(data)) for name, data in FILES), mode="w:gz"),
    "with folders and hidden files": zip_of(
        ("more/", b""),
        *FILES,
        (".hidden", b"x"),
        ("more/.git/config", b"x"),
        ("__MACOSX/._a.txt", b"x"),
        ("Thumbs.db", b"x"),
    ),
    "tar with folders and hidden files": tar_of(
        tar_entry("./", tarfile.DIRTYPE), tar_entry("./more", tarfile.DIRTYPE), *FILES, ("./._b.txt", b"x")
    ),
    "packed on Windows": zip_of((FILES[0][0], FILES[0][1]), ("more\\b.txt", FILES[1][1])),
    "tar as it was in 1979": _without_magic(tar_of(*FILES)),
    "packed from here": tar_of(*((f"./{name}", data) for name, data in FILES)),
    "tar cut after its last file": tar_of(*FILES)[: 4 * 512],
}


@pytest.mark.parametrize("form", ARCHIVES)
def test_the_files_come_out_whatever_they_are_packed_in(form: str) -> None:
    assert unpacked(ARCHIVES[form]) == dict(FILES)


@pytest.mark.parametrize("style", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_in_tar_are_read(style: int) -> None:
    held = io.BytesIO()
    name = "folder/" * 30 + "ö.txt"
    with tarfile.open(fileobj=held, mode="w", format=style) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    assert unpacked(held.getvalue()) == {name: b"x"}


def test_gzip_is_one_dump_whatever_its_pieces() -> None:
    pieces = gzip.compress(b"One, ") + gzip.compress(b"") + bytes(30) + gzip.compress(b"two.") + bytes(2000)
    assert unpacked(pieces, "page.txt.gz") == {"page.txt": b"One, two."}


@pytest.mark.parametrize(
    ("name", "inside", "wanted"),
    [
        ("2026-06-14 page.html.gz", "other.html", "2026-06-14 page.html"),
        ("PAGE.HTML.GZ", "", "PAGE.HTML"),
        ("download", "2026-06-14 page.html", "2026-06-14 page.html"),
        ("download", "/tmp/2026-06-14 page.html", "2026-06-14 page.html"),
        ("download", "", "download"),
        ("download", "..", "download"),
        (".gz", "", ".gz"),
    ],
)
def test_what_is_in_a_gzip_file_is_named_by_its_name_else_by_its_header(name: str, inside: str, wanted: str) -> None:
    held = io.BytesIO()
    with gzip.GzipFile(inside, "wb", fileobj=held, mtime=0) as file:
        file.write(b"x")
    data = bytearray(held.getvalue())
    if inside.startswith("/"):  # the writer cuts folders off, others do not
        data = bytearray(data.replace(b"2026-06-14", b"/tmp/2026-06-14"))
    assert list(unpacked(bytes(data), name)) == [wanted]


def dates(data: bytes, name: str = "x.zip", *, dated: bool = False, zone: str = "UTC") -> list[tuple[str, date, bool]]:
    """Return what the dumps of an archive are called and for which date they are."""
    made = parts(blob_of(data, name), DAY, zone, dated=dated)
    return [(part.blob.name, part.date, part.dated) for part in made]


def test_a_member_is_for_the_date_in_its_name_else_its_folder_else_the_archives_else_of_its_age() -> None:
    files = (
        ("2026-06-01 a.txt", b"x"),
        ("2026-06-02/b.txt", b"x"),
        ("2026-06-02/2026-06-03.txt", b"x"),
        ("c.txt", b"x"),
    )
    named = [("2026-06-01 a.txt", date(2026, 6, 1), True), ("b.txt", date(2026, 6, 2), True)]
    named += [("2026-06-03.txt", date(2026, 6, 3), True)]
    for archive in (zip_of(*files), tar_of(*files)):
        assert dates(archive) == [*named, ("c.txt", date(2026, 6, 14), False)]
        assert dates(archive, dated=True) == [*named, ("c.txt", DAY, True)]


def test_ages_are_local_time_in_zip_and_moments_in_tar_and_gzip() -> None:
    moment = datetime(2026, 6, 14, 23, 30, tzinfo=UTC)
    gz = gzip.compress(b"x", mtime=int(moment.timestamp()))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a", moment.timetuple()[:6]), b"x")
    assert dates(gz, "a.gz", zone="Europe/Berlin") == [("a", date(2026, 6, 15), False)]
    assert dates(held.getvalue(), zone="Europe/Berlin") == [("a", date(2026, 6, 14), False)]


def test_an_age_that_is_not_told_is_the_files_own() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a"), b"x")
    assert dates(held.getvalue()) == [("a", DAY, False)]
    assert dates(gzip.compress(b"x", mtime=0), "a.gz") == [("a", DAY, False)]
    assert dates(tar_of(tar_entry("a", tarfile.REGTYPE))) == [("a", DAY, False)]


def edited(data: bytes, old: bytes, new: bytes, times: int = -1) -> bytes:
    assert old in data
    return data.replace(old, new, times)


def with_method(method: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr("a.txt", b"x" * 100)
    return held.getvalue()


def encrypted() -> bytes:
    data = bytearray(zip_of(("a.txt", b"x")))
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def linked() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        entry = zipfile.ZipInfo("a.txt")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, b"/etc/passwd")
    return held.getvalue()


ZIP, GZIP, TAR = zip_of(*FILES), gzip.compress(b"A line.\n" * 100), tar_of(*FILES)
REFUSED = {
    "an empty zip": (zip_of(), "there is no file in it"),
    "an empty tar": (tar_of(tar_entry("x", tarfile.DIRTYPE)), "there is no file in it"),
    "hidden files alone": (zip_of((".a", b"x")), "there is no file in it"),
    "zip: a name that climbs": (zip_of(("a/../../b.txt", b"x")), r"leads elsewhere: 'a/\.\./\.\./b.txt'"),
    "zip: a name from the root": (zip_of(("/etc/b.txt", b"x")), "leads elsewhere: '/etc/b.txt'"),
    "zip: a drive": (zip_of(("C:/b.txt", b"x")), "leads elsewhere: 'C:/b.txt'"),
    "zip: a name that climbs backwards": (zip_of(("..\\b.txt", b"x")), "leads elsewhere"),
    "zip: a name with a zero": (edited(zip_of(("aXb.txt", b"x")), b"aXb", b"a\0b"), "leads elsewhere|damaged"),
    "zip: one bad name of many": (zip_of(*FILES, ("../b.txt", b"x")), "leads elsewhere"),
    "zip: a link": (linked(), "'a.txt' in it is a link"),
    "zip: encrypted": (encrypted(), "encrypted .*without a password"),
    "zip: bzip2 inside": (with_method(zipfile.ZIP_BZIP2), "compressed in a way that is not read"),
    "zip: lzma inside": (with_method(zipfile.ZIP_LZMA), "compressed in a way that is not read"),
    "zip: cut": (ZIP[:-30], "the archive is damaged"),
    "zip: a wrong checksum": (
        edited(zip_of(("a", b"x")), b"\x83\x16\xdc\x8c", b"\x83\x16\xdc\x8d"),
        "the archive is damaged",
    ),
    "zip: its first bytes alone": (b"PK\3\4", "the archive is damaged"),
    "an Office file": (zip_of(("[Content_Types].xml", b"x"), ("word/document.xml", b"x")), "it is an Office file"),
    "an OpenDocument file": (zip_of(("mimetype", b"x"), ("content.xml", b"x")), "OpenDocument"),
    "zip in zip": (zip_of(("a.zip", ZIP)), "it holds nothing but archives"),
    "tar in zip": (zip_of(("a.tar", TAR), ("b.tgz", tar_of(*FILES, mode="w:gz"))), "nothing but archives|no text"),
    "gzip: cut": (GZIP[:-10], "the archive is damaged: it ends in the middle"),
    "gzip: a wrong checksum": (GZIP[:-8] + bytes(4) + GZIP[-4:], "the archive is damaged"),
    "gzip: something after it": (GZIP + b"more", "the archive is damaged"),
    "tar: a name that climbs": (tar_of(("../b.txt", b"x")), "leads elsewhere: '../b.txt'"),
    "tar: a name from the root": (tar_of(("/etc/b.txt", b"x")), "leads elsewhere"),
    "tar: a symbolic link": (tar_of(*FILES, tar_entry("a", tarfile.SYMTYPE, "/etc/passwd")), "'a' in it is a link"),
    "tar: a hard link": (tar_of(*FILES, tar_entry("a", tarfile.LNKTYPE, "more/b.txt")), "'a' in it is a link"),
    "tar: a device": (tar_of(tar_entry("a", tarfile.CHRTYPE)), "neither a file nor a folder"),
    "tar: a pipe": (tar_of(tar_entry("a", tarfile.FIFOTYPE)), "neither a file nor a folder"),
    "tar: cut in a file": (TAR[:520], "the archive is damaged: it ends in the middle"),
    "tar: cut in a header": (TAR[:1100], "the archive is damaged: it ends in the middle"),
    "tar: a wrong checksum": (TAR[:1024] + b"X" + TAR[1025:], "the archive is damaged"),
    "tar.gz: cut": (tar_of(*FILES, mode="w:gz")[:-12], "the archive is damaged: it ends in the middle"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_an_archive_with_a_fault_is_refused_whole_before_anything_comes_out(form: str) -> None:
    data, reason = REFUSED[form]
    came_out = []
    with pytest.raises(DumpError, match=reason) as caught:
        came_out.extend(parts(blob_of(data, "x"), DAY, "UTC", dated=True))
    assert not came_out
    assert "\n" not in str(caught.value)


def test_what_is_no_archive_is_none() -> None:
    for data in (b"", b"\x1f", b"PK", b"A line.\n", b"\x1f\x8b\x07\x00"):
        assert packed.members(blob_of(data, "x"), "x") is None


LINE = b"From ada@example.org Mon Jun 15 02:30:00 2026\n"


@pytest.mark.parametrize("size", [1, 400, 300_000], ids=["small", "of lines", "large"])
def test_a_mailbox_is_its_mails(size: int) -> None:
    body = (b"A line.\n" * size)[: size * 8] + b"From here on it is quoted.\n\nFrom nobody 2026\n\n"
    mails = [mail_of(b"%d " % number + body).replace(b"\r\n", b"\n") for number in range(3)]
    box = b"".join(LINE + mail + b"\n" for mail in mails)
    assert list(unpacked(box).values()) == [LINE + mail + b"\n" for mail in mails]
    assert packed.members(blob_of(LINE + mails[0], "x"), "x") is None
    assert packed.members(blob_of(b"From here\n\n" + box, "x"), "x") is None


def test_a_mailbox_of_too_many_mails_is_refused() -> None:
    box = (LINE + mail_of(b"A line.\n\n")) * 1001
    for data in (box, LINE + mail_of(b"A line.") + b"\nFrom " * 200_000):
        with pytest.raises(DumpError, match="more than 1,000 mails"):
            unpacked(data)


def test_an_archive_among_dumps_is_left_to_itself() -> None:
    assert list(unpacked(zip_of(*FILES, ("c.zip", ZIP)))) == [*dict(FILES), "c.zip"]


def test_as_many_files_and_bytes_as_are_allowed_come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(f"{number}.txt", b"x") for number in range(1000)]
    assert len(unpacked(zip_of(*many))) == 1000
    assert len(unpacked(tar_of(*many))) == 1000
    for archive in (zip_of(*many, ("y", b"x")), tar_of(*many, ("y", b"x"))):
        with pytest.raises(DumpError, match="more than 1,000 files"):
            unpacked(archive)


def test_a_gzip_header_tells_name_and_time() -> None:
    held = io.BytesIO()
    with gzip.GzipFile("a page.txt", "wb", fileobj=held, mtime=86400) as file:
        file.write(b"x")
    assert gunzip.said(held.getvalue()) == ("a page.txt", datetime(1970, 1, 2, tzinfo=UTC))
    assert gunzip.said(gunzip.MAGIC) == ("", None)


@given(st.sampled_from([ZIP, GZIP, TAR, ARCHIVES["tar.gz"]]), st.data())
def test_a_damaged_archive_is_read_or_refused(archive: bytes, data: st.DataObject) -> None:
    mutant = bytearray(archive)
    for place in data.draw(st.lists(st.integers(0, len(archive) - 1), min_size=1, max_size=5)):
        mutant[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DumpError):
        list(parts(blob_of(bytes(mutant), "x"), DAY, "UTC", dated=False))


def damaged(archive: bytes, inside: bytes) -> bytes:
    """Return an archive with one bit of what is stored in it turned over."""
    place = archive.index(inside)
    return archive[:place] + bytes([archive[place] ^ 1]) + archive[place + 1 :]


def stored(*files: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return held.getvalue()


LONG = b"A line of a file that is longer than a head. " * 100
WHOLE = (("a.txt", b"The first.\n"), ("b.txt", b"The second.\n"), ("c.txt", LONG), ("d.txt", b"The last.\n"))


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        pytest.param(b"The second.", "b.txt", id="short"),
        pytest.param(LONG[-40:], "c.txt", id="at its end"),
        pytest.param(b"b.txt", "b.txt", id="before it begins"),
    ],
)
def test_of_a_zip_with_a_damaged_file_the_others_come_out_and_the_file_is_named(inside: bytes, name: str) -> None:
    data = damaged(stored(*WHOLE), inside)
    found: dict[str, bytes] = {}
    with pytest.raises(DumpError, match=f"'{name}' in it cannot be read: .*the other files are read"):
        take_all(data, found)
    assert found == {other: data for other, data in WHOLE if other != name}


def take_all(data: bytes, found: dict[str, bytes]) -> None:
    for member in packed.members(blob_of(data, "x.zip"), "x.zip") or ():
        found[member.name] = b"".join(iter(lambda stream=member.stream: stream.read(2**16), b""))  # type: ignore[misc]


def test_a_zip_whose_files_are_all_damaged_is_refused_whole() -> None:
    with pytest.raises(DumpError, match="the archive is damaged"):
        packed.members(blob_of(damaged(stored(WHOLE[0]), b"The first."), "x.zip"), "x.zip")
