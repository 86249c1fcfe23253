"""A rule tried before it is trusted: check with the store's history, match through it, explain one paper, the caret."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CONFIG, Site, paper, write
from rich.cells import cell_len

from digest import config
from digest.cli import caret, main, trying
from digest.errors import RuleError
from digest.rules import parse
from digest.service import finding
from digest.service import trying as service
from digest.settings import Settings

DAYS = ("2026-06-13", "2026-06-14", "2026-06-15")
PAPERS = {
    1: {"title": "Reward Models at Home"},
    2: {"title": "Reward Modelling for Rewards", "summary": "We do without."},
    3: {"title": "A Survey of Finetuning", "summary": "On fine tuning.", "authors": ["A. Vireo"]},
    4: {"title": "Fine-Tuning Twice", "summary": "Twice.", "authors": ["Ada Vireo"]},
    5: {"title": "Transformers and Transforms", "summary": "A reward for a model.", "published": "2019-01-01"},
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder with five papers of three days."""
    folder = tmp_path_factory.mktemp("stored")
    (folder / "digest.toml").write_text(CONFIG)
    for day, numbers in zip(DAYS, ((1,), (2, 3), (4, 5)), strict=True):
        write(folder / "state" / "inbox" / f"{day} a.jsonl", *(paper(n, **PAPERS[n]) for n in numbers))
    assert main(["run", "--date", DAYS[-1], "--config", f"{folder}/digest.toml", "--state", f"{folder}/state"]) == 0
    return folder / "state"


@pytest.fixture
def ran(site: Site, stored: Path) -> Site:
    """Return a site with these papers."""
    shutil.copytree(stored, site.state)
    return site


# ---- check


def test_a_check_says_how_many_papers_a_day_the_rule_would_have_brought(ran: Site) -> None:
    said = ran("rules", "check", "tuning")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[:2] == [
        "valid: tuning",
        "In the 3 days up to 2026-06-15 (5 papers): 2 papers match, 0.7 a day, the most on 2026-06-15: 1.",
    ]


def test_a_check_names_what_small_widenings_would_add_those_first_that_add_most(ran: Site) -> None:
    assert ran("rules", "check", '"reward model"').out.splitlines()[2:] == [
        '1 paper more: "reward model*" (a prefix) instead of "reward model"',
        '1 paper more: "reward model"~3 (near each other) instead of "reward model"',
    ]
    assert ran("rules", "check", "title:reward").out.splitlines()[2:] == [
        "1 paper more: reward (not in the title alone) instead of title:reward"
    ]
    assert ran("rules", "check", "modelling OR twice").out.splitlines()[2:] == [
        "2 papers more: model* (a prefix) instead of modelling"
    ]
    assert ran("rules", "check", "finetuning").out.splitlines()[2:] == [
        '1 paper more: finetuning OR "fine tuning" (in two words) instead of finetuning'
    ]


def test_of_widenings_that_add_the_same_papers_one_is_named(ran: Site) -> None:
    said = ran("rules", "check", "transforme").out.splitlines()
    assert said[3:] == ["1 paper more: transforme* (a prefix) instead of transforme"]


def test_a_widening_as_json_has_the_whole_rule_that_it_makes(ran: Site) -> None:
    assert ran("rules", "check", "ti:reward^2", "--json").json["history"]["widenings"] == [
        {
            "rule": "reward^2",
            "change": "reward",
            "instead_of": "title:reward",
            "how": "not in the title alone",
            "adds": 1,
        }
    ]


def test_a_rule_that_brings_nothing_is_told_which_part_is_in_the_way(ran: Site) -> None:
    assert ran("rules", "check", "title:twice transfromer").out.splitlines()[1:] == [
        "In the 3 days up to 2026-06-15 (5 papers): no paper matches.",
        "in none of them: transfromer; did you mean transformers (1 paper)?",
        "1 paper more: the rule without transfromer",
    ]


def test_a_check_looks_at_the_days_it_is_asked_for(ran: Site) -> None:
    assert ran("rules", "check", "tuning", "--days", "1").out.splitlines()[1] == (
        "On 2026-06-15 (2 papers): 1 paper matches."
    )
    assert ran("rules", "check", "tuning", "--days", "0").status == 2


def test_a_check_as_json_is_one_document(ran: Site) -> None:
    document = ran("rules", "check", "title:rewrad or survey", "--json").json
    assert document == {
        "valid": True,
        "normal_form": "title:rewrad AND or AND survey",
        "warnings": ['"or" at character 14 is taken for a word; write OR to join terms'],
        "error": None,
        "history": {
            "since": DAYS[0],
            "until": DAYS[-1],
            "days": 3,
            "papers": 5,
            "matches": 0,
            "per_day": 0.0,
            "most": None,
            "absent": [{"term": "title:rewrad", "suggestion": "title:reward"}, {"term": "or", "suggestion": None}],
            "widenings": [],
        },
    }
    assert ran("rules", "check", "survey", "--json").json["history"]["most"] == {"date": "2026-06-14", "matches": 1}


def test_an_invalid_rule_is_data_in_json(site: Site) -> None:
    said = site.plain("rules", "check", "titel:a", "--json")
    assert said.status == 1
    assert said.json["error"]["position"] == 0
    assert said.json["error"]["suggestion"] == "title:"
    assert said.json["error"]["what"] == "there is no field titel:"
    assert said.json["error"]["expected"].startswith("one of title, ")
    assert (said.json["valid"], said.json["history"]) == (False, None)


def test_a_check_without_a_store_makes_none_and_is_quiet_about_it(site: Site) -> None:
    said = site.plain("rules", "check", "rlhf")
    assert (said.status, said.out, said.err) == (0, "valid: rlhf\n", "")
    site("status")
    shutil.rmtree(site.state)
    asked = site.plain(*site.arguments("rules", "check", "rlhf", "--json"))
    assert asked.json["history"] is None
    assert list(site.folder.iterdir()) == [site.config]


def test_a_check_on_an_empty_store_says_nothing_of_history(site: Site) -> None:
    assert site("rules", "check", "rlhf").out == "valid: rlhf\n"


def test_a_check_goes_on_beside_a_configuration_that_cannot_be_used(site: Site) -> None:
    (site.folder / "config.toml").write_text("[[topics]]\nrules = ['(a']\n")
    said = site.plain("rules", "check", "rlhf")
    assert (said.status, said.out) == (0, "valid: rlhf\n")
    assert said.err.startswith("not tried on stored papers: config.toml, line")
    assert site.plain("rules", "check", "rlhf", "--config", "config.toml").status == 2


def test_the_store_that_a_check_finds_by_itself_is_that_of_the_defaults(ran: Site) -> None:
    assert str(config.DEFAULT) == trying.CONFIGURATION
    assert Settings().paths.state == trying.STATE
    assert "2 papers match" in ran.plain("rules", "check", "tuning").out
    shutil.move(ran.state, ran.folder / "elsewhere")
    ran.monkeypatch.setenv("DIGEST_PATHS__STATE", "elsewhere")
    assert "2 papers match" in ran.plain("rules", "check", "tuning").out


def test_a_check_without_a_store_loads_no_settings_and_no_store() -> None:
    program = (
        "import sys; from digest.cli import main; main(['rules', 'check', 'rlhf']);"
        "print([name for name in ('sqlalchemy', 'digest.config', 'digest.store') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout == "valid: rlhf\n[]\n"


def test_a_check_counts_the_same_in_small_chunks(ran: Site) -> None:
    rules = ("tuning", '"reward model"', "finetuning", "reward OR nothing", "twice nothing")
    whole = [ran("rules", "check", rule).out for rule in rules]
    ran.monkeypatch.setattr(service, "CHUNK", 2)
    assert [ran("rules", "check", rule).out for rule in rules] == whole


# ---- match


@pytest.mark.parametrize("chunk", [1, 2, 3, 1_000])
def test_a_match_is_the_same_however_few_papers_are_held(ran: Site, chunk: int) -> None:
    ran.monkeypatch.setattr(finding, "CHUNK", chunk)
    said = ran("rules", "match", "reward")
    assert said.out.splitlines() == [
        "2026-06-15  Transformers and Transforms",
        "            paper 5: reward in abstract",
        "2026-06-14  Reward Modelling for Rewards",
        "            paper 2: reward in title",
        "2026-06-13  Reward Models at Home",
        "            paper 1: reward in title; reward in abstract",
    ]
    assert said.err == "3 papers\n"
    assert [found["title"] for found in ran("rules", "match", "*", "--json").json] == [
        PAPERS[n]["title"] for n in (5, 4, 3, 2, 1)
    ]


def test_a_match_stops_at_its_limit(ran: Site) -> None:
    assert [found["id"] for found in ran("rules", "match", "reward", "--limit", "2", "--json").json] == [5, 2]
    assert ran("rules", "match", "reward", "--limit", "2").err == "2 papers\n"
    assert ran("rules", "match", "reward", "--limit", "0").status == 2


def test_a_match_tells_the_value_that_a_field_has_or_that_nothing_excludes_the_paper(ran: Site) -> None:
    said = ran("rules", "match", "author:vireo published:>=2026", "--limit", "1")
    assert said.out.splitlines()[1] == "            paper 4: author: Ada Vireo; published: 2026-06-10"
    assert said.err == "1 paper\n"
    assert ran("rules", "match", "NOT reward").out.splitlines()[1] == "            paper 4: nothing excludes it"


def test_no_match_is_an_empty_list(ran: Site) -> None:
    said = ran("rules", "match", "nothing", "--json")
    assert (said.status, said.out, said.json) == (0, "[]\n", [])


def test_a_list_that_comes_item_by_item_is_laid_out_as_one_that_comes_at_once(ran: Site) -> None:
    said = ran("rules", "match", "*", "--json")
    assert said.out == json.dumps(said.json, indent=2, ensure_ascii=False) + "\n"


def test_results_go_to_their_own_output_while_a_bar_is_shown_on_the_terminal(ran: Site) -> None:
    command = [sys.executable, "-c", "from digest.cli import entry; entry()"]
    terminal, end = os.openpty()
    done = subprocess.run(
        [*command, *ran.arguments("rules", "match", "*", "--json")],
        stdout=subprocess.PIPE,
        stderr=end,
        check=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "80"},
    )
    os.set_blocking(terminal, False)
    shown = os.read(terminal, 65536)
    os.close(end)
    os.close(terminal)
    assert len(json.loads(done.stdout)) == 5
    assert b"papers read" in shown
    assert b"5/5" in shown


# ---- explain


def test_an_explanation_shows_what_held_and_what_did_not(ran: Site) -> None:
    said = ran("rules", "explain", '"reward model"^2 (rlhf OR title:home) -survey', "--paper", "1")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "holds for paper 1: Reward Models at Home; weight 9",
        "  + all of these",
        '    + "reward model"^2: in title: «Reward Models» at Home; '
        "in abstract: We study «reward models». Results are for paper 1. (weight 6)",
        "    + any of these",
        "      - rlhf: not in title or abstract",
        "      + title:home: in title: Reward Models at «Home» (weight 3)",
        "    + not this",
        "      - survey: not in title or abstract",
        "first listed on 2026-06-13",
    ]


def test_an_explanation_shows_what_excludes_a_paper_and_that_it_is_an_older_one(ran: Site) -> None:
    assert ran("rules", "explain", "NOT transforms", "--paper", "5").out.splitlines() == [
        "does not hold for paper 5: Transformers and Transforms",
        "  - not this: it holds, which excludes the paper",
        "    + transforms: in title: Transformers and «Transforms»",
        "first listed on 2026-06-15, as an older paper: in a digest it stands at the end, by its title alone",
    ]


def test_an_explanation_as_json_has_the_tree(ran: Site) -> None:
    document = ran("rules", "explain", "home OR rlhf", "--paper", "1", "--json").json
    assert (document["holds"], document["weight"], document["older"], document["rule"]) == (
        True,
        3.0,
        False,
        "home OR rlhf",
    )
    assert (document["paper"]["id"], document["paper"]["title"]) == (1, "Reward Models at Home")
    assert [(part["asked"], part["held"]) for part in document["tree"]["parts"]] == [("home", True), ("rlhf", False)]


@pytest.mark.parametrize(
    "name",
    ["3", "2606.00003", "arXiv:2606.00003v2", "https://arxiv.org/abs/2606.00003", "10.48550/arXiv.2606.00003"],
)
def test_a_paper_is_found_by_what_names_it(ran: Site, name: str) -> None:
    assert "paper 3: A Survey of Finetuning" in ran("rules", "explain", "survey", "--paper", name).out


@pytest.mark.parametrize("name", ["99", "9" * 40, "2606.99999", "10.1000/none", "https://example.org/x", "", "A Title"])
def test_a_paper_that_is_not_there_is_said_to_be_not_there(ran: Site, name: str) -> None:
    said = ran("rules", "explain", "survey", "--paper", name)
    assert said.status == 2
    assert "there is no such paper in the store" in said.complaint


@pytest.mark.parametrize("command", [["check"], ["match"], ["explain", "--paper", "1"]], ids=" ".join)
def test_a_rule_that_looks_like_an_option_is_answered_with_what_to_write(ran: Site, command: list[str]) -> None:
    said = ran("rules", *command, "-survey")
    assert said.status == 2
    assert said.err.endswith("are required: RULE (of one that begins with a minus: NOT instead, or -- before it)\n")


def test_a_rule_whose_quotes_are_missing_is_answered_with_what_to_write(ran: Site) -> None:
    said = ran.plain("rules", "check", "reward", "model")
    assert said.status == 2
    assert said.err.endswith("unrecognized arguments: model (a rule of several words stands in single quotes)\n")


# ---- the caret


@pytest.mark.parametrize(
    "command",
    [
        ["rules", "match"],
        ["rules", "explain", "--paper", "1"],
        ["preview", "--rule"],
        ["subscribers", "add", "new@example.org", "--rule"],
    ],
    ids=" ".join,
)
def test_an_invalid_rule_is_shown_with_a_caret_under_the_place(site: Site, command: list[str]) -> None:
    said = site(*command, "reward (model OR")
    assert (said.status, said.out) == (2, "")
    assert said.err.splitlines()[1:] == ["  reward (model OR", " " * 18 + "^"]


def place(rule: str) -> tuple[str, int]:
    """Return the rule's line and the cell that the caret stands under."""
    with pytest.raises(RuleError) as caught:
        parse(rule)
    line, below = caret.shown(caught.value)
    assert below.strip() == "^"
    assert "\n" not in line
    return line, len(below) - 1


@pytest.mark.parametrize(
    ("rule", "before"),
    {
        "plain": ("a (b", "  a "),
        "wide characters": ("漢字 かな (b", "  漢字 かな "),
        "combining marks": ("e\u0301te\u0301 (b", "  e\u0301te\u0301 "),
        "lines and tabs": ("a\n\tb (c", "  a  b "),
        "what cannot be shown": ("a \x07b", "  a "),
        "a joiner": ("a\u200db (c", "  a\ufffdb "),
    }.values(),
)
def test_the_caret_stands_under_the_place_whatever_stands_before_it(rule: str, before: str) -> None:
    line, cell = place(rule)
    assert line.startswith(before)
    assert cell == cell_len(before)


@pytest.mark.parametrize("columns", [30, 80, 200])
@pytest.mark.parametrize(
    "rule",
    ["word " * 300 + "( b" + " more" * 300, "漢字 " * 300 + "( b", "( b" + " 漢字" * 300, "word " * 900 + "b )"],
    ids=["in the middle", "at the end", "at the start", "the last one"],
)
def test_of_a_long_rule_what_is_around_the_place_is_shown(
    monkeypatch: pytest.MonkeyPatch, columns: int, rule: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    line, cell = place(rule)
    assert cell_len(line) <= columns
    assert cell < columns
    at = next(end for end in range(len(line) + 1) if cell_len(line[:end]) == cell)
    assert line[at] in "()"
    assert "…" in line
