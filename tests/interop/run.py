#!/usr/bin/env python3
"""Interop tests: Interwatt against Modbus, SunSpec and BACnet software that we did not write, both ways.

Needs our programs built (cmake --build BUILD --target interop). Sets the foreign software up in
build/interop, runs every case on loopback and on pseudo-terminals, prints a table, and writes docs/interop.md
when nothing was left out.
"""

import argparse
import functools
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import bacnet
import bacnet_networks
import peers
from processes import Failed, NotRun, OurServer, SerialLine, Server, free_port, run_checks

ROOT = Path(__file__).resolve().parents[2]

# What docs/interop.md calls a check. Those of Modbus are named after the function or the exception.
SHORT = {
    "read_coils": "1",
    "read_discrete_inputs": "2",
    "read_holding_registers": "3",
    "read_input_registers": "4",
    "write_single_coil": "5",
    "write_single_register": "6",
    "write_multiple_coils": "15",
    "write_multiple_registers": "16",
    "mask_write_register": "22",
    "read_write_multiple_registers": "23",
    "read_device_identification": "43/14",
    "extended_identification": "43/14 extended",
    "illegal_function": "exception 01",
    "illegal_data_address": "exception 02",
    "illegal_data_address_of_write": "exception 02 of a write",
    "illegal_data_value": "exception 03",
    "device_busy": "exception 06",
    "byte_by_byte": "a reply byte by byte",
    "wrong_transaction": "the reply to another question",
    "late_reply": "a late reply, then 20 right reads",
    "discovery": "discovery",
    "values": "values",
    "setpoints": "setpoints",
    "try": "connection test",
    "object_list": "1503 objects, in segments",
    "objects": "names, units, priority arrays",
    "reliability": "Reliability",
    "array": "an array",
    "unknown_object": "unknown-object",
    "write": "write at a priority",
    "write_below": "write below a higher priority",
    "relinquish": "Null",
    "polled": "polled by the gateway",
    "subscribed": "subscribed by the gateway",
    "notified": "notified within 3 s, unconfirmed",
    "notified_confirmed": "and confirmed",
    "resubscribed": "subscribed again after its restart",
    "write_multiple": "WritePropertyMultiple",
    "browse": "all properties browsed",
    "silence": "a service that it does not have is named",
    "silence_password": "DeviceCommunicationControl with its password, not without",
    "told_time": "UTCTimeSynchronization",
    "alarms": "GetEventInformation, AcknowledgeAlarm",
    "saved_profile": "proposed profile",
    "routed_discovery": "found behind a router",
    "routed_read": "read behind it",
    "routed_write": "written and released behind it",
    "routed_objects": "its objects",
    "routed_gateway": "polled and subscribed by the gateway",
    "foreign_device": "found through a BBMD as a foreign device",
    "bbmd_restart": "registered again after the BBMD's restart",
    "who_is": "Who-Is",
    "served_list": "1510 objects, in segments",
    "served_array": "an array, its length and elements",
    "every_property": "every property of every type",
    "per_item_errors": "errors within ReadPropertyMultiple",
    "refusals": "errors as the standard names them",
    "priorities": "the priority array",
    "several_writes": "WritePropertyMultiple, in segments, up to the first error",
    "cov_unconfirmed": "unconfirmed COV",
    "cov_confirmed": "confirmed COV",
    "trend_log": "ReadRange of a Trend Log",
    "alarm_notified": "Recipient_List written, alarm notified, listed, acknowledged, over",
    "silenced": "DeviceCommunicationControl with its password, not without",
    "time_told": "UTCTimeSynchronization taken in silence",
    "added_recipient": "AddListElement, RemoveListElement",
    "frames": "tshark finds nothing malformed in any datagram",
    "series": "one series",
    "numbers": "the same numbers",
    "stale": "nothing shown once the device is lost",
}
BASIC = list(SHORT)[:8]
ALL = [
    *BASIC,
    "mask_write_register",
    "read_write_multiple_registers",
    "read_device_identification",
    "illegal_data_address",
    "illegal_data_address_of_write",
    "illegal_data_value",
]


@dataclass(frozen=True)
class Program:
    """A foreign server or client: one set-up, one or more transports."""

    peer: str
    language: str
    set_up: str  # attribute of Setups
    transports: str
    command: Callable  # (setups, transport, where) -> list
    checks: list = field(default_factory=list)  # of a server: what it can be asked


SERVERS = [
    Program(
        "pymodbus",
        "Python",
        "python",
        "tcp tls rtu_over_tcp serial",
        lambda s, t, w: s.python.command("pymodbus_server.py", t, w),
        ALL,
    ),
    Program(
        "modbus-serial",
        "JavaScript",
        "node",
        "tcp",
        lambda s, t, w: s.node.command("modbus_serial_server.mjs", w),
        [*BASIC, "extended_identification", "illegal_data_address", "illegal_data_value"],
    ),
    Program(
        "jsmodbus",
        "JavaScript",
        "node",
        "tcp",
        lambda s, t, w: s.node.command("jsmodbus_server.mjs", w),
        [*BASIC, "read_device_identification", "illegal_data_address_of_write"],
    ),
    Program(
        "tokio-modbus",
        "Rust",
        "rust",
        "tcp rtu_over_tcp",
        lambda s, t, w: s.rust.command("server", t, w),
        ALL,
    ),
    Program(
        "j2mod",
        "Java",
        "java",
        "tcp rtu_over_tcp",
        lambda s, t, w: s.java.command("Server", t, w),
        [
            *BASIC,
            "mask_write_register",
            "read_write_multiple_registers",
            "illegal_function",
            "illegal_data_address",
            "illegal_data_address_of_write",
        ],
    ),
]

CLIENTS = [
    Program(
        "pymodbus",
        "Python",
        "python",
        "tcp tls rtu_over_tcp serial",
        lambda s, t, w: s.python.command("pymodbus_client.py", t, w),
    ),
    Program(
        "modbus-serial",
        "JavaScript",
        "node",
        "tcp rtu_over_tcp",
        lambda s, t, w: s.node.command("modbus_serial_client.mjs", t, w),
    ),
    Program(
        "jsmodbus", "JavaScript", "node", "tcp", lambda s, t, w: s.node.command("jsmodbus_client.mjs", t, w)
    ),
    Program(
        "tokio-modbus", "Rust", "rust", "tcp rtu_over_tcp", lambda s, t, w: s.rust.command("client", t, w)
    ),
    Program("j2mod", "Java", "java", "tcp rtu_over_tcp", lambda s, t, w: s.java.command("Client", t, w)),
    Program(
        "mbpoll", "C", "mbpoll", "tcp serial", lambda s, t, w: s.mbpoll.command("mbpoll_client.py", t, w)
    ),
]

BACNET_DEVICES = [
    ("bacpypes3", "Python", "bacpypes3_server.py", bacnet.Peer()),
    ("rusty-bacnet", "Rust", "rusty_bacnet_server.py", bacnet.Peer(password="quiet please")),
]

JSONLD = [("jsonld", "JavaScript", "node"), ("PyLD", "Python", "python"), ("rdflib", "Python", "python")]

TRANSPORTS = {"http": "HTTP", "udp": "UDP", "tcp": "TCP", "tls": "TLS", "rtu_over_tcp": "RTU over TCP", "serial": "RTU, serial"}
SCHEMES = {"tcp": "modbus", "tls": "modbus+tls", "rtu_over_tcp": "modbus+rtu"}


class Setups:
    def __init__(self, cache):
        self.python, self.node, self.rust, self.java = (
            kind(cache) for kind in (peers.Python, peers.Node, peers.Rust, peers.Java)
        )
        self.libmodbus = peers.Libmodbus(cache)
        self.mbpoll = peers.Mbpoll(cache)
        self.databases = peers.Databases(cache)
        self.certificates = peers.Certificates(cache)


@dataclass
class Case:
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
    def checked(self):
        names = [check["check"] for check in self.checks]
        if names and names[0].startswith("model_"):
            return f"{len(names)} models"
        if names[: len(BASIC)] == BASIC:
            names[: len(BASIC)] = ["1-6, 15, 16"]
        return ", ".join(SHORT.get(name, name) for name in names)


class Bench:
    """Runs one case each: our program and a foreign one."""

    def __init__(self, build, cache, setups):
        self.programs, self.cache, self.setups = build / "tests/interop", cache, setups
        self.interwatt = build / "src/program/interwatt"

    def ours(self, program, *arguments):
        return [str(self.programs / program), *arguments]

    def secrets(self, transport, name):
        return self.setups.certificates.options(name) if transport == "tls" else []

    def exercise(self, url, transport, checks, timeout_ms):
        return run_checks(
            self.ours(
                "modbus_exercise",
                url,
                "--checks",
                ",".join(checks),
                "--timeout-ms",
                str(timeout_ms),
                *self.secrets(transport, "client"),
            )
        )

    def ask_server(self, command, transport, checks, unit=1, timeout_ms=2000, baud=19200):
        """Our client asks the server that command(where) starts."""
        if transport == "serial":
            with (
                SerialLine() as line,
                Server(command(line.devices[0]), {"PORT": "0", "TTY": line.devices[0]}),
            ):
                url = f"modbus+rtu://{line.devices[1]}?baud={baud}&parity=none&stop=1&unit={unit}"
                return self.exercise(url, transport, checks, timeout_ms)
        port = str(free_port())
        with Server([*command(port), *self.secrets(transport, "server")], {"PORT": port}):
            url = f"{SCHEMES[transport]}://127.0.0.1:{port}?unit={unit}"
            return self.exercise(url, transport, checks, timeout_ms)

    def ask_us(self, command, transport):
        """The client that command(where) starts asks our server."""
        if transport == "serial":
            with SerialLine() as line, OurServer(self.ours("modbus_served", "serial", line.devices[0])):
                return run_checks(command(line.devices[1]))
        with OurServer(
            self.ours("modbus_served", transport, "0", *self.secrets(transport, "server"))
        ) as server:
            return run_checks([*command(str(server.port)), *self.secrets(transport, "client")])

    def ask_bacnet_device(self, script, peer):
        peers.need("tshark")
        return bacnet.run(
            self.interwatt,
            free_port(),
            lambda port: Server(self.setups.python.command(script, str(port)), timeout=60),
            peer,
        )

    def cross_bacnet_networks(self):
        return bacnet_networks.run(
            self.interwatt, lambda *a: self.setups.python.command("bacpypes3_network.py", *a)
        )

    def ask_our_bacnet_device(self, command):
        """The client that command(port) starts asks our device."""
        peers.need("tshark")
        port = free_port()
        with bacnet.Judge(port) as judge, OurServer(self.ours("bacnet_served", str(port))):
            checks = run_checks(command(str(port)))
        return [*checks, judge.verdict()]

    def discover_us(self, device):
        with OurServer(self.ours("sunspec_served", device)) as server:
            return run_checks(
                self.setups.python.command("sunspec_client.py", str(server.port), server.said[0])
            )

    def compare_models(self):
        images, decoded = self.cache / "images.jsonl", self.cache / "decoded.jsonl"
        images.write_bytes(
            subprocess.run(self.ours("sunspec_images"), capture_output=True, check=True).stdout
        )
        with images.open("rb") as source:
            decode = subprocess.run(
                self.ours("sunspec_decode"), stdin=source, capture_output=True, check=True
            )
        decoded.write_bytes(decode.stdout)
        return run_checks(self.setups.python.command("sunspec_compare.py", str(images), str(decoded)))

    @functools.cached_property
    def telemetry(self):
        """A folder with telemetry as our encoders write it."""
        folder = self.cache / "telemetry"
        folder.mkdir(exist_ok=True)
        subprocess.run(self.ours("telemetry_written", str(folder)), check=True)
        return folder

    @functools.cached_property
    def triples(self):
        """{peer: {document: number of triples}}"""
        files = str(self.telemetry), str(ROOT / "context/v1.jsonld")
        commands = {
            "jsonld": self.setups.node.command("jsonld_triples.mjs", *files),
            "PyLD": self.setups.python.command("jsonld_triples.py", "pyld", *files),
            "rdflib": self.setups.python.command("jsonld_triples.py", "rdflib", *files),
        }
        return {peer: json.loads(peers.run(command)) for peer, command in commands.items()}

    def compare_triples(self, peer):
        others = [counts for other, counts in self.triples.items() if other != peer]
        checks = []
        for document, count in self.triples[peer].items():
            wanted = {counts[document] for counts in others}
            checks.append(
                {
                    "check": f"{document} ({count} triples)",
                    "ok": wanted == {count},
                    "detail": f"{count} triples, others find {wanted}",
                }
            )
        return checks

    def read_protobuf(self):
        descriptors = self.telemetry / "telemetry.desc"
        schema = ["--proto_path", str(ROOT / "proto"), "interwatt/v1/telemetry.proto"]
        peers.run(["protoc", f"--descriptor_set_out={descriptors}", *schema])
        return run_checks(
            self.setups.python.command("protobuf_read.py", str(self.telemetry), str(descriptors))
        )

    def ingest(self, database, kind):
        sender = str(self.programs / "telemetry_sent")
        return run_checks(
            self.setups.python.command("metrics_ingest.py", database, kind, sender, str(free_port()))
        )

    def scrape(self, peer):
        ports = str(free_port()), str(free_port())
        return run_checks(self.setups.python.command("metrics_scraped.py", peer, str(self.interwatt), *ports))

    def cases(self):
        setups = self.setups

        def bind(program, transport):
            return lambda where: program.command(setups, transport, where)

        for program in SERVERS:
            for transport in program.transports.split():
                yield Case(
                    program.peer,
                    program.language,
                    program.set_up,
                    "our client, its server",
                    transport,
                    lambda p=program, t=transport: self.ask_server(bind(p, t), t, p.checks),
                )
        for transport, unit, checks in (
            ("tcp", 255, ["device_busy", "byte_by_byte", "wrong_transaction", "late_reply"]),
            ("serial", 17, ["device_busy", "wrong_transaction", "late_reply"]),
        ):
            yield Case(
                "libmodbus",
                "C",
                "libmodbus",
                "our client, its server",
                transport,
                lambda t=transport, u=unit, c=checks: self.ask_server(
                    lambda _where: setups.libmodbus.command(t), t, c, u, timeout_ms=300, baud=115200
                ),
            )
        for program in CLIENTS:
            for transport in program.transports.split():
                yield Case(
                    program.peer,
                    program.language,
                    program.set_up,
                    "its client, our server",
                    transport,
                    lambda p=program, t=transport: self.ask_us(bind(p, t), t),
                )
        for device in ("inverter", "battery", "meter"):
            yield Case(
                "pysunspec2",
                "Python",
                "python",
                f"its client, our simulated {device}",
                "tcp",
                lambda d=device: self.discover_us(d),
            )
        for peer, language, script, what in BACNET_DEVICES:
            yield Case(
                peer,
                language,
                "python",
                "our client, its device",
                "udp",
                lambda s=script, w=what: self.ask_bacnet_device(s, w),
            )
        yield Case(
            "bacpypes3",
            "Python",
            "python",
            "our client, its router and BBMD",
            "udp",
            self.cross_bacnet_networks,
        )
        yield Case(
            "bacpypes3",
            "Python",
            "python",
            "its client, our device",
            "udp",
            lambda: self.ask_our_bacnet_device(
                lambda port: self.setups.python.command("bacpypes3_client.py", port)
            ),
        )
        yield Case(
            "rusty-bacnet",
            "Rust",
            "python",
            "its client, our device",
            "udp",
            lambda: self.ask_our_bacnet_device(
                lambda port: self.setups.python.command("rusty_bacnet_client.py", port)
            ),
        )
        for library in ("@bacnet-js/client", "node-bacnet"):
            yield Case(
                library,
                "JavaScript",
                "node",
                "its client, our device",
                "udp",
                lambda name=library: self.ask_our_bacnet_device(
                    lambda port: self.setups.node.command("bacnet_client.mjs", name, port)
                ),
            )
        yield Case("pysunspec2", "Python", "python", "its decode, our decode", "", self.compare_models)
        for peer, language, set_up in JSONLD:
            yield Case(
                peer,
                language,
                f"{set_up} node python",
                "its processor, our JSON-LD",
                "",
                lambda p=peer: self.compare_triples(p),
            )
        yield Case(
            "protobuf", "Python", "python", "its decode, our Protocol Buffers", "", self.read_protobuf
        )
        for database, kind in (
            ("victoria-metrics", "prometheus"),
            ("victoria-metrics", "influx"),
            ("prometheus", "prometheus"),
        ):
            what = {"prometheus": "remote write", "influx": "line protocol"}[kind]
            yield Case(
                database,
                "Go",
                "databases python",
                f"our {what}, its database",
                "http",
                lambda d=database, k=kind: self.ingest(d, k),
            )
        for peer, language, set_up in (
            ("promtool", "Go", "databases python"),
            ("prometheus_client", "Python", "python"),
        ):
            yield Case(
                peer, language, set_up, "its parser, our /metrics", "http", lambda p=peer: self.scrape(p)
            )


def set_up(setups, cases):
    """Sets up what the cases need; gives what did not work: {set-up: why}."""
    problems = {}

    def one(name):
        try:
            getattr(setups, name).set_up()
        except Failed as why:
            problems[name] = f"not run: {why}"

    needed = {name for case in cases for name in case.set_up.split()}
    if "mbpoll" in needed:
        needed.add("python")  # which drives it
    if any(case.transport == "tls" for case in cases):
        needed.add("certificates")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, sorted(needed)))
    return problems


def run_case(case, setups, problems):
    requires = case.set_up.split()
    if case.set_up == "mbpoll":
        requires.append("python")
    if case.transport == "tls":
        requires.append("certificates")
    case.problem = next((problems[name] for name in requires if name in problems), "")
    if case.problem:
        return
    try:
        case.version = getattr(setups, requires[0]).version(case.peer)
        case.checks = case.run()
    except NotRun as why:
        case.problem = f"not run: {why}"
    except (Failed, OSError, subprocess.CalledProcessError) as why:
        case.problem = f"failed: {why}"


def row(case):
    return [case.peer, case.version, case.language, case.direction, TRANSPORTS.get(case.transport, "")]


def print_table(cases):
    rows = [[*row(case), f"{len(case.checks)} checks", case.outcome] for case in cases]
    widths = [max(len(line[i]) for line in rows) for i in range(6)]
    for line in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths)), line[6]]))


DOCUMENT = """\
# Interoperability

Interwatt against software that we did not write, in both directions, on real sockets and pseudo-
terminals. This page is written by `./dev interop` (tests/interop/run.py): a row is what happened in that
run.

## Matrix

| peer | version | language | direction | transport | checked | result |
|---|---|---|---|---|---|---|
{rows}

## What is checked

**Functions.** A number is a Modbus function. It is asked with one value, with an odd count across byte
borders, and with the most that the standard allows in one request (2000 bits or 125 registers read, 1968
bits or 123 registers written, 121 written and 125 read by function 23); what was written is read back.
43/14 reads the basic, the regular and the extended identification, where the objects take more than one
response, and a single object; "43/14 extended" leaves the first two out. Exceptions must be recognised by
their code.

**Expectations** are computed, not recorded: every server holds the same registers, which follow from a
rule (tests/interop/README.md).

**TLS** is Modbus/TCP Security: both sides demand a certificate of their authority; we also demand its
role.

**libmodbus** stands for its own unit-test-server, which misbehaves on purpose: it answers another
transaction or for another unit, half a second late, or one byte every 5 ms. "A late reply, then 20 right
reads" means that the question timed out, and that no later question got its answer.

**BACnet.** Our command line and our gateway use devices of 1503 objects: the object-list comes in segments,
values in ReadPropertyMultiple, a command goes to the priority array and back. Foreign clients read, command and subscribe to a device of ours with
1510 objects, hear of its alarms and acknowledge them. rusty-bacnet is driven by its Python bindings. tshark listens meanwhile and
has to find every datagram, ours and the device's, well-formed.

**JSON-LD.** Three processors, without a network, find the same number of triples in a catalogue and in batches
whose every field says something, with the context embedded and with the context named; jsonld.js in its
safe mode, which refuses to drop a term.

**Databases** take twenty values and a staleness marker, and give back the same numbers, times and labels.

**Metrics** of a running gateway are judged by Prometheus' own tool, which also looks at names and units, and read
by its Python client in both formats.

**SunSpec.** pysunspec2 reads our images of all public models as we do, point by point, raw and scaled:
with a value in every point, with repeated groups, and with nothing implemented. And its client discovers
our simulated devices, reads what their physics say, and sets a setpoint.

## What peers can not do

Limits of the peers, found here, that the checks go around.

| peer | limit |
|---|---|
| jsmodbus | as server: no functions 22 and 23; reads past the end are answered short, without exception 02 |
| jsmodbus | as client: a wrong MBAP length in function 16 from 121 registers on; no functions 22 and 23 |
| modbus-serial | as server: no functions 22 and 23; a write past the end is acknowledged |
| modbus-serial | as server: 43/14 gives the objects of all levels whatever is asked |
| modbus-serial | as client over RTU: does not find the end of replies to 22, 23 and 43/14 |
| j2mod | as server: no function 43/14, no exception 03; as client: does not tell which object follows |
| pymodbus | as TLS client: does not check the name in the certificate |
| rusty-bacnet | as client: acknowledges no segment of an answer, so that long ones are not asked for |
| node-bacnet | as client: an answer in segments times out |
| mbpoll | reads at most 125 bits at a time; no functions 22, 23, 43/14 |
| pysunspec2 | takes 0 of a mandatory accumulator for "not accumulated" |
| pysunspec2 | takes a bit field whose highest bit is set for a value |
"""


def key_of(line):
    """Peer, direction and transport of a row of the page."""
    cells = [cell.strip() for cell in line.split("|")]
    return cells[1], cells[4], cells[5]


def document(cases, ran, before):
    """All cases in their order; of one that did not run, what the page said before."""
    kept = {key_of(line): line for line in before.splitlines() if line.count("|") >= 8}
    lines = []
    for case in cases:
        if case in ran:
            cells = [*row(case), case.checked, case.outcome]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        else:
            lines += [line for key, line in kept.items() if key == key_of(f"| {' | '.join(row(case))} |")]
    return DOCUMENT.format(rows="\n".join(lines))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--build-dir", type=Path, default=ROOT / "build/release", help="where our programs are built"
    )
    parser.add_argument(
        "--cache-dir", type=Path, default=ROOT / "build/interop", help="where the peers are set up"
    )
    parser.add_argument(
        "--only", metavar="PEER", help="only the cases of this peer; leaves docs/interop.md alone"
    )
    parser.add_argument(
        "--update", action="store_true", help="with --only: puts its rows into docs/interop.md"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="a peer that can not be set up is no failure"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON for each case, not a table")
    arguments = parser.parse_args()

    if not (arguments.build_dir / "tests/interop/modbus_exercise").exists():
        sys.exit(f"not built: cmake --build {arguments.build_dir} --target interop")
    cache = arguments.cache_dir.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    setups = Setups(cache)
    bench = Bench(arguments.build_dir.resolve(), cache, setups)
    all_cases = list(bench.cases())
    cases = [case for case in all_cases if arguments.only in (None, case.peer)]
    if not cases:
        sys.exit(
            f"no peer {arguments.only}; there are: {', '.join(sorted({case.peer for case in all_cases}))}"
        )

    problems = set_up(setups, cases)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda case: run_case(case, setups, problems), cases))

    if arguments.json:
        for case in cases:
            print(
                json.dumps(
                    {
                        "peer": case.peer,
                        "version": case.version,
                        "direction": case.direction,
                        "transport": case.transport,
                        "passed": case.passed,
                        "problem": case.problem,
                        "checks": case.checks,
                    }
                )
            )
    else:
        print_table(cases)
    page = ROOT / "docs/interop.md"
    if (arguments.only is None or arguments.update) and not problems:
        page.write_text(document(all_cases, cases, page.read_text()))
    missing = [case for case in cases if case.problem.startswith("not run")]
    failed = [case for case in cases if not case.passed and case not in missing]
    return 1 if failed or (missing and not arguments.allow_missing) else 0


if __name__ == "__main__":
    sys.exit(main())
