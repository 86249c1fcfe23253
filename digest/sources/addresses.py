"""Which addresses are somebody's on the Internet: text in, why it may not be asked out.

After IANA's registries of special-purpose addresses
(https://www.iana.org/assignments/iana-ipv4-special-registry, and -ipv6-special-registry beside it) and of IPv6 unicast
(https://www.iana.org/assignments/ipv6-unicast-address-assignments: 2000::/3 alone is given out). The standard library's
``is_global`` differs from version to version, and calls addresses global that lead to private ones in disguise.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Networks = Sequence[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str]]

_IPV4: _Networks = [
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "this machine's"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "a provider's own"),
        ("127.0.0.0/8", "this machine's"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documents"),
        ("192.31.196.0/24", "reserved"),
        ("192.52.193.0/24", "reserved"),
        ("192.88.99.0/24", "a relay's"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved"),
        ("198.18.0.0/15", "for measuring"),
        ("198.51.100.0/24", "for documents"),
        ("203.0.113.0/24", "for documents"),
        ("224.0.0.0/4", "for many at once"),
        ("240.0.0.0/4", "reserved"),
    )
]
_IPV6: _Networks = [
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("::1/128", "this machine's"),
        ("::ffff:0:0/96", "IPv4 in disguise"),
        ("64:ff9b:1::/48", "IPv4 in disguise"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "for many at once"),
        ("2001::/32", "IPv4 in disguise"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documents"),
        ("2002::/16", "IPv4 in disguise"),
        ("2620:4f:8000::/48", "reserved"),
        ("3fff::/20", "for documents"),
    )
]
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# What networks without IPv4 translate it to and from (RFC 6052, section 2.1): as good as the address within.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def refusal(address: str) -> str:
    """Return what keeps an address from being asked, such as ``private``; "" for one of the Internet."""
    try:
        found: _Address = ipaddress.ip_address(address)
    except ValueError:
        return "no address"
    if found in _TRANSLATED:
        found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    named = next((kind for network, kind in (*_IPV4, *_IPV6) if found in network), "")
    return named or ("reserved" if found.version == 6 and found not in _GIVEN_OUT else "")
