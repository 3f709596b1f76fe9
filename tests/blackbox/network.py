"""A PostgreSQL server on a host of its own, behind a router that can stop forwarding.

Hosts are network namespaces, joined by virtual cables; making them needs root. A router that does
not forward drops what it is given and says nothing, so to both ends the network is just silent: no
connection is closed, and none of the programs has a part in it.
"""

import os
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from blackbox.postgres import Postgres, running

# RFC 2544 keeps 198.18.0.0/15 for tests of networks. Each takes eight addresses of it, whichever: two
# cables, each with a network of four.
NETWORKS = 1 << 14


class Network:
    """This machine, a router and a host behind it."""

    def __init__(self) -> None:
        base = secrets.randbelow(NETWORKS) * 8
        self.near, self.near_router, self.far_router, self.far = (
            f"198.{18 + (base >> 16)}.{base >> 8 & 255}.{(base & 255) + host}"
            for host in (1, 2, 5, 6))
        # Nobody else's, also not of a run that was killed and had the same number.
        name = f"onsale{secrets.token_hex(4)}"
        self.router, self.host, self.cable = (f"{name}{what}" for what in ("r", "h", "c"))

    def make(self) -> None:
        ip("netns", "add", self.host)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "near", "netns", self.router)
        ip("-n", self.router, "link", "add", "far", "type", "veth",
           "peer", "name", "wire", "netns", self.host)
        ip("address", "add", f"{self.near}/30", "dev", self.cable)
        ip("-n", self.router, "address", "add", f"{self.near_router}/30", "dev", "near")
        ip("-n", self.router, "address", "add", f"{self.far_router}/30", "dev", "far")
        ip("-n", self.host, "address", "add", f"{self.far}/30", "dev", "wire")
        ip("link", "set", self.cable, "up")
        for namespace, device in ((self.router, "near"), (self.router, "far"),
                                  (self.host, "wire"), (self.host, "lo")):
            ip("-n", namespace, "link", "set", device, "up")
        ip("route", "add", f"{self.far}/32", "via", self.near_router)
        ip("-n", self.host, "route", "add", "default", "via", self.far_router)
        self.mend()

    def cut(self) -> None:
        self._forward(0)

    def mend(self) -> None:
        self._forward(1)

    def _forward(self, yes: int) -> None:
        ip("netns", "exec", self.router, "sh", "-c", f"echo {yes} >/proc/sys/net/ipv4/ip_forward")


class NoNetwork(Exception):
    """This machine does not let us make one; says what it was that failed."""


def ip(*words: str) -> None:
    command = ["ip", *words]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise NoNetwork(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise NoNetwork(f"{shlex.join(command)}: {error.stderr.strip()}") from error


@contextmanager
def network() -> Iterator[Network]:
    """Raises NoNetwork. Root alone may make one, and also root not everywhere: a container often
    has namespaces and no cables, or cables and settings that cannot be written. So only making all
    of it tells."""
    if os.geteuid() != 0:
        raise NoNetwork("only root may")
    made = Network()
    with ExitStack() as end:
        # Whatever of it there is by then. Addresses and routes go with their cable, and that one at
        # once: the end of a namespace takes its time.
        for what in (("netns", "delete", made.router), ("netns", "delete", made.host),
                     ("link", "delete", made.cable)):
            end.callback(subprocess.run, ["ip", *what], check=False, capture_output=True)
        ip("netns", "add", made.router)
        made.make()
        yield made


@contextmanager
def remote_postgres(of: Network, folder: Path) -> Iterator[Postgres]:
    """A server on the host behind the router. `remote(url)` is the way to it through the network;
    the Unix socket of its other URLs is not part of that."""
    on_host = ["ip", "netns", "exec", of.host]
    with running(folder, prefix=on_host, options=f"-c listen_addresses={of.far}") as server:
        with (folder / "home" / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all onsale {of.near}/32 trust\n")
        server.execute("select pg_reload_conf()")
        yield server


def remote(url: str, of: Network) -> str:
    """The same database by way of the network."""
    path = url.partition("?")[0].removeprefix("postgresql:///")
    return f"postgresql://onsale@{of.far}:5432/{path}"
