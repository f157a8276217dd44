"""A whole site that goes away and comes back, again and again: how soon all of it is polled, and what stays behind."""

import os
import pathlib
import statistics
import tempfile
import time

import dashboard

DEVICES = 1000


def open_files(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def connects(gateway):
    return sum(line["connects"] for line in gateway.get("/api/v1/lines")["items"])


def rounds(fleet, build, first_port, count):
    """One result a round: seconds to the last device, connections a second, and what the process holds then."""
    program = build.parent.parent / "src" / "program" / "interwatt"
    port = dashboard.free_port()
    with tempfile.TemporaryDirectory(prefix="interwatt-bench-", dir=build) as folder:
        config = dashboard.site(pathlib.Path(folder), first_port, DEVICES, port)
        with dashboard.Gateway(program, config, port) as gateway:
            for _ in range(count):
                with fleet(build, DEVICES):
                    before, begin = connects(gateway), time.monotonic()
                    gateway.wait_for(lambda: gateway.online(DEVICES), within=90)
                    took = time.monotonic() - begin
                    made = connects(gateway) - before
                    time.sleep(3)
                    yield {"seconds": took, "connects_per_s": made / took, "files": open_files(gateway.process),
                           "resident_mb": gateway.resident_mb()}
                gateway.wait_for(lambda: gateway.online(0), within=30)


def report(results):
    seconds = [result["seconds"] for result in results]
    yield (f"{DEVICES} devices gone and back, {len(results)} rounds", [
        f"all online after p50 {statistics.median(seconds):.1f} s, at worst {max(seconds):.1f} s (bound 30)",
        f"{max(result['connects_per_s'] for result in results):.0f} connects/s (bound 50)"])
    for key, title, unit in (("files", "open files", ""), ("resident_mb", "resident memory", " MB")):
        yield (f"gone and back: {title}", [" -> ".join(f"{results[i][key]:.0f}{unit}" for i in (0, len(results) // 2, -1)) +
                                           " after the first, the middle and the last round"])
