"""[[sources]]: what is taken, and that each mistake is told with its key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger
from asked_sources import cases
from hypothesis import given
from hypothesis import strategies as st

from digest import config
from digest.config import cron
from digest.errors import ConfigError
from digest.settings import octets

FOLDER = 'name = "a"\nkind = "folder"\npath = "in"\n'
URL = 'name = "a"\nkind = "url"\nurl = "https://example.org/feed"\n'
COMMAND = 'name = "a"\nkind = "command"\ncommand = ["true"]\n'


def write(folder: Path, *blocks: str) -> Path:
    path = folder / "config.toml"
    path.write_text("".join(f"[[sources]]\n{block}\n" for block in blocks), "utf-8")
    return path


def refused(folder: Path, *blocks: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(write(folder, *blocks), {})
    return str(caught.value).replace(str(folder), "").lstrip("/")


def test_a_source_of_each_kind_is_taken_with_its_defaults(tmp_path: Path):
    blocks = (FOLDER, URL.replace('"a"', '"b"'), COMMAND.replace('"a"', '"c"'))
    found = config.load(write(tmp_path, *blocks), {}).sources
    assert [(source.name, source.kind, source.every, source.jitter) for source in found] == [
        ("a", "folder", "30 min", "30 s"),
        ("b", "url", "30 min", "30 s"),
        ("c", "command", "30 min", "30 s"),
    ]
    assert found[1].max_size == "20 MB"
    assert found[2].command == ("true",)


@cases(
    "block, said",
    {
        "no name": ('kind = "folder"\npath = "in"\n', "line 1, sources[1].name: is missing"),
        "no kind": ('name = "a"\npath = "in"\n', "line 1, sources[1].kind: is missing"),
        "another kind": (
            'name = "a"\nkind = "ftp"\n',
            'line 3, sources[1].kind: should be "folder", "url" or "command"',
        ),
        "a name of the house": (
            FOLDER.replace('"a"', '"inbox"'),
            "line 2, sources[1].name: no source can be called inbox: dumps that none brought say so",
        ),
        "a name that is no slug": (
            FOLDER.replace('"a"', '"A b"'),
            "line 2, sources[1].name: should be small letters, digits and hyphens, at most 64",
        ),
        "an unknown key": (FOLDER + 'pfad = "x"\n', "line 5, sources[1].pfad: unknown key"),
        "a misspelt key": (URL + "retrys = 1\n", "line 5, sources[1].retrys: unknown key (did you mean retries?)"),
        "a key of another kind": (
            FOLDER + 'timeout = "5 s"\n',
            'line 5, sources[1].timeout: is no key of kind "folder" (it has path)',
        ),
        "an address of a command": (
            COMMAND + 'url = "https://example.org/"\n',
            'line 5, sources[1].url: is no key of kind "command" (it has command, timeout, max_size)',
        ),
        "no path": (
            'name = "a"\nkind = "folder"\n',
            'line 1, sources[1].path: is missing, which a source of kind "folder" needs',
        ),
        "an empty command": (
            'name = "a"\nkind = "command"\ncommand = []\n',
            'line 4, sources[1].command: is missing, which a source of kind "command" needs',
        ),
        "a command in one text": ('name = "a"\nkind = "command"\ncommand = "true"\n', "line 4, sources[1].command:"),
        "a program without a name": (
            'name = "a"\nkind = "command"\ncommand = [""]\n',
            "line 4, sources[1].command: its first word should be a program, and none may hold NUL",
        ),
        "both times": (
            FOLDER + 'every = "5 min"\ncron = "0 7 * * *"\n',
            "line 6, sources[1].cron: stands beside every (keep one of them)",
        ),
        "no duration": (FOLDER + 'every = "often"\n', "line 5, sources[1].every: not a duration"),
        "no size": (URL + 'max_size = "2 TB"\n', 'line 5, sources[1].max_size: not a size up to "1 GB"'),
        "a size beyond all": (URL + 'max_size = "2 GB"\n', 'line 5, sources[1].max_size: not a size up to "1 GB"'),
        "no layout": (
            FOLDER + 'layout = "feeed"\n',
            "line 5, sources[1].layout: there is no layout 'feeed' (did you mean feed?)",
        ),
        "a file's address": (
            URL.replace("https://", "file://"),
            'line 4, sources[1].url: not a web address (write it like "https://example.org/feed.xml")',
        ),
        "a port that is none": (
            URL.replace("org/", "org:99999/"),
            "line 4, sources[1].url: not a web address",
        ),
        "a password in it": (
            URL.replace("https://", "https://me:secret@"),
            "line 4, sources[1].url: holds a name or a password (send it by headers)",
        ),
        "a header of ours": (
            URL + 'headers = { Host = "x" }\n',
            "line 5, sources[1].headers.Host: is a header that Digest writes itself",
        ),
        "a header with a line end": (
            URL + 'headers = { X-A = "a\\r\\nBcc: b" }\n',
            "line 5, sources[1].headers.X-A: is no header that can be sent",
        ),
        "retries without end": (
            URL + "retries = 99\n",
            "line 5, sources[1].retries: should be less",
        ),
    },
)
def test_a_mistake_is_told_with_its_line_and_key(tmp_path: Path, block: str, said: str):
    complaint = refused(tmp_path, block)
    assert complaint.startswith(f"config.toml, {said}")
    assert "secret" not in complaint
    assert "\n" not in complaint


def test_a_name_that_stands_twice_is_told(tmp_path: Path):
    assert refused(tmp_path, FOLDER, URL) == "config.toml, line 7, sources[2].name: the same as in sources[1]: a"


def test_a_secret_in_a_header_is_not_shown_with_the_settings(tmp_path: Path):
    settings = config.load(write(tmp_path, URL + 'headers = { X-Key = "hush" }\n'), {})
    assert settings.sources[0].headers == {"X-Key": "hush"}
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "bytes_"), [("500 kB", 500_000), ("20 MB", 20_000_000), ("1GB", 10**9)], ids=["kB", "MB", "GB"]
)
def test_a_size_is_in_powers_of_a_thousand(text: str, bytes_: int):
    assert octets(text) == bytes_


# ---- cron


@pytest.mark.parametrize(
    "text",
    ["0 7 * * *", "*/10 * * * *", "0 7 * * mon-fri", "30 6,18 1-7 jan,3-5 *", "5 0-12/3 29 feb *", "0 7 * * Sun"],
)
def test_a_time_in_cron_s_form_is_taken(text: str):
    assert cron.fault(text) == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    {
        "": "has 0 fields, not the five of minute, hour, day of the month, month, weekday",
        "0 7 * *": "has 4 fields, not the five of minute, hour, day of the month, month, weekday",
        "@daily": "has 1 field, not the five of minute, hour, day of the month, month, weekday",
        "60 7 * * *": "cannot be read at '60': the minute goes from 0 to 59, the lower one first",
        "0 9-7 * * *": "cannot be read at '9-7': the hour goes from 0 to 23, the lower one first",
        "0 7 * * 1-5": "names a weekday by a number, 1, which counts from Sunday here and from Monday there",
        "0 7 * * noon": "cannot be read at 'noon', the weekday",
        "0 7 * * fri-mon": "cannot be read at 'fri-mon': the weekday goes from 0 to 6, the lower one first",
        "0 7 1 * mon": "names days of the month and weekdays, and one program takes either where another takes both",
        "0 7 30 2 *": "never comes: no such month has that day",
        "*/0 * * * *": "has a step at '*/0' that leads nowhere",
        "5/10 * * * *": "cannot be read at '5/10', the minute",
        "0 7 * jan-dec/2 *": "has a step at 'jan-dec/2' that leads nowhere",
        "0,, 7 * * *": "cannot be read at '', the minute",
        "0 ٧ * * *": "cannot be read at '٧', the hour",
    }.items(),
)
def test_a_time_that_cannot_be_heeded_is_told(text: str, fault: str):
    assert cron.fault(text) == fault


@given(st.text("0123456789*/,- monfrijadectues", max_size=25), st.sampled_from(["{} 7 * * *", "0 7 {} * *", "{}"]))
def test_what_is_taken_comes_by_the_scheduler_too(part: str, form: str):
    text = form.format(part)
    if not cron.fault(text):
        trigger = CronTrigger.from_crontab(text, timezone=UTC)
        assert trigger.get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC))


@given(
    st.tuples(
        *(
            st.lists(
                st.one_of(
                    st.just("*"),
                    st.integers(1, high).map(lambda n: f"*/{n}"),
                    st.integers(low, high).map(str),
                    st.tuples(st.integers(low, high), st.integers(low, high), st.integers(1, 5)).map(
                        lambda told: f"{told[0]}-{told[1]}/{told[2]}"
                    ),
                ),
                min_size=1,
                max_size=3,
            ).map(",".join)
            for low, high in ((0, 59), (0, 23), (1, 31), (1, 12))
        )
    ),
    st.sampled_from(["*", "mon", "tue-sun", "sat,sun"]),
)
def test_each_form_that_is_taken_comes_by_the_scheduler_too(fields: tuple[str, ...], weekday: str):
    text = " ".join((*fields, weekday))
    if not cron.fault(text):
        trigger = CronTrigger.from_crontab(text, timezone=UTC)
        assert trigger.get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC))
