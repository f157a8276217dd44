"""Our tools and our gateway in an internetwork of BACpypes3: a router to another network, a BBMD in another
subnet, in network namespaces made for this. Needs root."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bacnet import check
from processes import Failed, NotRun, Server

# gateway -- 10.77.1.0/24 -- router (network 2709 behind it)
#         -- 10.79.1.0/30 -- bbmd -- 10.78.1.0/24 -- far, new
NAMES = GATEWAY, ROUTER, BBMD, FAR, NEW = [
    f"iw-{os.getpid()}-{name}" for name in ("gw", "rt", "bb", "far", "new")
]


def ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


class Namespaces:
    def __enter__(self):
        if os.geteuid() != 0 or not shutil.which("ip"):
            raise NotRun("needs root and iproute2 to make network namespaces")
        try:
            for name in NAMES:
                ip("netns", "add", name)
                ip("-n", name, "link", "set", "lo", "up")
            self.wire(GATEWAY, "a0", "10.77.1.1/24", ROUTER, "a1", "10.77.1.2/24")
            self.wire(GATEWAY, "b0", "10.79.1.1/30", BBMD, "b1", "10.79.1.2/30")
            ip("-n", BBMD, "link", "add", "br0", "type", "bridge")
            ip("-n", BBMD, "address", "add", "10.78.1.2/24", "broadcast", "+", "dev", "br0")
            ip("-n", BBMD, "link", "set", "br0", "up")
            for end, name, address in (("c0", FAR, "10.78.1.3/24"), ("d0", NEW, "10.78.1.4/24")):
                self.wire(BBMD, end, None, name, "e0", address)
                ip("-n", BBMD, "link", "set", end, "master", "br0")
                ip("-n", name, "route", "add", "default", "via", "10.78.1.2")
            ip("-n", GATEWAY, "route", "add", "10.78.1.0/24", "via", "10.79.1.2")
            within(BBMD, ["sysctl", "-qw", "net.ipv4.ip_forward=1"])
        except Failed:
            self.__exit__()
            raise
        return self

    @staticmethod
    def wire(one, end, address, other, other_end, other_address):
        ip("link", "add", end, "netns", one, "type", "veth", "peer", "name", other_end, "netns", other)
        for name, link, where in ((one, end, address), (other, other_end, other_address)):
            if where:
                ip("-n", name, "address", "add", where, "broadcast", "+", "dev", link)
            ip("-n", name, "link", "set", link, "up")

    def __exit__(self, *_):
        for name in NAMES:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def inside(name, command):
    return ["ip", "netns", "exec", name, *command]


def within(name, command):
    done = subprocess.run(inside(name, command), capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1):
        raise Failed(f"{command[0]}: {done.stderr.strip()[:200]}")
    return done.stdout


def tool(program, *arguments):
    text = within(GATEWAY, [str(program), *arguments, "--json"])
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise Failed(f"{arguments[0]}: {text[:100]}") from None


def routed_checks(program):
    devices = tool(program, "scan", "bacnet://10.77.1.255")
    found = {row["device"]: row["address"] for row in devices}
    yield check("routed_discovery", found.get(5002) == "2709:5" and 1000 in found, found)
    url = "bacnet://10.77.1.2?device=5002&network=2709&mac=5"
    value = tool(program, "read", url, "ai1", "present-value")
    yield check("routed_read", abs(float(value["present-value"]) - 5.002) < 1e-4, value)
    wrote = tool(program, "write", url, "ao1", "55", "--priority", "10", "--yes")
    released = tool(program, "write", url, "ao1", "null", "--priority", "10", "--yes")
    yield check(
        "routed_write", wrote["priority_array_slot"] == "55" and released["after"] == "10", [wrote, released]
    )
    objects = tool(program, "scan", url)
    yield check("routed_objects", objects[0]["point"].startswith("ActivePower"), objects[:1])


class Tail:
    """`interwatt tail` in the gateway's namespace; what it has said so far."""

    def __init__(self, program, lines, devices):
        self.folder = tempfile.TemporaryDirectory()
        config = Path(self.folder.name) / "interwatt.yaml"
        config.write_text(f"lines: [{lines}]\ndevices: [{', '.join(devices)}]\n")
        self.output = Path(self.folder.name) / "tail"
        self.process = subprocess.Popen(
            inside(GATEWAY, [str(program), "tail", "-c", str(config), "--json", "--raw", "--seconds", "170"]),
            stdout=self.output.open("w"),
            stderr=subprocess.STDOUT,
            cwd=self.folder.name,
        )

    def good(self, device):
        for line in self.output.read_text().splitlines():
            if line.startswith("{") and device in line and '"good"' in line and "ActivePower" in line:
                return json.loads(line)
        return None

    def wait_for(self, device, seconds):
        for _ in range(seconds * 2):
            row = self.good(device)
            if row:
                return row
            time.sleep(0.5)
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()



def is_about(value, watts):
    """The device has kilowatts of 32 bits."""
    return abs(value - watts) < 0.01


def run(program, command):
    """`command` makes the command line of a peer of its arguments."""
    with Namespaces():
        with Server(inside(ROUTER, command("router", "10.77.1.2/24")), timeout=60):
            checks = list(routed_checks(program))
            with Tail(
                program,
                "{connect: 'bacnet://', broadcast: 10.77.1.255}",
                ["{name: routed, connect: 'bacnet://?device=5002', cov: true}"],
            ) as tail:
                row = tail.wait_for("routed", 60)
                checks.append(check("routed_gateway", row and is_about(row["value"], 5002), row))
        with (
            Server(inside(FAR, command("device", "10.78.1.3/24", "7001")), timeout=60),
            Tail(
                program,
                "{connect: 'bacnet://', bbmd: 10.78.1.2, time_to_live: 30s}",
                [f"{{name: far-{n}, connect: 'bacnet://?device={n}'}}" for n in (7001, 7002)],
            ) as tail,
        ):
            with Server(inside(BBMD, command("bbmd", "10.78.1.2/24")), timeout=60):
                row = tail.wait_for("far-7001", 60)
                checks.append(check("foreign_device", row and is_about(row["value"], 7001), row))
            # The BBMD starts anew and has forgotten us; a device comes that has to be found through it.
            with (
                Server(inside(BBMD, command("bbmd", "10.78.1.2/24")), timeout=60),
                Server(inside(NEW, command("device", "10.78.1.4/24", "7002")), timeout=60),
            ):
                row = tail.wait_for("far-7002", 110)
                checks.append(check("bbmd_restart", row and is_about(row["value"], 7002), row))
    return checks
