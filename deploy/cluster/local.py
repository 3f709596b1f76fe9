#!/usr/bin/python3
"""The cluster of this folder on one machine, to try it: ./dev cluster.

An etcd, three PostgreSQL members under Patroni, two Onsale nodes and HAProxy before them, each a
process of its own on loopback, from the files beside this one. Prints the addresses and runs until
it is interrupted or its parent ends; then ends everything it started and deletes the data.

Started by root, all but the nodes run as an unprivileged user, who need not be able to read these
files: a home is often its owner's alone. That user gets copies.
"""

import argparse
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
MEMBERS = ("pg1", "pg2", "pg3")
NODES = ("node1", "node2")
READY_SECONDS_MAX = 120
END_SECONDS_MAX = 30


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, interrupt)
    # PostgreSQL refuses to run as root.
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    folder = make_folder(owner)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            cluster = stack.enter_context(Cluster(folder, options.onsale, owner))
            cluster.start(demo=not options.empty)
            print(json.dumps(cluster.addresses()) if options.json else cluster.words(), flush=True)
            # When it was started by a test that died, it ends as well.
            while os.getppid() == options.parent and cluster.look():
                time.sleep(0.5)
        except KeyboardInterrupt:
            say("ending")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--onsale", type=Path, required=True, help="the program")
    parser.add_argument("--empty", action="store_true", help="without the demo's data")
    parser.add_argument("--json", action="store_true", help="print the addresses as JSON")
    options = parser.parse_args()
    options.parent = os.getppid()
    return options


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def say(text: str) -> None:
    print(f"cluster: {text}", file=sys.stderr, flush=True)


def make_folder(owner: pwd.struct_passwd | None) -> Path:
    """Where `owner` can get: TMPDIR may be a folder that others cannot enter."""
    parents = dict.fromkeys((tempfile.gettempdir(), "/tmp"))
    for parent in parents:
        folder = Path(tempfile.mkdtemp(prefix="onsale-cluster-", dir=parent))
        folder.chmod(0o755)
        if owner is None or may_enter(owner, folder):
            return folder
        folder.rmdir()
    raise SystemExit(f"cluster: the user {owner.pw_name} can get to no folder in {' or '.join(parents)};"
                     " set TMPDIR to one where it can")


def may_enter(owner: pwd.struct_passwd, folder: Path) -> bool:
    done = subprocess.run(["/usr/bin/test", "-x", folder], check=False, cwd="/", **as_user(owner))
    return done.returncode == 0


def as_user(owner: pwd.struct_passwd) -> dict[str, object]:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


class Cluster:
    """`processes` are by name, in the order they were started in. `owner` is whom all but the nodes
    run as, if that is somebody else."""

    def __init__(self, folder: Path, onsale: Path, owner: pwd.struct_passwd | None) -> None:
        self.folder = folder
        self.owner = owner
        self.onsale = onsale.resolve()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.passwords = {user: secrets.token_hex(16) for user in ("postgres", "replicator", "onsale")}
        names = ("etcd", "etcd_peer", "front", *NODES, *MEMBERS, *(f"{m}_api" for m in MEMBERS))
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes.values()):
            end(process)
        end_all_in(self.folder)

    # -- starting --

    def start(self, *, demo: bool) -> None:
        say(f"everything is in {self.folder}, one log for each process")
        self.start_etcd()
        for member in MEMBERS:
            self.start_member(member)
        self.wait("a primary with a synchronous standby", self.has_standby)
        self.make_database()
        for node in NODES:
            self.start_node(node, demo=demo and node == NODES[0])
            self.wait(f"{node}", lambda: answers(self.url(node) + "/readyz"))  # noqa: B023
        self.start_front()
        self.wait("HAProxy", lambda: answers(self.url("front") + "/readyz"))

    def start_etcd(self) -> None:
        # One member is enough to try it. In production: three, on the machines of PostgreSQL.
        client, peer = self.url("etcd"), self.url("etcd_peer")
        self.run("etcd", "etcd", "--name=etcd", f"--data-dir={self.private('etcd')}",
                 f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
                 f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
                 f"--initial-cluster=etcd={peer}")
        self.wait("etcd", lambda: answers(client + "/health"))

    def start_member(self, name: str) -> None:
        data = self.private(name)
        api, database = self.address(f"{name}_api"), self.address(name)
        self.run(name, "patroni", self.copied("patroni.yml"), environment={
            "PATRONI_NAME": name,
            "PATRONI_ETCD3_HOSTS": f"'{self.address('etcd')}'",
            "PATRONI_RESTAPI_LISTEN": api, "PATRONI_RESTAPI_CONNECT_ADDRESS": api,
            "PATRONI_POSTGRESQL_LISTEN": database,
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": database,
            "PATRONI_POSTGRESQL_DATA_DIR": str(data / "data"),
            "PATRONI_POSTGRESQL_BIN_DIR": str(POSTGRESQL),
            "PATRONI_POSTGRESQL_PGPASS": str(data / "pgpass"),
            "PATRONI_SUPERUSER_USERNAME": "postgres",
            "PATRONI_SUPERUSER_PASSWORD": self.passwords["postgres"],
            "PATRONI_REPLICATION_USERNAME": "replicator",
            "PATRONI_REPLICATION_PASSWORD": self.passwords["replicator"]})

    def start_node(self, name: str, *, demo: bool) -> None:
        self.run(name, str(self.onsale), "serve", "--config", str(HERE / "onsale.toml"),
                 "--listen", self.address(name), *(["--demo"] if demo else []),
                 environment={"ONSALE_DATABASE__URL": self.database_url()}, as_owner=False)

    def start_front(self) -> None:
        self.run("haproxy", "/usr/sbin/haproxy", "-db", "-f", self.copied("haproxy.cfg"),
                 environment={"FRONT": self.address("front"), "NODE_1": self.address("node1"),
                              "NODE_2": self.address("node2")})

    def make_database(self) -> None:
        """What an operator does once."""
        for sql in (f"create role onsale login password '{self.passwords['onsale']}'",
                    "create database onsale owner onsale template template0"):
            psql(self.database_url("postgres", "postgres"), sql).check_returncode()
        # A member that does not know it yet would refuse us, and libpq asks no other one then.
        self.wait("the database on every member", lambda: not any(
            psql(f"postgresql://onsale:{self.passwords['onsale']}@{self.address(member)}/onsale",
                 "select").returncode for member in MEMBERS))

    # -- what there is --

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self.ports[name]}"

    def url(self, name: str) -> str:
        return f"http://{self.address(name)}"

    def database_url(self, user: str = "onsale", database: str = "onsale") -> str:
        hosts = ",".join(self.address(member) for member in MEMBERS)
        return (f"postgresql://{user}:{self.passwords[user]}@{hosts}/{database}"
                "?target_session_attrs=read-write")

    def members(self) -> list[dict[str, object]]:
        for member in MEMBERS:
            try:
                with urllib.request.urlopen(self.url(f"{member}_api") + "/cluster", timeout=2) as reply:
                    return json.load(reply)["members"]
            except OSError:
                continue
        return []

    def has_standby(self) -> bool:
        roles = [member["role"] for member in self.members() if member.get("state") == "running"]
        return "leader" in roles and "sync_standby" in roles

    def addresses(self) -> dict[str, object]:
        return {"front": self.url("front"), "nodes": [self.url(node) for node in NODES],
                "database": self.database_url(), "folder": str(self.folder),
                "patroni": {member: self.url(f"{member}_api") for member in MEMBERS},
                "data": {member: str(self.folder / member / "data") for member in MEMBERS},
                "processes": {name: process.pid for name, process in self.processes.items()}}

    def words(self) -> str:
        lines = [f"buyers      {self.url('front')}"]
        lines += [f"{node}       {self.url(node)}" for node in NODES]
        lines += [f"{member}         {self.address(member)}, Patroni at {self.url(f'{member}_api')}/cluster"
                  for member in MEMBERS]
        lines += [f"database    {self.database_url()}", "Ctrl-C ends all of it"]
        return "\n".join(lines)

    # -- processes --

    def private(self, name: str) -> Path:
        """A folder for the unprivileged user."""
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        return path

    def copied(self, name: str) -> str:
        """A file of this folder where the unprivileged user can read it."""
        copy = self.folder / name
        shutil.copyfile(HERE / name, copy)
        copy.chmod(0o644)
        return str(copy)

    def run(self, name: str, *command: str, environment: dict[str, str] | None = None,
            as_owner: bool = True) -> None:
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TZ") if key in os.environ}
        owner = self.owner if as_owner else None
        with (self.folder / f"{name}.log").open("ab") as log:
            try:
                self.processes[name] = subprocess.Popen(
                    command, cwd=self.private(name) if as_owner else self.folder,
                    env=kept | (environment or {}), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, **(as_user(owner) if owner else {}))
            except OSError as error:
                who = f" as the user {owner.pw_name}" if owner else ""
                raise SystemExit(f"cluster: {name} cannot be started{who}: {error}") from error

    def look(self) -> bool:
        """Says once of each process that it has ended: whoever killed it wants to see what then."""
        for name, process in self.processes.items():
            if process.returncode is None and process.poll() is not None:
                say(f"{name} has ended ({process.returncode})")
        return True

    def wait(self, what: str, there) -> None:
        say(f"waiting for {what}")
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not there():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise SystemExit(f"cluster: {name} has ended\n{self.log(name)}")
            if time.monotonic() > deadline:
                logs = "\n".join(f"--- {name}\n{self.log(name)}" for name in self.processes)
                raise SystemExit(f"cluster: no {what} after {READY_SECONDS_MAX} s\n{logs}")
            time.sleep(0.1)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")[-3000:]


def psql(url: str, sql: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
                           f"--command={sql}", url], stdin=subprocess.DEVNULL, capture_output=True)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            found.append(listener.getsockname()[1])
        return found


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_all_in(folder: Path) -> None:
    """PostgreSQL outlives a Patroni that was killed; its current folder is its data."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder):
                os.kill(int(pid), signal.SIGKILL)
        except OSError:
            pass


if __name__ == "__main__":
    sys.exit(main())
