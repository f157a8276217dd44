"""Our BACnet tools and our gateway against a foreign device, as somebody would use them; and what tshark says of
every datagram that passed meanwhile."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from processes import Failed, free_port

DEVICE = 1234


def check(name, ok, detail=""):
    return {"check": name, "ok": bool(ok), "detail": "" if ok else str(detail)[:200]}


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
        self.url = f"bacnet://127.0.0.1:{port}?device={DEVICE}"

    def json(self, command, *arguments):
        done = subprocess.run(
            [self.program, command, self.url, *arguments, "--json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        try:
            return done.returncode, json.loads(done.stdout)
        except json.JSONDecodeError:
            raise Failed(f"{command}: {done.stderr.strip() or done.stdout[:100]}") from None


def tool_checks(tools):
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


def run(program, port):
    tools = Tools(program, port)
    with Judge(port) as judge:
        checks = [*tool_checks(tools), gateway_checks(tools, "false"), gateway_checks(tools, "true")]
    return [*checks, judge.verdict()]
