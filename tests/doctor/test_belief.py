"""What the DNS says of a sender, in a verdict and plain words: SPF, DKIM, DMARC, and where bounces go."""

from __future__ import annotations

import functools

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from name_server import NameServer, Zone, serving

from digest import dkim
from digest.service.doctor import belief, names
from digest.service.doctor.finding import Finding
from digest.service.doctor.names import Names

HOST = "mail.example.org"


@functools.cache
def keys() -> tuple[dkim.Key, dkim.Key]:
    return dkim.Key("r", rsa.generate_private_key(65537, 2048)), dkim.Key("e", Ed25519PrivateKey.generate())


def signer(domain: str = "example.org") -> dkim.Signer:
    return dkim.Signer(domain, keys())


def well() -> dict[str, list[str]]:
    return {
        "TXT example.org": ["v=spf1 ip4:1.2.3.4 -all", "some-other=text"],
        "A mail.example.org": ["1.2.3.4"],
        "MX example.org": ["10 mail.example.org."],
        "TXT r._domainkey.example.org": [dkim.record(keys()[0].private)],
        "TXT e._domainkey.example.org": [dkim.record(keys()[1].private)],
        "TXT _dmarc.example.org": ["v=DMARC1; p=none; rua=mailto:postmaster@example.org"],
    }


def examined(server: NameServer, domain: str = "example.org", host: str = HOST, **more: object) -> dict[str, Finding]:
    asked = server.resolver()
    asked.lifetime = 0.5
    by, returns = more.get("signer", signer()), more.get("returns", domain)
    return {found.check: found for found in belief.examine(Names(asked), domain, returns, host, by)}  # type: ignore[arg-type]


def found(zone: Zone, check: str, **more: object) -> Finding:
    with serving(well() | zone) as server:
        return examined(server, **more)[check]  # type: ignore[arg-type]


SPF, DMARC, MAIL, RSA, ED = (
    "SPF of example.org",
    "DMARC of example.org",
    "mail to example.org",
    "DKIM key r",
    "DKIM key e",
)


def test_where_all_is_well_it_says_so():
    with serving(well()) as server:
        findings = examined(server)
    assert list(findings) == [SPF, RSA, ED, DMARC, MAIL]
    assert {finding.verdict for finding in findings.values()} == {"ok"}
    assert findings[SPF].told == "'v=spf1 ip4:1.2.3.4 -all' names 1.2.3.4"
    assert findings[DMARC].told == "p=none at _dmarc.example.org"
    assert findings[MAIL].told == "goes to mail.example.org"


@pytest.mark.parametrize(
    ("record", "verdict", "told"),
    [
        pytest.param([], "problem", "no record; the large providers refuse bulk mail without it", id="none"),
        pytest.param(
            ["v=spf1 -all", "v=spf1 mx -all"], "problem", "2 records, so that receivers ignore them all", id="two"
        ),
        pytest.param(["v=spf1 ip4:1.2.3.4 oops"], "problem", "receivers ignore the record", id="broken behind"),
        pytest.param(["v=spf1 oops -all"], "problem", "receivers ignore the record", id="broken"),
        pytest.param(["v=spf1 mx +all"], "warning", "lets everybody send in your name", id="everybody"),
        pytest.param(["v=spf1 ip4:5.6.7.8 -all"], "warning", "does not name 1.2.3.4, the address of", id="another"),
        pytest.param(["v=spf1 exists:%{i}.x.org -all"], "ok", "cannot be told: '%{i}.x.org' depends", id="macros"),
    ],
)
def test_spf_is_judged(record: list[str], verdict: str, told: str):
    finding = found({"TXT example.org": record}, SPF)
    assert finding.verdict == verdict
    assert told in finding.told


def test_the_record_to_publish_names_the_server():
    assert found({"TXT example.org": []}, SPF).mend == 'publish: example.org. IN TXT "v=spf1 ip4:1.2.3.4 -all"'


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.5", "::1"])
def test_of_a_server_on_this_machine_or_network_spf_tells_only_that_there_is_a_record(host: str):
    finding = found({}, SPF, host=host)
    assert finding.verdict == "ok"
    assert f"{host} does not tell which that is" in finding.told


def test_a_server_named_by_its_address_is_looked_for_in_spf():
    assert found({}, SPF, host="1.2.3.4").told.endswith("names 1.2.3.4")
    assert found({}, SPF, host="8.8.8.8").verdict == "warning"


def other_key() -> str:
    return dkim.record(Ed25519PrivateKey.generate())


@pytest.mark.parametrize(
    ("change", "verdict", "told"),
    [
        pytest.param(lambda _: [], "problem", "no record at e._domainkey.example.org", id="none"),
        pytest.param(lambda own: [*own, other_key()], "problem", "2 records at", id="two"),
        pytest.param(lambda _: ["v=DKIM1; p="], "problem", "says that the key is withdrawn", id="withdrawn"),
        pytest.param(lambda _: [other_key()], "problem", "is of another key", id="another"),
        pytest.param(
            lambda own: [own[0].replace("ed25519", "rsa")], "problem", "names another kind of key", id="another kind"
        ),
        pytest.param(lambda own: [f"{own[0]}; t=y:s"], "warning", "says t=y, a test", id="testing"),
        pytest.param(lambda own: [own[0].replace("p=", "p = ")], "ok", "is that of the private key", id="spaces"),
    ],
)
def test_the_record_of_a_key_is_held_against_the_private_key(change, verdict: str, told: str):
    name = "TXT e._domainkey.example.org"
    finding = found({name: change(well()[name])}, ED)
    assert finding.verdict == verdict
    assert told in finding.told
    if verdict == "problem":
        assert finding.mend == f'publish: e._domainkey.example.org. IN TXT "{dkim.record(keys()[1].private)}"'


def test_where_digest_does_not_sign_dkim_is_not_checked():
    finding = found({}, "DKIM of example.org", signer=None)
    assert finding.verdict == "not checked"
    assert "no dkim.keys" in finding.told


@pytest.mark.parametrize(
    ("record", "verdict", "told"),
    [
        pytest.param([], "problem", "no record", id="none"),
        pytest.param(["v=DMARC1; p=none", "v=DMARC1; p=reject"], "problem", "2 records at", id="two"),
        pytest.param(["v=DMARC1; rua=mailto:a@b.org"], "problem", "has no policy", id="no policy"),
        pytest.param(["v=DMARC1;p=reject"], "ok", "p=reject at _dmarc.example.org", id="reject"),
        pytest.param(["v=DMARC1; p=Quarantine; adkim=s"], "ok", "p=quarantine", id="strict and equal"),
    ],
)
def test_dmarc_is_judged(record: list[str], verdict: str, told: str):
    finding = found({"TXT _dmarc.example.org": record}, DMARC)
    assert finding.verdict == verdict
    assert told in finding.told


def test_a_domain_below_another_takes_its_policy_from_there():
    zone = {"TXT _dmarc.example.org": ["v=DMARC1; p=reject; sp=none"]}
    assert found(zone, "DMARC of digest.example.org", domain="digest.example.org").told == (
        "p=none at _dmarc.example.org"
    )


@pytest.mark.parametrize(
    ("domain", "adkim", "verdict"),
    [
        ("example.org", "s", "ok"),
        ("mail.example.org", "r", "ok"),
        ("mail.example.org", "s", "problem"),
        ("example.net", "r", "problem"),
        ("notexample.org", "r", "problem"),
    ],
)
def test_a_signature_counts_for_the_senders_domain_or_it_is_a_problem(domain: str, adkim: str, verdict: str):
    zone = {"TXT _dmarc.example.org": [f"v=DMARC1; p=none; adkim={adkim}"]}
    finding = found(zone, DMARC, signer=signer(domain))
    assert finding.verdict == verdict
    if verdict == "problem":
        assert finding.told.startswith(f"signed by {domain}, which does not count for mail from example.org")


BACK = {"TXT back.example.net": ["v=spf1 ip4:1.2.3.4 -all"], "MX back.example.net": ["1 mail.example.org."]}


def test_spf_and_bounces_are_looked_for_where_mail_comes_back_to():
    with serving(well() | BACK | {"TXT example.org": [], "MX example.org": []}) as server:
        findings = examined(server, returns="back.example.net")
    assert [findings[f"{what} back.example.net"].verdict for what in ("SPF of", "mail to")] == ["ok", "ok"]
    assert findings[DMARC].verdict == "ok"  # by the signature


def test_where_neither_spf_nor_a_signature_counts_for_the_sender_it_warns():
    finding = found(BACK, DMARC, returns="back.example.net", signer=None)
    assert finding.verdict == "warning"
    assert finding.told.startswith("SPF speaks for back.example.net, which does not count for mail from example.org")
    assert found(BACK, DMARC, returns="back.example.org", signer=None).verdict == "ok"


@pytest.mark.parametrize(
    ("zone", "verdict", "told"),
    [
        pytest.param({"MX example.org": ["0 ."]}, "problem", "says that it takes none", id="null MX"),
        pytest.param({"MX example.org": ["5 gone.example.org."]}, "problem", "which has no address", id="no address"),
        pytest.param({"MX example.org": []}, "problem", "has nowhere to go", id="nothing"),
        pytest.param({"MX example.org": [], "A example.org": ["1.2.3.4"]}, "warning", "without an MX", id="address"),
        pytest.param(
            {"MX example.org": ["20 gone.example.org.", "10 mail.example.org."]}, "ok", "goes to mail", id="one of two"
        ),
    ],
)
def test_where_bounces_go_is_judged(zone: Zone, verdict: str, told: str):
    finding = found(zone, MAIL)
    assert finding.verdict == verdict
    assert told in finding.told


def test_an_endless_record_is_shown_in_part():
    finding = found({"TXT example.org": ["v=spf1 " + "exp=why.example.org " * 1000 + "ip4:1.2.3.4 -all"]}, SPF)
    assert finding.verdict == "ok"
    assert len(finding.told) < 400


def test_what_counts_of_a_long_record_may_stand_at_its_end():
    record = f"v=DMARC1; p=none; rua={','.join(['mailto:postmaster@example.org'] * 20)}; adkim=s"
    finding = found({"TXT _dmarc.example.org": [record]}, DMARC, signer=signer("lists.example.org"))
    assert (finding.verdict, "(adkim=s)" in finding.told) == ("problem", True)


def test_a_name_that_servers_fail_to_look_up_is_not_checked_and_the_others_are():
    with serving(well() | {"TXT _dmarc.example.org": ["SERVFAIL"]}) as server:
        findings = examined(server)
    assert findings[DMARC].verdict == "not checked"
    assert findings[DMARC].told == "the DNS servers fail to look up _dmarc.example.org"
    assert findings[MAIL].verdict == "ok"


def test_where_no_dns_server_answers_one_question_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(names, "_PATIENCE", 0.2)
    with serving({"TXT example.org": ["silence"]}) as server:
        findings = examined(server)
        assert set(server.asked) == {"TXT example.org"}
    assert {(finding.verdict, finding.told) for finding in findings.values()} == {
        ("not checked", "no DNS server answers")
    }


def test_a_machine_without_a_dns_server_is_told(monkeypatch: pytest.MonkeyPatch):
    def none() -> None:
        raise names.SilentError("this machine names no DNS server")

    monkeypatch.setattr(names, "resolver", none)
    findings = list(belief.examine(Names(), "example.org", "example.org", HOST, None))
    assert {finding.told for finding in findings if finding.check != "DKIM of example.org"} == {
        "this machine names no DNS server"
    }
