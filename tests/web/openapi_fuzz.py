#!/usr/bin/env python3
"""Schemathesis over the description that a running gateway serves: whatever the description allows, and much that it does
not, must end in an answer that the description knows, never in a failure of the server.

    openapi_fuzz.py --binary build/release/src/program/interwatt [--examples 25]

The gateway has one simulated inverter that may be controlled. Users and tokens are left alone, so that it stays reachable.
"""

import argparse
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv

PINNED = "schemathesis==4.32.5"
# Answers without an end, and what would log the run out.
LEFT_OUT = ["/api/v1/live", "/api/v1/live/events", "/api/v1/session", "/api/v1/setup", "/api/v1/users/{user}", "/api/v1/tokens",
            "/api/v1/tokens/{token}"]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def schemathesis(folder):
    """Its program, in an environment of its own that is made once."""
    program = folder / "bin" / "schemathesis"
    if not program.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", PINNED], check=True)
    return program


def started(binary, *arguments, says, within=30):
    process = subprocess.Popen([binary, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    end = time.monotonic() + within
    while time.monotonic() < end:
        line = process.stdout.readline()
        if says in line:
            return process
        if not line and process.poll() is not None:
            break
    process.kill()
    raise SystemExit(f"{arguments[0]} did not say '{says}'")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--environment", type=pathlib.Path, default=pathlib.Path("build/schemathesis"))
    parser.add_argument("--examples", type=int, default=25)
    wanted = parser.parse_args()
    binary = wanted.binary.resolve()
    program = schemathesis(wanted.environment.resolve())
    with tempfile.TemporaryDirectory(prefix="interwatt-fuzz-") as name:
        folder = pathlib.Path(name)
        port, device = free_port(), free_port()
        control = {"enabled": True, "points": {"pv/ActivePowerLimit": {"min": 0, "max": 10000, "default": 9000}}}
        config = folder / "interwatt.yaml"
        config.write_text(f"data: {folder}/data\napi: {{listen: '127.0.0.1:{port}'}}\ncontrol: {json.dumps(control)}\n"
                          f"devices: [{{name: pv, connect: 'modbus://127.0.0.1:{device}?unit=1', profile: huawei/sun2000}}]\n",
                          encoding="utf-8")
        token = subprocess.run([binary, "user", "token", "fuzz", "--role", "admin", "-c", config], check=True,
                               capture_output=True, text=True).stdout.strip()
        inverter = started(binary, "simulate", "huawei/sun2000", "--listen", f"127.0.0.1:{device}", says=" at modbus")
        gateway = started(binary, "run", "-c", config, says="pv is online")
        url = f"http://127.0.0.1:{port}"
        arguments = [program, "run", f"{url}/api/v1/openapi.json", "--url", url, "--header", f"Authorization: Bearer {token}",
                     "--checks", CHECKS, "--max-examples", str(wanted.examples), "--phases", "examples,coverage,fuzzing",
                     "--request-timeout", "20", "--no-color"]
        for path in LEFT_OUT:
            arguments += ["--exclude-path", path]
        status = subprocess.run(arguments, cwd=folder, check=False).returncode
        alive = gateway.poll() is None
        for process in (gateway, inverter):
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
        if not alive:
            print("the gateway has ended", file=sys.stderr)
        return status if alive else 1


if __name__ == "__main__":
    sys.exit(main())
