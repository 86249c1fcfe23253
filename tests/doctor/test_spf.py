"""SPF: what the record of a domain says of an address, by the letter of RFC 7208."""

from __future__ import annotations

import ipaddress
import time

import pytest
from name_server import serving

from digest.service.doctor import spf
from digest.service.doctor.names import Names

SERVER = "1.2.3.4"
RELAY = {"TXT relay.example.net": ["v=spf1 ip4:1.2.3.0/24 -all"], "TXT bare.example.net": ["v=spf1 -all"]}
HOSTS = {
    "A example.org": ["1.2.3.4"],
    "MX example.org": ["10 mail.example.org.", "5 other.example.org."],
    "A mail.example.org": ["1.2.3.4"],
    "A other.example.org": ["9.9.9.9"],
    "AAAA mail.example.org": ["2a00:1::5"],
}


def said(record: str | list[str], address: str = SERVER) -> str:
    records = [record] if isinstance(record, str) else record
    with serving({"TXT example.org": records, **RELAY, **HOSTS}) as server:
        try:
            return spf.result(Names(server.resolver()), "example.org", ipaddress.ip_address(address))
        except spf.BrokenError as error:
            return f"broken: {error}"
        except spf.UnclearError as error:
            return f"unclear: {error}"


@pytest.mark.parametrize(
    ("record", "address", "result"),
    [
        pytest.param("v=spf1 ip4:1.2.3.4 -all", SERVER, "pass", id="the address itself"),
        pytest.param("v=spf1 ip4:1.2.0.0/16 -all", SERVER, "pass", id="a network it is in"),
        pytest.param("v=spf1 ip4:1.3.0.0/16 -all", SERVER, "fail", id="a network it is not in"),
        pytest.param("v=spf1 ip6:2a00:1::/32 -all", "2a00:1::7", "pass", id="IPv6"),
        pytest.param("v=spf1 ip6:2a00:1::/32 -all", SERVER, "fail", id="the other IP"),
        pytest.param("v=spf1 ip4:9.9.9.9 ~all", SERVER, "softfail", id="soft end"),
        pytest.param("v=spf1 ip4:9.9.9.9 ?all", SERVER, "neutral", id="neutral end"),
        pytest.param("v=spf1 ip4:9.9.9.9", SERVER, "neutral", id="no end"),
        pytest.param("v=spf1 -ip4:1.2.3.4 +all", SERVER, "fail", id="refused by name"),
        pytest.param("v=spf1 a -all", SERVER, "pass", id="the domain's own address"),
        pytest.param("v=spf1 a:mail.example.org -all", SERVER, "pass", id="a host's address"),
        pytest.param("v=spf1 a:other.example.org/8 -all", "9.1.1.1", "pass", id="around a host's address"),
        pytest.param("v=spf1 a:mail.example.org//64 -all", "2a00:1::9", "pass", id="around a host's IPv6 address"),
        pytest.param("v=spf1 mx -all", SERVER, "pass", id="who takes its mail"),
        pytest.param("v=spf1 mx:nobody.example.org -all", SERVER, "fail", id="who takes mail of another"),
        pytest.param("v=spf1 include:relay.example.net -all", SERVER, "pass", id="included"),
        pytest.param("v=spf1 include:bare.example.net ~all", SERVER, "softfail", id="included and refused goes on"),
        pytest.param("v=spf1 redirect=bare.example.net", SERVER, "fail", id="redirected"),
        pytest.param("v=spf1 redirect=bare.example.net ip4:1.2.3.4", SERVER, "pass", id="redirected only at the end"),
        pytest.param("v=spf1 ptr exp=why.example.org -all", SERVER, "fail", id="ptr and exp change nothing"),
        pytest.param("V=SPF1 IP4:1.2.3.4 -ALL", SERVER, "pass", id="capitals"),
        pytest.param(["x=1", "v=spf10 +all", "v=spf1 -all"], SERVER, "fail", id="among other texts"),
        pytest.param(["x=1"], SERVER, "none", id="no record"),
    ],
)
def test_a_record_says_of_an_address(record: str | list[str], address: str, result: str):
    assert said(record, address) == result


@pytest.mark.parametrize(
    ("record", "why"),
    [
        pytest.param(["v=spf1 -all", "v=spf1 mx -all"], "broken: example.org has 2 records", id="two records"),
        pytest.param("v=spf1 ipv4:1.2.3.4 -all", "broken: 'ipv4:1.2.3.4' is no part of a record", id="unknown word"),
        pytest.param("v=spf1 ip4:1.2.3.4 oops", "broken: 'oops' is no part of a record", id="behind what decides"),
        pytest.param("v=spf1 ip4:1.2.3.400 -all", "broken: '1.2.3.400' is no address", id="no address"),
        pytest.param("v=spf1 include:none.example.net -all", "broken: include leads to none.example.net", id="include"),
        pytest.param("v=spf1 redirect=none.example.net", "broken: redirect leads to none.example.net", id="redirect"),
        pytest.param("v=spf1 include:example.org -all", "broken: it takes more than 10 questions", id="a circle"),
        pytest.param("v=spf1 redirect=example.org", "broken: it takes more than 10 questions", id="round and round"),
        pytest.param("v=spf1 exists:%{i}.example.org -all", "unclear: '%{i}.example.org' depends", id="macro"),
    ],
)
def test_a_record_that_receivers_ignore_is_told_with_the_reason(record: str | list[str], why: str):
    assert said(record).startswith(why)


@pytest.mark.parametrize("term", ["a:" + ":" * 20_000 + "/x", "a:" + "1:" * 10_000 + "/x", "include:" + "x" * 20_000])
def test_an_endless_part_is_none_and_costs_no_time(term: str):
    begun = time.process_time()
    assert said(f"v=spf1 {term} -all").startswith(f"broken: '{term[:50]}")
    assert time.process_time() - begun < 1  # the pattern alone took ten


def test_ten_questions_are_not_too_many():
    names = [f"v=spf1 {' '.join(f'a:h{number}.example.org' for number in range(count))} -all" for count in (10, 11)]
    assert [said(record)[:6] for record in names] == ["fail", "broken"]
