"""Which addresses may be asked, how web addresses are taken apart, and waiting for a host's turn."""

from __future__ import annotations

import threading
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from asked_sources import cases
from faulty_http import Time
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.sources.addresses import refusal
from digest.sources.network import looked_up
from digest.sources.politeness import Politeness
from digest.sources.target import target


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.215.14", "192.0.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1"],
)
def test_an_address_of_the_internet_may_be_asked(address: str):
    assert refusal(address) == ""


FORBIDDEN = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.168.0.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:1.1.1.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:101:101::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "nonsense",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_another_address_may_not_be_asked(address: str):
    assert refusal(address)


@given(st.integers(0, 2**32 - 1))
def test_nothing_that_the_standard_library_calls_private_may_be_asked_in_any_disguise(number: int):
    inner = IPv4Address(number)
    if not inner.is_global or inner.is_multicast:
        disguises = (0xFFFF << 32, 0, 0x64FF9B << 96, 0x2002 << 112)
        shifted = [IPv6Address(prefix | number) for prefix in disguises[:3]] + [
            IPv6Address(disguises[3] | number << 80)
        ]
        assert all(refusal(str(address)) for address in (inner, *shifted))


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_no_private_address_of_ipv6_may_be_asked(address: IPv6Address):
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert refusal(str(address))


# ---- web addresses


@cases(
    "address, whole",
    {
        "the root": ("https://example.org", "https://example.org/"),
        "a port of its own": ("http://example.org:8080/a", "http://example.org:8080/a"),
        "the usual port": ("https://example.org:443/a", "https://example.org/a"),
        "capitals": ("HTTP://EXAMPLE.org/A", "http://example.org/A"),
        "a query": ("http://example.org?a=b c&d=%20", "http://example.org/?a=b%20c&d=%20"),
        "a place in the page": ("http://example.org/a#b", "http://example.org/a"),
        "letters beyond ASCII": ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        "a full stop at the end": ("http://example.org./", "http://example.org/"),
        "IPv6": ("http://[2606:4700:0::1111]:81/", "http://[2606:4700::1111]:81/"),
        "line ends": ("http://example.org/\r\nX: y", "http://example.org/X:%20y"),
    },
)
def test_an_address_is_taken_apart(address: str, whole: str):
    assert str(target(address)) == whole


@given(st.text(max_size=60), st.sampled_from(["http://example.org/", "http://", "", "//", "https://[", "http://a:"]))
def test_any_text_is_an_address_to_be_sent_or_refused_in_a_line(text: str, start: str):
    base = target("https://example.org/a/b")
    try:
        found = target(start + text, base)
    except SourceError as error:
        told = str(error)
    else:
        told = str(found)
        assert told.isascii()
        assert " " not in told
        assert str(target(told)) == told
    assert "\n" not in told


def test_no_host_is_a_number_in_disguise():
    found = target("http://①②⑦.0.0.1/")
    assert ip_address(found.host) == IPv4Address("127.0.0.1")


# ---- turns, and looking up


def test_a_host_gets_one_request_in_three_seconds_and_others_do_not_wait():
    time = Time()
    politeness = Politeness(time.clock, time.sleep)
    for host in ("a", "b", "a", "a", "b"):
        politeness.wait(host)
    assert time.slept == [3.0, 3.0]
    time.now += 10
    politeness.wait("a")
    assert time.slept == [3.0, 3.0]


def test_threads_wait_for_each_other():
    slept: list[float] = []
    politeness = Politeness(lambda: 100.0, slept.append)
    threads = [threading.Thread(target=politeness.wait, args=("a",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [3.0, 6.0, 9.0, 12.0]


def test_a_name_of_this_machine_is_looked_up():
    assert set(looked_up("localhost", 10)) <= {"127.0.0.1", "::1"}


def test_a_name_that_is_none_is_an_error_that_can_be_told():
    with pytest.raises(OSError, match="label"):
        looked_up("a" * 70 + ".invalid", 10)
