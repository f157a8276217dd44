"""The register image that every server of the interop tests holds (README.md, "The image")."""

import json
import sys

UNIT = 1
BITS = 2048
REGISTERS = 1000
LIMITED = 900  # a holding register that takes at most LIMIT
LIMIT = 1000
OBJECTS = [*range(7), 0x80, 0x81, 0x82]


def coil(i):
    return i % 3 == 0


def discrete_input(i):
    return i % 5 == 0


def holding_register(i):
    return (i * 7 + 3) % 65536


def input_register(i):
    return (i * 11 + 5) % 65536


def object_text(object_id):
    """Private objects are long, so that all of them take more than one response."""
    return f"object {object_id}" if object_id < 0x80 else chr(ord("A") + object_id - 0x80) * 100


def report(check, ok, detail=""):
    print(json.dumps({"check": check, "ok": ok, "detail": detail}), flush=True)


def expect(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: expected {str(wanted)[:60]}, got {str(got)[:60]}")


def ready(port):
    print(f"READY {port}", flush=True)


def until_stdin_closes():
    sys.stdin.buffer.read()
