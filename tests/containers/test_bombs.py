"""Files made to fill the memory, the disk or the day: each is refused in one line, quickly, in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bombs import BOMBS

from digest.cli import main

MOST_SECONDS, MOST_MEGABYTES = 5.0, 300  # on a quiet machine the slowest takes 1.9; without limits it would be minutes
# In a process of its own, since memory that was used once counts for good; processor time, since machines are shared.
MEASURED = """
import json, resource, subprocess, sys
program = [sys.executable, "-c", "from digest.cli import entry; entry()", *sys.argv[1:]]
done = subprocess.run(program, capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stdout, done.stderr, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
QUICK = [
    "zip of one file many times.zip",
    "tar with a quadratic header.tar",
    "billion laughs.xml",
    "parts in parts.eml",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_one_line_quickly_and_in_little_memory(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(BOMBS[name]())
    command = [sys.executable, "-c", MEASURED, "parse", name]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    status, out, err, seconds, megabytes = json.loads(said.stdout)
    assert (status, out) == (1, "")
    assert name.split(".")[0] in err or "a.txt" in err, err
    assert err.count("\n") == 1, err
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


@pytest.mark.parametrize("name", QUICK)
def test_a_small_bomb_is_refused_in_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(BOMBS[name]())
    assert main(["parse", str(tmp_path / name)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_no_file_is_read_by_an_entity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    (tmp_path / "feed.xml").write_bytes(BOMBS["external entity.xml"]().replace(b"/etc/passwd", str(secret).encode()))
    assert main(["parse", str(tmp_path / "feed.xml")]) == 1
    assert "the secret" not in "".join(capsys.readouterr())
