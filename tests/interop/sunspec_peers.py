"""SunSpec: pysunspec2 asks our simulated devices, and decodes what we decode."""

import subprocess

from cases import Case
from processes import OurServer, run_checks

SHORT = {"discovery": "discovery", "values": "values", "setpoints": "setpoints"}


def discover_us(bench, device):
    with OurServer(bench.ours("sunspec_served", device)) as server:
        return run_checks(
            bench.setups.python.command("sunspec_client.py", str(server.port), server.said[0])
        )


def compare_models(bench):
    images, decoded = bench.cache / "images.jsonl", bench.cache / "decoded.jsonl"
    images.write_bytes(
        subprocess.run(bench.ours("sunspec_images"), capture_output=True, check=True).stdout
    )
    with images.open("rb") as source:
        decode = subprocess.run(
            bench.ours("sunspec_decode"), stdin=source, capture_output=True, check=True
        )
    decoded.write_bytes(decode.stdout)
    return run_checks(bench.setups.python.command("sunspec_compare.py", str(images), str(decoded)))


def cases(bench):
    for device in ("inverter", "battery", "meter"):
        yield Case(
            "pysunspec2",
            "Python",
            "python",
            f"its client, our simulated {device}",
            "tcp",
            lambda d=device: discover_us(bench, d),
        )
    yield Case(
        "pysunspec2", "Python", "python", "its decode, our decode", "", lambda: compare_models(bench)
    )
