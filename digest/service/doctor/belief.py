"""What the DNS says of the sender: SPF, the keys of DKIM, DMARC, and who takes its mail."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from digest import dkim
from digest.service.doctor import spf
from digest.service.doctor.finding import Finding, ok, problem, unchecked, warning
from digest.service.doctor.names import Names, SilentError
from digest.text import shortened

_SHOWN = 300  # characters of a record
_NO_PROVIDER = "the large providers refuse bulk mail without it"


def examine(names: Names, domain: str, returns: str, host: str, signer: dkim.Signer | None) -> Iterator[Finding]:
    """Yield what there is to say of mail from ``domain``, by the server ``host``, that comes back to ``returns``.

    Both domains are in ASCII. SPF speaks for the one that mail comes back to (RFC 7208, section 2.4).
    """
    yield _asked(f"SPF of {returns}", partial(_spf, names, returns, host))
    if signer:
        yield from (_asked(f"DKIM key {key.selector}", partial(_key, names, signer.domain, key)) for key in signer.keys)
    else:
        mend = "does the mail server sign? else: digest dkim new"
        yield unchecked(f"DKIM of {domain}", "Digest signs nothing, since there are no dkim.keys", mend)
    yield _asked(f"DMARC of {domain}", partial(_dmarc, names, domain, returns, signer))
    yield _asked(f"mail to {returns}", partial(_exchangers, names, returns))


def _asked(check: str, look: Callable[[], Finding]) -> Finding:
    try:
        found = look()
    except SilentError as error:
        return unchecked(check, str(error))
    return Finding(check, found.verdict, found.told, found.mend)


# --- SPF -----------------------------------------------------------------------------------------


def _spf(names: Names, domain: str, host: str) -> Finding:
    found = spf.records(names, domain)
    addresses = _outside(names, host)
    if not found:
        named = " ".join(f"ip{address.version}:{address}" for address in addresses) or "mx"
        return problem("", f"no record; {_NO_PROVIDER}", f'publish: {domain}. IN TXT "v=spf1 {named} -all"')
    if len(found) > 1:
        return problem("", f"{len(found)} records, so that receivers ignore them all", "put them into one")
    record = shortened(found[0], _SHOWN)
    try:
        return _spf_of(names, domain, record, host, addresses)
    except spf.BrokenError as error:
        return problem("", f"receivers ignore the record {record!r}: {error}", "mend it")
    except spf.UnclearError as error:
        return ok("", f"one record; whether it names the server cannot be told: {error}")


def _spf_of(names: Names, domain: str, record: str, host: str, addresses: Sequence[spf.Address]) -> Finding:
    if spf.result(names, domain, ipaddress.ip_address("192.0.2.1")) == "pass":  # nobody's (RFC 5737)
        return warning("", f"{record!r} lets everybody send in your name", "end it with -all or ~all")
    if not addresses:
        return ok("", f"{record!r}; does it name the address that mail leaves from? {host} does not tell which that is")
    for address in addresses:
        if (result := spf.result(names, domain, address)) != "pass":
            told = f"{record!r} does not name {address}, the address of {host}: {result}"
            return warning("", told, f"add ip{address.version}:{address}, unless mail leaves from another address")
    return ok("", f"{record!r} names {', '.join(map(str, addresses))}")


def _outside(names: Names, host: str) -> list[spf.Address]:
    """Return the addresses of the server that the world may see; of one in a private network, none."""
    try:
        found = [host] if re.fullmatch(r"[\d.]+|[\da-fA-F:.]*:[\da-fA-F:.]*", host) else names.addresses(host)
        addresses = [ipaddress.ip_address(address) for address in found] if host != "localhost" else []
    except ValueError:
        return []
    return [address for address in addresses if address.is_global]


# --- DKIM ----------------------------------------------------------------------------------------


def _key(names: Names, domain: str, key: dkim.Key) -> Finding:
    name, wanted = dkim.record_name(key.selector, domain), dkim.record(key.private)
    mend = f'publish: {name}. IN TXT "{wanted}"'
    found = names.texts(name)
    if not found:
        return problem("", f"no record at {name}", mend)
    if len(found) > 1:
        return problem("", f"{len(found)} records at {name}, where one belongs", mend)
    tags = _tags(found[0])
    if not tags.get("p"):
        return problem("", f"the record at {name} says that the key is withdrawn", mend)
    if re.sub(r"\s", "", tags["p"]) != dkim.public_value(key.private):
        return problem("", f"the record at {name} is of another key", mend)
    if tags.get("k", "rsa") != _tags(wanted)["k"] or tags.get("v", "DKIM1") != "DKIM1":
        return problem("", f"the record at {name} names another kind of key", mend)
    if "y" in tags.get("t", "").split(":"):
        return warning("", f"the record at {name} says t=y, a test, so that receivers may ignore it", "take t=y away")
    return ok("", f"the record at {name} is that of the private key")


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


# --- DMARC ---------------------------------------------------------------------------------------


def _dmarc(names: Names, domain: str, returns: str, signer: dkim.Signer | None) -> Finding:
    at, found = _policy(names, domain)
    if not found:
        mend = f'publish: _dmarc.{domain}. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"'
        return problem("", f"no record; {_NO_PROVIDER}", mend)
    if len(found) > 1:
        return problem("", f"{len(found)} records at {at}, so that receivers ignore them all", "keep one")
    tags = _tags(found[0])
    policy = tags.get("p", "") if at == f"_dmarc.{domain}" else tags.get("sp", tags.get("p", ""))
    if policy.lower() not in ("none", "quarantine", "reject"):
        told = f"the record at {at} has no policy: {shortened(found[0], _SHOWN)!r}"
        return problem("", told, "write p=none, p=quarantine or p=reject")
    adkim, aspf = ("s" if tags.get(name, "r").lower() == "s" else "r" for name in ("adkim", "aspf"))
    if signer and not _aligned(signer.domain, domain, strict=adkim == "s"):
        told = f"signed by {signer.domain}, which does not count for mail from {domain} (adkim={adkim})"
        return problem("", told, "leave dkim.domain out, and publish the keys there")
    if not signer and not _aligned(returns, domain, strict=aspf == "s"):
        told = f"SPF speaks for {returns}, which does not count for mail from {domain}, and Digest does not sign"
        return warning("", told, "set dkim.keys, or a return path there")
    return ok("", f"p={policy.lower()} at {at}")


def _policy(names: Names, domain: str) -> tuple[str, list[str]]:
    """Return where the record stands, and it: at the domain, else at the nearest domain above that has one."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        at = f"_dmarc.{'.'.join(labels[start:])}"
        if found := [text for text in names.texts(at) if re.match(r"v=DMARC1\s*(;|$)", text)]:
            return at, found
    return "", []


def _aligned(speaking: str, sender: str, *, strict: bool) -> bool:
    """Tell whether a domain speaks for the sender's: the same, or, relaxed, one above or below."""
    one, other = speaking.lower(), sender.lower()
    return one == other or (not strict and (one.endswith(f".{other}") or other.endswith(f".{one}")))


# --- where bounces go ----------------------------------------------------------------------------


def _exchangers(names: Names, domain: str) -> Finding:
    hosts = names.exchangers(domain)
    if hosts and not any(hosts):
        return problem("", "the domain says that it takes none, so bounces are lost", "publish an MX record")
    reached = [host for host in hosts if names.addresses(host)]
    if reached:
        return ok("", f"goes to {', '.join(reached)}")
    if hosts:
        return problem("", f"goes to {', '.join(hosts)}, which has no address", "mend the MX record")
    if names.addresses(domain):
        return warning("", f"goes to {domain} itself, without an MX record", "is a mail server there?")
    return problem("", "has nowhere to go, so bounces are lost", "publish an MX record")
