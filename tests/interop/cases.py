"""What all families of peers share: a case, and where things are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import peers

ROOT = Path(__file__).resolve().parents[2]
TRANSPORTS = {
    "http": "HTTP",
    "udp": "UDP",
    "tcp": "TCP",
    "tls": "TLS",
    "rtu_over_tcp": "RTU over TCP",
    "serial": "RTU, serial",
}


class Setups:
    """The foreign software, by language or by what it is."""

    def __init__(self, cache):
        self.python, self.node, self.rust, self.java = (
            kind(cache) for kind in (peers.Python, peers.Node, peers.Rust, peers.Java)
        )
        self.libmodbus = peers.Libmodbus(cache)
        self.mbpoll = peers.Mbpoll(cache)
        self.databases = peers.Databases(cache)
        self.certificates = peers.Certificates(cache)


class Bench:
    """Our programs, and the foreign ones beside them."""

    def __init__(self, build, cache, setups):
        self.programs, self.cache, self.setups = build / "tests/interop", cache, setups
        self.interwatt = build / "src/program/interwatt"

    def ours(self, program, *arguments):
        return [str(self.programs / program), *arguments]


@dataclass
class Case:
    """Our program and a foreign one."""

    peer: str
    language: str
    set_up: str  # one or more; the first knows the version
    direction: str
    transport: str
    run: Callable  # gives the checks
    version: str = "?"
    checks: list = field(default_factory=list)
    problem: str = ""

    @property
    def failures(self):
        return [f"{check['check']}: {check['detail']}" for check in self.checks if not check["ok"]]

    @property
    def passed(self):
        return not self.problem and not self.failures

    @property
    def outcome(self):
        return self.problem or "; ".join(self.failures) or "passed"

    @property
    def row(self):
        return [self.peer, self.version, self.language, self.direction, TRANSPORTS.get(self.transport, "")]
