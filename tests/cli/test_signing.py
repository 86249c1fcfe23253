"""Keys and the doctor on the command line: made once, used or refused before anything is sent, and a verdict."""

from __future__ import annotations

import re
from pathlib import Path

import dkim as verifier
import pytest
from command_line import CONFIG, Site, paper
from name_server import serving

from digest import dkim
from digest.service.doctor import names

DAY = "2026-06-15"


def signing(*keys: tuple[str, str]) -> str:
    listed = ", ".join(f'{{ selector = "{selector}", key = "{file}" }}' for selector, file in keys)
    return f"{CONFIG}\n[dkim]\nkeys = [{listed}]\n"


def made(site: Site, file: str = "own.pem", *more: str) -> str:
    said = site.plain("dkim", "new", site.folder / file, "--config", site.config, *more)
    assert said.status == 0, said.err
    return said.out


# --- Making a key --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_new_key_is_for_its_owner_alone_and_its_record_is_printed(site: Site, kind: str):
    out = made(site, "own.pem", "--kind", kind, "--selector", "s1")
    file = site.folder / "own.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    assert out.startswith("s1._domainkey.example.org.  IN TXT  ( ")
    strings = re.findall(r'"([^"]*)"', out)
    assert "".join(strings) == dkim.record(dkim.private_key(file.read_bytes()))
    assert max(map(len, strings)) <= 255


def test_the_line_for_the_configuration_is_one_that_works(site: Site):
    said = site.plain("dkim", "new", site.folder / "own.pem", "--config", site.config)
    (line,) = re.findall(r"^keys = .*$", said.err, re.MULTILINE)
    site.configure(f"{CONFIG}\n[dkim]\n{line}\n")
    assert site("run", "--date", DAY, "--force").status == 0


def test_a_key_that_is_there_is_not_written_over(site: Site):
    made(site)
    before = (site.folder / "own.pem").read_bytes()
    said = site.plain("dkim", "new", site.folder / "own.pem", "--config", site.config)
    assert said.status == 2
    assert "is there already and is left as it is (name another file: a key that is in use" in said.complaint
    assert (site.folder / "own.pem").read_bytes() == before


@pytest.mark.parametrize("selector", ["", "a b", "-a", "a_b", "a..b", "a" * 64])
def test_a_selector_that_no_record_can_have_is_refused(site: Site, selector: str):
    said = site.plain("dkim", "new", site.folder / "own.pem", "--config", site.config, f"--selector={selector}")
    assert said.status == 2
    assert "is not a selector" in said.complaint
    assert not (site.folder / "own.pem").exists()


def test_a_folder_that_is_not_there_is_named(site: Site):
    said = site.plain("dkim", "new", site.folder / "none" / "own.pem", "--config", site.config)
    assert said.status == 2
    assert "cannot be written: No such file or directory (is its folder there" in said.complaint


# --- Signing -------------------------------------------------------------------------------------


def test_what_a_run_writes_is_signed_by_each_key(site: Site):
    made(site, "r.pem")
    made(site, "e.pem", "--kind", "ed25519")
    site.configure(signing(("r", "r.pem"), ("e", "e.pem")))
    site.drop(f"{DAY} a.jsonl", paper(1))
    assert site("run", "--date", DAY, "--force").status == 0
    message = (site.state / "outbox" / DAY / "reader@example.org.eml").read_bytes()
    records = {
        f"{name}._domainkey.example.org.".encode(): dkim.record(
            dkim.private_key((site.folder / f"{name}.pem").read_bytes())
        ).encode()
        for name in ("r", "e")
    }
    for place in range(2):
        assert verifier.DKIM(message).verify(idx=place, dnsfunc=lambda name, timeout=0: records.get(name))


def test_another_domain_signs_where_it_is_named(site: Site):
    made(site)
    site.configure(signing(("s", "own.pem")) + 'domain = "Bücher.Example.org"\n')
    site("send-test", "you@example.org")
    assert b"d=xn--bcher-kva.example.org;" in (site.state / "outbox" / "test" / "you@example.org.eml").read_bytes()


def test_without_keys_nothing_is_signed(site: Site):
    site("send-test", "you@example.org")
    assert b"DKIM" not in (site.state / "outbox" / "test" / "you@example.org.eml").read_bytes()


def unusable(file: Path, how: str) -> None:
    file.unlink()
    if how == "folder":
        file.mkdir(mode=0o700)
    elif how == "no key":
        file.touch(mode=0o600)
        file.write_text("not a key")
    elif how == "readable":
        file.touch(mode=0o640)


@pytest.mark.parametrize("command", [("run", "--date", DAY, "--force"), ("send-test", "you@example.org"), ("serve",)])
@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("missing", "cannot be read: No such file or directory (digest dkim new makes one)"),
        ("folder", "cannot be read: Is a directory"),
        ("no key", "holds no private key in PEM form (digest dkim new makes one that fits)"),
        ("readable", "others than its owner may read it (chmod 600 "),
    ],
)
def test_a_key_that_cannot_be_used_stops_what_sends_before_it_begins(
    site: Site, command: tuple[str, ...], how: str, what: str
):
    made(site)
    unusable(site.folder / "own.pem", how)
    site.configure(signing(("s", "own.pem")))
    site.drop(f"{DAY} a.jsonl", paper(1))
    said = site(*command)
    assert said.status == 2
    assert said.complaint.startswith(f"dkim.keys[1].key, {site.folder / 'own.pem'}: {what}")
    assert (site.state / "inbox" / f"{DAY} a.jsonl").exists()
    assert not (site.state / "outbox").exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[dkim]\nkeys = [{ selector = "a b", key = "k" }]\n', "line 2, dkim.keys[1].selector: not a selector"),
        ('[dkim]\nkeys = [{ selector = "a" }]\n', "line 2, dkim.keys[1].key: is missing"),
        (
            '[dkim]\nkeys = [{ selector = "a", key = "" }]\n',
            "line 2, dkim.keys[1].key: string should have",
        ),
        ('[dkim]\ndomain = "no domain"\n', "line 2, dkim.domain: not a domain"),
        ('[dkim]\nselector = "a"\n', "line 2, dkim.selector: unknown key"),
    ],
)
def test_what_is_wrong_in_the_section_is_told_with_its_line(site: Site, text: str, what: str):
    site.configure(text)
    assert what in site("run").complaint


# --- The doctor ----------------------------------------------------------------------------------


def test_a_site_that_writes_files_is_well_and_its_server_is_not_asked(site: Site):
    said = site("doctor")
    assert said.status == 0, said.out
    verdicts = {check.strip(): verdict.strip() for verdict, check in re.findall(r"^(.{12}) ([^:]+):", said.out, re.M)}
    assert verdicts == {
        "configuration": "ok",
        "state folder": "ok",
        "store": "ok",
        "templates": "ok",
        "sender": "ok",
        "address of the site": "ok",
        "mail server and DNS": "not checked",
    }


def test_the_doctor_in_json_has_the_same_findings(site: Site):
    said = site("doctor", "--json")
    assert said.status == 0
    assert said.json["healthy"] is True
    assert [list(finding) for finding in said.json["findings"]] == [["check", "verdict", "told", "mend"]] * 7


def sending(site: Site, port: int, keys: str = "") -> None:
    smtp = f'[delivery]\nchannel = "smtp"\n[smtp]\nhost = "127.0.0.1"\nport = {port}\ntimeout = "5 s"\n'
    site.configure(f"{CONFIG}{smtp}{keys}")


def test_the_doctor_goes_on_behind_a_problem_and_tells_all(site: Site, monkeypatch: pytest.MonkeyPatch):
    made(site)
    key = dkim.private_key((site.folder / "own.pem").read_bytes())
    zone = {
        "TXT example.org": ["v=spf1 mx -all"],
        "MX example.org": ["10 mail.example.org."],
        "A mail.example.org": ["1.2.3.4"],
        "TXT s._domainkey.example.org": [dkim.record(key)],
        "TXT _dmarc.example.org": ["v=DMARC1; p=none"],
    }
    sending(site, 1, '[dkim]\nkeys = [{ selector = "s", key = "own.pem" }]\n')
    with serving(zone) as server:
        monkeypatch.setattr(names, "resolver", server.resolver)
        said = site("doctor", "--json")
    assert said.status == 1
    assert said.json["healthy"] is False
    verdicts = {finding["check"]: finding["verdict"] for finding in said.json["findings"]}
    assert {check for check, verdict in verdicts.items() if verdict == "problem"} == {"mail server"}
    assert (
        verdicts
        | {
            "keys of DKIM": "ok",
            "SPF of example.org": "ok",
            "DKIM key s": "ok",
            "DMARC of example.org": "ok",
            "mail to example.org": "ok",
        }
        == verdicts
    )


PROBLEMS = {
    "a key that others may read": (signing(("s", "open.pem")), "keys of DKIM", "others than its owner may read it"),
    "a template that is broken": (CONFIG.replace("[site]", '[site]\ntemplates = "mine"'), "templates", "message.txt"),
    "no address of its own": (CONFIG.replace("https://digest.example.org", ""), "address of the site", "none, so"),
    "an address without https": (CONFIG.replace("https:", "http:"), "address of the site", "is not https"),
    "a sender of this machine": (CONFIG.replace("@example.org>", "@localhost>"), "sender", "nobody outside can answer"),
}


@pytest.mark.parametrize(("text", "check", "told"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_is_not_well_is_found(site: Site, text: str, check: str, told: str):
    (site.folder / "open.pem").write_text("whatever")
    (site.folder / "open.pem").chmod(0o644)
    (site.folder / "mine" / "email").mkdir(parents=True)
    (site.folder / "mine" / "email" / "message.txt").write_text("{{ nothing_of_that_name }}")
    site.configure(text)
    (finding,) = (found for found in site("doctor", "--json").json["findings"] if found["check"] == check)
    assert finding["verdict"] in ("problem", "warning")
    assert told in finding["told"]
    assert finding["mend"]


def test_a_store_that_is_none_is_a_problem_and_no_traceback(site: Site):
    site.state.mkdir()
    (site.state / "digest.db").write_bytes(b"no store at all" * 100)
    said = site.plain(*site.arguments("doctor"))
    assert said.status == 1
    assert said.out.splitlines()[-1].startswith("problem      state folder and store: ")
    assert said.err == ""


def test_a_configuration_that_cannot_be_used_is_named_as_ever(site: Site):
    site.configure("[sight]\n")
    said = site("doctor")
    assert said.status == 2
    assert "line 1, sight: unknown section" in said.complaint
