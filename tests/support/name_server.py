"""A DNS server on loopback that knows what a test tells it, and a resolver that asks it and nobody else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

# {"TXT example.org": ["text", …], "MX example.org": ["10 mail.example.org."], "A mail.example.org": ["1.2.3.4"]}
Zone = Mapping[str, Sequence[str]]


class NameServer:
    """Answers from a zone; ``asked`` holds the questions. A record "SERVFAIL" makes it fail, "silence" say nothing."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))

    def resolver(self) -> dns.resolver.Resolver:
        made = dns.resolver.Resolver(configure=False)
        made.nameservers = ["127.0.0.1"]
        made.port = self.socket.getsockname()[1]
        return made

    def run(self) -> None:
        while True:
            data, whom = self.socket.recvfrom(4096)
            if data == b"end":
                return
            reply = self.answer(dns.message.from_wire(data))
            if reply:
                self.socket.sendto(reply.to_wire(), whom)

    def answer(self, question: dns.message.Message) -> dns.message.Message | None:
        wanted = question.question[0]
        name, kind = wanted.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(wanted.rdtype)
        self.asked.append(f"{kind} {name}")
        values = list(self.zone.get(f"{kind} {name}", ()))
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.RA
        if values == ["silence"]:
            return None
        if values == ["SERVFAIL"]:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif values:
            texts = [_strings(value) for value in values] if kind == "TXT" else values
            reply.answer.append(dns.rrset.from_text_list(wanted.name, 60, "IN", kind, texts))
        elif not any(known.endswith(f" {name}") for known in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply


def _strings(text: str) -> str:
    """Part a text into strings of a TXT record, which hold 255 octets each."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))


@contextmanager
def serving(zone: Zone) -> Iterator[NameServer]:
    """Run a server for as long as the block lasts."""
    server = NameServer(zone)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"end", server.socket.getsockname())
        thread.join(10)
        server.socket.close()
