"""The limits that the documents state are those of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import mime
from digest.archive.blob import MOST_BYTES
from digest.containers import base, mail, member

DOCUMENT = (Path(__file__).parents[2] / "docs" / "containers.md").read_text("utf-8")
LIMITS = {
    "out of one archive": f"{member.MOST_UNPACKED // 10**6} MB",
    "files in one archive, mails in one mailbox": f"{member.MOST_MEMBERS:,}",
    "a mail or web archive": f"{mail.MOST_MAIL // 2**20} MiB",
    "parts of a mail": f"{mime.MOST_PARTS:,}, ten deep",
    "texts in a mail, with attached ones and those of forwarded mails": f"{mail.MOST_TEXTS}",
    "an HTML page, or all in one mail": f"{base.MOST_MARKUP // 2**20} MiB",
    "a line": f"{base.MOST_LINE // 2**20} MiB",
    "any other dump": f"{MOST_BYTES // 2**30} GiB",
}


@pytest.mark.parametrize("what", LIMITS)
def test_a_limit_that_is_stated_is_the_real_one(what: str) -> None:
    assert f"| {what} | {LIMITS[what]} |" in DOCUMENT
