"""A Postfix of its own for a test: on loopback, with its configuration, queue and mailboxes in a new folder."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

PROGRAM = shutil.which("postfix") or "/usr/sbin/postfix"
_PATIENCE = 30.0  # seconds
_ATTEMPTS = 3

_MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/log/maillog
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
relayhost =
default_transport = error:5.4.6 nothing leaves this test
virtual_mailbox_domains = example.org
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = inline:{{ {transports} }}
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_sasl_auth_enable = no
smtpd_tls_security_level = none
smtputf8_enable = yes
alias_maps =
alias_database =
bounce_queue_lifetime = 0
""".strip()

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
gone      unix  -       n       n       -       -       pipe user=nobody argv={root}/gone
postlog   unix-dgram n  -       n       -       1       postlogd
""".strip()


def lacking() -> str:
    """Return why no Postfix can be started here, or "" where it can."""
    if os.geteuid() != 0:
        return "Postfix can be started by root alone"
    return "" if Path(PROGRAM).exists() else "there is no Postfix here"


class Postfix:
    """A running one; ``host`` and ``port`` are where it listens."""

    host = "127.0.0.1"

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.port = port

    def mail(self, address: str, count: int = 1) -> list[bytes]:
        """Wait until somebody has so many messages; return them as they lie there, with line ends as they are."""
        folder = self.root / "mail" / address.partition("@")[0]
        until = time.monotonic() + _PATIENCE
        while len(found := sorted(folder.glob("new/*"))) < count:
            assert time.monotonic() < until, f"{address} has {len(found)} of {count}\n{self.log()}"
            time.sleep(0.02)  # delivery is another process's work, which tells nobody when it is done
        return [path.read_bytes() for path in found]

    def log(self) -> str:
        """Return the server's log."""
        return (self.root / "log" / "maillog").read_text("utf-8", "replace")


@contextlib.contextmanager
def running(mailboxes: Mapping[str, str]) -> Iterator[Postfix]:
    """Run a Postfix for as long as the block lasts.

    ``mailboxes`` are addresses of example.org, each with a transport: "" delivers, ``gone:`` takes the message and
    bounces it, as a server behind another would. Whoever is not among them is refused.
    """
    with contextlib.ExitStack() as stack:
        yield _started(mailboxes, stack)


def _started(mailboxes: Mapping[str, str], stack: contextlib.ExitStack) -> Postfix:
    """Start one, which the stack ends; where a program took the port meanwhile, another, on another port."""
    for attempt in range(_ATTEMPTS):
        # Not below a folder that only we may enter, as pytest's are: Postfix's own user has to.
        root = Path(tempfile.mkdtemp(prefix="postfix-"))
        root.chmod(0o755)
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        server = Postfix(root, _free_port())
        _write(server, mailboxes)
        try:
            _postfix(root, "start")
            stack.callback(_postfix, root, "stop")
            _answering(server)
        except AssertionError:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return server
    raise AssertionError("unreachable")


def _write(server: Postfix, mailboxes: Mapping[str, str]) -> None:
    root, owner = server.root, pwd.getpwnam("nobody")
    for folder in ("etc", "queue", "data", "log", "mail"):
        (root / folder).mkdir()
    os.chown(root / "data", pwd.getpwnam("postfix").pw_uid, -1)
    os.chown(root / "mail", owner.pw_uid, owner.pw_gid)
    places = {
        "mailboxes": ", ".join(f"{{ {address} = {address.partition('@')[0]}/ }}" for address in mailboxes),
        "transports": ", ".join(f"{{ {address} = {how or 'virtual:'} }}" for address, how in mailboxes.items()),
        "uid": owner.pw_uid,
        "gid": owner.pw_gid,
    }
    (root / "etc" / "main.cf").write_text(_MAIN.format(root=root, **places) + "\n")
    (root / "etc" / "master.cf").write_text(_MASTER.format(root=root, port=server.port) + "\n")
    (root / "gone").write_text("#!/bin/sh\necho 5.1.1 nobody of that name\nexit 67\n")
    (root / "gone").chmod(0o755)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _postfix(root: Path, what: str) -> None:
    ended = subprocess.run(
        [PROGRAM, "-c", str(root / "etc"), what], capture_output=True, text=True, timeout=60, check=False
    )
    log = root / "log" / "maillog"
    assert ended.returncode == 0, f"{ended.stderr}\n{log.read_text() if log.exists() else ''}"


def _answering(server: Postfix) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            with socket.create_connection((server.host, server.port), 5) as made:
                if made.recv(100).startswith(b"220"):
                    return
        except OSError:
            pass
        assert time.monotonic() < until, server.log()
        time.sleep(0.02)
