"""Our BACnet tools and our gateway against a foreign device, as somebody would use them; and what tshark says of
every datagram that passed meanwhile."""

import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from processes import Failed, free_port

DEVICE = 1234


def check(name, ok, detail=""):
    return {"check": name, "ok": bool(ok), "detail": "" if ok else str(detail)[:200]}


@dataclass(frozen=True)
class Peer:
    """What a foreign device has beyond reading, writing and change of value."""

    password: str = ""  # of its DeviceCommunicationControl; with it, a clock that can be set, and alarms


class Judge:
    """tshark listens to one port on loopback."""

    def __init__(self, port):
        self.port = port
        self.file = Path(tempfile.mkdtemp()) / "frames.pcapng"

    def __enter__(self):
        self.process = subprocess.Popen(
            ["tshark", "-q", "-i", "lo", "-f", f"udp port {self.port}", "-w", str(self.file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stderr:
            if "Capture started" in line:
                return self
        raise Failed("tshark can not listen on loopback")

    def __exit__(self, *_):
        time.sleep(0.5)
        self.process.terminate()
        self.process.wait(10)

    def frames(self, wanted):
        done = subprocess.run(
            ["tshark", "-r", str(self.file), "-d", f"udp.port=={self.port},bvlc", "-Y", wanted],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    def verdict(self):
        all_frames = self.frames("bvlc")
        bad = self.frames("_ws.malformed || _ws.expert.severity >= 0x600000")
        return check("frames", len(all_frames) > 20 and not bad, bad[:1] or f"{len(all_frames)} frames")


class Tools:
    def __init__(self, program, port):
        self.program = str(program)
        self.port = port
        self.url = f"bacnet://127.0.0.1:{port}?device={DEVICE}"

    def json(self, command, *arguments):
        done = subprocess.run(
            [self.program, *command.split(), self.url, *arguments, "--json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        try:
            return done.returncode, json.loads(done.stdout)
        except json.JSONDecodeError:
            raise Failed(f"{command}: {done.stderr.strip() or done.stdout[:100]}") from None


def tool_checks(tools, peer):
    status, trial = tools.json("try")
    yield check("try", status == 0 and trial["ok"], trial)

    _, objects = tools.json("scan")
    values = {row["object"]: row for row in objects}
    yield check("object_list", len(objects) == 1503, f"{len(objects)} objects")
    yield check(
        "objects",
        values["analog-input 1500"]["point"] == "ActivePower.feeder-1500-power"
        and float(values["analog-input 7"]["value"]) == 3.5
        and values["analog-output 1"]["writable"],
        values["analog-input 7"],
    )

    _, state = tools.json("read", "bi1")
    yield check("reliability", state.get("reliability") == "communication-failure", state)
    _, texts = tools.json("read", "msv1", "state-text")
    yield check("array", texts == {"state-text": "off, auto, on"}, texts)
    status, error = tools.json("read", "ai9999", "present-value")
    yield check("unknown_object", status == 1 and "unknown-object" in error["error"]["message"], error)

    status, wrote = tools.json("write", "ao1", "55", "--priority", "10", "--yes")
    yield check("write", status == 0 and wrote["priority_array_slot"] == "55", wrote)
    status, below = tools.json("write", "ao1", "60", "--priority", "12", "--yes")
    yield check("write_below", status == 1 and below["after"] == "55", below)
    tools.json("write", "ao1", "null", "--priority", "12", "--yes")
    status, released = tools.json("write", "ao1", "null", "--priority", "10", "--yes")
    yield check("relinquish", status == 0 and released["after"] == "10", released)
    status, many = tools.json("write", "ao1", "40", "ao1", "45", "--priority", "9", "--yes")
    yield check("write_multiple", many[0]["after"] == "45", many)
    tools.json("write", "ao1", "null", "--priority", "9", "--yes")

    status, properties = tools.json("bacnet browse", "ai7")
    yield check("browse", status == 0 and properties["units"] == "kilowatts", properties)
    yield from service_checks(tools, peer)
    with tempfile.TemporaryDirectory() as folder:
        profile = str(Path(folder) / "peer.yaml")
        tools.json("scan", "--save-profile", profile)
        _, named = tools.json("scan", "--profile", profile)
        yield check("saved_profile", len(named) == 1503 and named[6]["point"] == objects[6]["point"], named[:1])


def service_checks(tools, peer):
    """What not every device has: DeviceCommunicationControl, the time, alarms."""
    _, refused = tools.json("bacnet silence", "--minutes", "1")
    if not peer.password:
        yield check("silence", "unrecognized-service" in refused["error"]["message"], refused)
        return
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "password"
        secret.write_text(peer.password)
        secret.chmod(0o600)
        status, silent = tools.json("bacnet silence", "--minutes", "1", "--password-file", str(secret))
        again, spoke = tools.json("bacnet silence", "--end", "--password-file", str(secret))
    yield check(
        "silence_password",
        "password-failure" in refused["error"]["message"]
        and (status, silent["state"]) == (0, "disable-initiation")
        and (again, spoke["state"]) == (0, "enable"),
        [refused, silent, spoke],
    )
    status, told = tools.json("bacnet time")
    yield check("told_time", status == 0 and told["form"] == "utc", told)
    _, alarms = tools.json("bacnet alarms")
    states = {row["object"]: row["state"] for row in alarms}
    status, seen = tools.json("bacnet acknowledge", "ai8", "--by", "interop")
    yield check(
        "alarms",
        states.get("analog-input 8") == "high-limit" and states.get("binary-input 1") == "fault" and status == 0,
        [alarms, seen],
    )


def gateway_checks(tools, cov):
    """`tail` polls the device by our driver, or subscribes."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "interwatt.yaml"
        config.write_text(
            f"lines: [{{connect: 'bacnet://', bind: '127.0.0.1:{free_port()}'}}]\n"
            f"devices: [{{name: plant, connect: '{tools.url}', objects: [ai7, bi1, msv1], cov: {cov}}}]\n"
        )
        done = subprocess.run(
            [tools.program, "tail", "-c", str(config), "--json", "--raw", "--seconds", "8"],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=folder,
        )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    last = {row.get("path", row.get("point")): row for row in rows}
    power = next((row for path, row in last.items() if "ActivePower" in str(path)), {})
    alarm = next((row for path, row in last.items() if "AlarmWord" in str(path)), {})
    name = "subscribed" if cov == "true" else "polled"
    return check(
        name,
        power.get("value") == 3500 and "invalid" in json.dumps(alarm),
        done.stdout[:120] or done.stderr[:120],
    )


class Subscriber:
    """`interwatt tail` that polls so seldom that only notifications bring news."""

    def __init__(self, tools, confirmed):
        self.folder = tempfile.TemporaryDirectory()
        config = Path(self.folder.name) / "interwatt.yaml"
        config.write_text(
            f"lines: [{{connect: 'bacnet://', bind: '127.0.0.1:{free_port()}'}}]\n"
            "rates: {normal: 10min}\n"
            f"devices: [{{name: plant, connect: '{tools.url}', objects: [ai7], cov: true, "
            f"cov_confirmed: {confirmed}, cov_lifetime: 1min}}]\n"
        )
        self.output = Path(self.folder.name) / "tail"
        self.process = subprocess.Popen(
            [tools.program, "tail", "-c", str(config), "--json", "--raw", "--seconds", "120"],
            stdout=self.output.open("w"),
            stderr=subprocess.STDOUT,
            cwd=self.folder.name,
        )

    def sees(self, value, seconds):
        for _ in range(seconds * 5):
            for line in self.output.read_text().splitlines():
                if line.startswith("{") and json.loads(line).get("value") == value:
                    return True
            time.sleep(0.2)
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()


def set_input(server, value):
    server.process.stdin.write(f"set analog-input,7 {value}\n")
    server.process.stdin.flush()


def notification_checks(tools, start):
    """Unconfirmed, then the device starts anew and knows nobody; then confirmed."""
    with Subscriber(tools, "false") as subscriber:
        with start(tools.port) as server:
            ready = subscriber.sees(3500, 20)
            time.sleep(3)
            set_input(server, 4.5)
            yield check("notified", ready and subscriber.sees(4500, 3), "no value within 3 s")
        with start(tools.port) as server:
            time.sleep(45)  # renewed at 60 % of a minute
            set_input(server, 5.5)
            yield check("resubscribed", subscriber.sees(5500, 5), "no value after its restart")
    with start(tools.port) as server, Subscriber(tools, "true") as subscriber:
        ready = subscriber.sees(3500, 20)
        time.sleep(3)
        set_input(server, 6.5)
        yield check("notified_confirmed", ready and subscriber.sees(6500, 3), "no value within 3 s")


def run(program, port, start, peer):
    """`start(port)` starts the device that `peer` describes."""
    tools = Tools(program, port)
    with Judge(port) as judge:
        with start(port):
            checks = [*tool_checks(tools, peer), gateway_checks(tools, "false"), gateway_checks(tools, "true")]
        checks += notification_checks(tools, start)
    return [*checks, judge.verdict()]
