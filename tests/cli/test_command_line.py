"""The contract of the command line: every command's help, exit status, and what goes to which output."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CONFIG, Site, paper, write

from digest import __version__
from digest.cli import main

COMMANDS = [
    ["init"],
    ["run"],
    ["ingest"],
    ["parse"],
    ["preview"],
    ["rules", "check"],
    ["rules", "match"],
    ["rules", "explain"],
    *(["subscribers", name] for name in ("add", "list", "show", "pause", "resume", "remove", "import", "export")),
    *(["deliveries", name] for name in ("list", "show", "retry", "withdraw")),
    ["status"],
    ["send-test"],
    ["serve"],
]
WITH_STORE = [command for command in COMMANDS if command != ["init"]]
DAY = "2026-06-15"


def named(commands: list[list[str]]) -> list[object]:
    return [pytest.param(command, id=" ".join(command)) for command in commands]


@pytest.mark.parametrize("command", named([[], ["rules"], ["subscribers"], ["deliveries"], *COMMANDS]))
def test_every_command_explains_itself(site: Site, command: list[str]) -> None:
    said = site.plain(*command, "--help")
    assert said.status == 0
    assert said.out.startswith(" ".join(["usage: digest", *command]))
    assert said.err == ""


@pytest.mark.parametrize("command", named(WITH_STORE))
def test_every_command_that_needs_them_takes_config_and_state(site: Site, command: list[str]) -> None:
    told = site.plain(*command, "--help").out
    assert "--config FILE" in told
    assert "--state DIR" in told


def test_the_version_is_printed(site: Site) -> None:
    said = site.plain("--version")
    assert (said.status, said.out) == (0, f"digest {__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no command"),
        pytest.param(["publish"], id="unknown command"),
        pytest.param(["run", "--dates", DAY], id="unknown option"),
        pytest.param(["run", "--date", "yesterday"], id="no date"),
        pytest.param(["run", "--date", "2026-02-30"], id="a date that never was"),
        pytest.param(["run", "--date", "2999-01-01"], id="a date after tomorrow"),
        pytest.param(["run", "--date", DAY, "--resend", "stranger@example.org"], id="a stranger's edition"),
        pytest.param(["ingest"], id="nothing to ingest"),
        pytest.param(["ingest", "missing.txt"], id="a missing dump"),
        pytest.param(["ingest", "--layout", "arxiv", "-"], id="an unknown layout"),
        pytest.param(["parse", "missing.txt"], id="a missing dump to parse"),
        pytest.param(["parse", "--layout", "arxiv", "-"], id="an unknown layout to parse"),
        pytest.param(["preview"], id="whose preview"),
        pytest.param(["preview", "--topic", "reward", "--rule", "x"], id="two previews"),
        pytest.param(["preview", "--topic", "unknown"], id="an unknown topic"),
        pytest.param(["preview", "--subscriber", "stranger@example.org"], id="a stranger's preview"),
        pytest.param(["preview", "--rule", "(reward"], id="a preview of an invalid rule"),
        pytest.param(["preview", "--rule", "x", "--last", "0"], id="no days"),
        pytest.param(["preview", "--rule", "x", "--format", "pdf"], id="an unknown format"),
        pytest.param(["preview", "--rule", "x", "--output", "missing/file"], id="an output that cannot be"),
        pytest.param(["rules", "match", "title:("], id="matching an invalid rule"),
        pytest.param(["rules", "explain", "title:(", "--paper", "1"], id="explaining an invalid rule"),
        pytest.param(["rules", "explain", "x"], id="explaining no paper"),
        pytest.param(["rules", "explain", "x", "--paper", "1"], id="explaining a paper that is not there"),
        pytest.param(["subscribers", "add", "not an address", "--rule", "x"], id="no address"),
        pytest.param(["subscribers", "add", "new@example.org"], id="neither rule nor topic"),
        pytest.param(["subscribers", "add", "new@example.org", "--rule", "(x"], id="adding an invalid rule"),
        pytest.param(["subscribers", "add", "new@example.org", "--topic", "unknown"], id="adding an unknown topic"),
        pytest.param(["subscribers", "add", "new@example.org", "--rule", "x", "--timezone", "Mars"], id="no zone"),
        pytest.param(["subscribers", "add", "new@example.org", "--rule", "x", "--send-at", "25:00"], id="no time"),
        pytest.param(["subscribers", "add", "new@example.org", "--rule", "x", "--max-items", "0"], id="no items"),
        pytest.param(["subscribers", "show", "stranger@example.org"], id="showing a stranger"),
        pytest.param(["subscribers", "pause", "stranger@example.org"], id="pausing a stranger"),
        pytest.param(["subscribers", "import", "missing.csv"], id="a missing table"),
        pytest.param(["subscribers", "import", "-"], id="an empty table"),
        pytest.param(["send-test", "not an address"], id="a test to no address"),
        pytest.param(["status", "--config", "missing.toml"], id="a missing configuration"),
        pytest.param(["status", "--config", "."], id="a folder as the configuration"),
    ],
)
def test_wrong_use_is_told_and_costs_status_2(site: Site, arguments: list[str]) -> None:
    own = [] if not arguments or "--config" in arguments else ["--config", str(site.config)]
    said = site.plain(*arguments, *own)
    assert said.status == 2
    assert said.out == ""
    assert said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--force", "--date"],
        ["preview", "--rule", "*", "--date"],
        ["rules", "match", "*", "--since"],
        ["ingest", "-", "--date"],
        ["parse", "-", "--date"],
    ],
    ids=" ".join,
)
def test_dates_that_no_days_can_be_reckoned_from_are_refused(site: Site, command: list[str]) -> None:
    for date in ("0001-01-01", "1899-12-31", "9999-12-31"):
        assert site.plain(*command, date).status == 2


@pytest.mark.parametrize("date", ["1900-01-01", "2999-12-31"])
def test_the_first_and_the_last_date_that_there_is_can_be_run(site: Site, date: str) -> None:
    dump = b'{"title": "On Reward Models", "published": "0001-01-01"}\n{"title": "A Reward Model"}\n'
    assert site("ingest", "-", "--date", date, stdin=dump).status == 0
    assert site("run", "--force", "--date", date).status == 0
    assert site("preview", "--topic", "reward", "--date", date).status == 0
    assert site("preview", "--topic", "reward", "--last", "36500").status == 0


def test_the_first_run_after_init_works_and_so_does_the_second_init(site: Site) -> None:
    made = site.plain("init", "here")
    assert (made.status, made.out) == (0, "")
    assert (site.folder / "here" / "state" / "inbox").is_dir()
    said = site.plain("run", "--date", DAY, "--config", "here/config.toml")
    assert (said.status, said.err) == (0, "")
    assert (site.folder / "here" / "state" / "public" / "feeds" / "papers.atom").exists()
    again = site.plain("init", "here")
    assert again.status == 2
    assert "config.toml" in again.complaint


def test_the_configuration_of_the_working_folder_is_used(site: Site) -> None:
    (site.folder / "config.toml").write_text('[paths]\nstate = "elsewhere"\n')
    assert site.plain("status").status == 0
    assert (site.folder / "elsewhere" / "digest.db").exists()
    assert site.plain("status", "--state", "here").status == 0
    assert (site.folder / "here" / "digest.db").exists()


def test_relative_paths_start_from_the_configuration(site: Site) -> None:
    (site.folder / "sub").mkdir()
    (site.folder / "sub" / "own.toml").write_text('[paths]\nstate = "kept"\n')
    assert site.plain("status", "--config", "sub/own.toml").status == 0
    assert (site.folder / "sub" / "kept" / "digest.db").exists()


# --- run --------------------------------------------------------------------------------------------


def test_run_prints_its_summary_as_one_document(site: Site) -> None:
    site.drop(f"{DAY} a.jsonl", paper(1), paper(2))
    site.drop("2026-06-16 b.jsonl", paper(3))
    said = site("run", "--date", DAY, "--json")
    assert said.status == 0
    assert said.json == {
        "date": DAY,
        "dumps": {"ingested": 1, "known": 0, "rejected": 0, "waiting": 1},
        "listings": 2,
        "papers": {"new": 2, "known": 0},
        "editions": {"composed": 3, "empty": 0, "existing": 0},
        "deliveries": {"sent": 2, "failed": 0, "pending": 0},
        "feeds": [str(site.state / "public" / "feeds" / name) for name in ("papers.atom", "topics/reward.atom")],
    }
    again = site("run", "--date", DAY, "--json").json
    assert again["editions"] == {"composed": 0, "empty": 0, "existing": 3}
    assert again["deliveries"] == {"sent": 0, "failed": 0, "pending": 0}


def test_run_without_a_date_is_for_today(site: Site) -> None:
    site.configure('[site]\ntimezone = "Asia/Tokyo"\n')
    from datetime import datetime
    from zoneinfo import ZoneInfo

    before = datetime.now(ZoneInfo("Asia/Tokyo")).date().isoformat()
    said = site("run", "--json").json["date"]
    assert before <= said <= datetime.now(ZoneInfo("Asia/Tokyo")).date().isoformat()


def test_a_refused_dump_is_named_and_costs_status_1(site: Site) -> None:
    (site.state / "inbox").mkdir(parents=True)
    (site.state / "inbox" / f"{DAY} notes.txt").write_text("Nothing of this is a listing.\n")
    said = site("run", "--date", DAY, "--json")
    assert said.status == 1
    assert said.json["dumps"]["rejected"] == 1
    assert f"{DAY} notes.txt" in said.err
    assert [name for name in site.files() if name.startswith("rejected/") and name.endswith(".reason.txt")]


def test_a_dry_run_says_the_same_and_changes_nothing(site: Site) -> None:
    site.drop(f"{DAY} a.jsonl", paper(1))
    rehearsed = site("run", "--date", DAY, "--dry-run", "--json")
    assert site.files() == [f"inbox/{DAY} a.jsonl"]
    assert site("run", "--date", DAY, "--json").json == rehearsed.json


def test_an_edition_is_sent_again_on_request(site: Site) -> None:
    site.drop(f"{DAY} a.jsonl", paper(1))
    site("run", "--date", DAY)
    path = site.state / "outbox" / DAY / "reader@example.org.eml"
    first = path.read_bytes()
    path.unlink()
    assert site("run", "--date", DAY, "--resend", "reader@example.org", "--json").json["deliveries"]["sent"] == 1
    assert path.read_bytes() == first


# --- preview, status, send-test ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder that took in a paper a day."""
    folder = tmp_path_factory.mktemp("three days")
    (folder / "digest.toml").write_text(CONFIG)
    for place in (13, 14, 15):
        write(folder / "state" / "inbox" / f"2026-06-{place} a.jsonl", paper(place))
    assert main(["run", "--date", DAY, "--config", f"{folder}/digest.toml", "--state", f"{folder}/state"]) == 0
    return folder / "state"


@pytest.fixture
def ran(site: Site, three_days: Path) -> Site:
    """Return a site that took in a paper a day."""
    shutil.copytree(three_days, site.state)
    return site


@pytest.mark.parametrize(("form", "begins"), [("html", "<!doctype html"), ("eml", "From: "), ("text", "")])
@pytest.mark.parametrize("whose", ["--subscriber=reader@example.org", "--topic=reward", "--rule=title:reward"])
def test_a_preview_shows_each_kind_of_edition_in_each_format(ran: Site, whose: str, form: str, begins: str) -> None:
    said = ran("preview", whose, "--date", DAY, "--format", form)
    assert said.status == 0
    assert said.out.lower().startswith(begins.lower())
    assert "Invented Paper 15" in said.out
    assert "Invented Paper 14" not in said.out


def test_a_subscribers_preview_goes_to_nobody_else(ran: Site) -> None:
    said = ran("preview", "--subscriber", "READER@example.org", "--date", DAY)
    assert "This goes to reader@example.org." in said.out


def test_a_preview_shows_past_days_and_several_at_once(ran: Site) -> None:
    assert "Invented Paper 13" in ran("preview", "--rule", "reward*", "--date", "2026-06-13").out
    many = ran("preview", "--rule", "reward*", "--last", "3650").out
    assert all(f"Invented Paper {place}" in many for place in (13, 14, 15))


def test_a_preview_is_written_to_a_file_and_sends_nothing(ran: Site) -> None:
    before = ran.files()
    said = ran("preview", "--rule", "reward*", "--date", DAY, "--format", "html", "--output", "preview.html")
    assert (said.status, said.out) == (0, "")
    assert "Invented Paper 15" in (ran.folder / "preview.html").read_text()
    assert ran.files() == before


def test_status_tells_how_things_stand(ran: Site) -> None:
    ran.drop("2026-06-20 later.jsonl", paper(20))
    document = ran("status", "--json").json
    assert document["newest_run"] == DAY
    assert document["inbox"] == [{"name": "2026-06-20 later.jsonl", "date": "2026-06-20"}]
    assert document["deliveries"]["sums"] == {"sent": 2}
    assert document["subscribers"] == {"active": 2}
    text = ran("status")
    assert text.status == 0
    assert "2026-06-20 later.jsonl" in text.out
    assert text.err == ""


def test_a_test_message_goes_out_by_the_channel(ran: Site) -> None:
    before = set(ran.files())
    said = ran("send-test", "operator@example.org")
    assert (said.status, said.out) == (0, "")
    (new,) = set(ran.files()) - before
    assert new.endswith("outbox/test/operator@example.org.eml")


# --- rules ------------------------------------------------------------------------------------------


def test_a_valid_rule_is_status_0_and_an_invalid_one_status_1(site: Site) -> None:
    assert site.plain("rules", "check", '"reward model*" OR rlhf').status == 0
    said = site.plain("rules", "check", "title:(a OR")
    assert said.status == 1
    assert "character" in said.out
    assert said.err == ""
    assert list(site.folder.iterdir()) == [site.config]  # needs no store and makes none


def test_stored_papers_that_match_are_listed_newest_first_with_why(ran: Site) -> None:
    document = ran("rules", "match", '"reward model*"', "--json").json
    assert [found["first_listed"] for found in document] == ["2026-06-15", "2026-06-14", "2026-06-13"]
    assert document[0]["identifiers"] == {"arxiv": "2606.00015"}
    assert {why["field"] for why in document[0]["why"]} == {"title", "abstract"}
    assert len(ran("rules", "match", "*", "--since", "2026-06-14", "--json").json) == 2
    assert len(ran("rules", "match", "*", "--until", "2026-06-13", "--json").json) == 1
    assert ran("rules", "match", "reward").out.startswith("2026-06-15  Invented Paper 15")


# --- a process of its own ---------------------------------------------------------------------------


def test_the_installed_command_prints_no_progress_bar_into_a_pipe(site: Site) -> None:
    for number in range(1, 6):
        site.drop(f"{DAY} {number}.jsonl", paper(number))
    command = [str(Path(sys.executable).with_name("digest")), *site.arguments("run", "--date", DAY, "--json")]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.startswith(b"{\n")
    assert b"\x1b" not in done.stderr
    assert b"\r" not in done.stderr
    assert done.stderr.count(b"\n") == 5  # a line for each dump


def test_a_reader_that_goes_away_is_no_error(site: Site) -> None:
    dump = site.folder / "dump.jsonl"
    dump.write_text("".join(f'{{"title": "Paper {number}"}}\n' for number in range(20_000)))
    program = "import sys; from digest.cli import entry; entry()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "parse", dump], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.slow
def test_an_output_that_has_no_such_characters_gets_them_escaped(ran: Site) -> None:
    ran.drop(f"{DAY} b.jsonl", paper(16, title="Reward Models of Łódź ♯"))
    assert ran("run", "--date", DAY).status == 0
    for more in ([], ["--json"]):
        command = [str(Path(sys.executable).with_name("digest")), *ran.arguments("rules", "match", "title:of", *more)]
        done = subprocess.run(command, capture_output=True, check=True, env={"PYTHONIOENCODING": "ascii"})
        assert b"Reward Models of \\u0141\\xf3d\\u017a" in done.stdout.replace(b"\\u00f3", b"\\xf3")
