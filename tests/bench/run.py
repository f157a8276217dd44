#!/usr/bin/env python3
"""Runs the benchmarks and prints a table: medians of several runs, each beside a reference in the same run.

Ratios carry over to other machines, absolute numbers do not. Devices and client share this machine's cores.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

import bacnet_ip
import comeback as site_comeback
import dashboard

FIRST_PORT = 21000


class Fleet:
    """The devices, as long as the with block lasts."""

    def __init__(self, build, devices, silent=0.0, delayed=0.0, delay_ms=20, spin=False):
        command = [build / "bench_fleet", devices, FIRST_PORT, silent, delayed, delay_ms, int(spin)]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"READY\n":
            raise RuntimeError("the fleet did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


def client(build, name, **options):
    command = [str(build / f"bench_{name}"), "--first-port", str(FIRST_PORT)]
    for key, value in options.items():
        command += ["--" + key.replace("_", "-"), str(value)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=180).stdout)


def median(runs, *path):
    def value(run):
        for key in path:
            run = run[key]
        return run

    return statistics.median(value(run) for run in runs)


def flat_out(build, runs, seconds):
    """500 devices x 100 registers, closed loop: CPU for a million registers, beside raw epoll and libmodbus.

    The devices spin: waking their process would be counted as the client's, and more of it the slower the client.
    """
    names = ["raw_epoll", "gateway", "libmodbus"]
    results = {name: [] for name in names}
    ratios = {"raw_epoll": [], "libmodbus": []}
    for _ in range(runs):
        for name in names:
            with Fleet(build, 500, spin=True):
                results[name].append(client(build, name, devices=500, seconds=seconds))
        cost = {name: results[name][-1]["cpu_s_per_million_registers"] for name in names}
        for reference in ratios:
            ratios[reference].append(cost["gateway"] / cost[reference])
    for name in names:
        yield (f"flat out, 500 devices: {name}", [
            f"{median(results[name], 'cpu_s_per_million_registers'):.3f} CPU s / 1M registers",
            f"{median(results[name], 'requests_per_s'):,.0f} requests/s",
            f"{median(results[name], 'threads'):.0f} threads"])
    yield ("flat out: gateway / raw epoll", [f"{statistics.median(ratios['raw_epoll']):.2f} x CPU (bound 1.6)"])
    yield ("flat out: gateway / libmodbus threads", [f"{statistics.median(ratios['libmodbus']):.2f} x CPU (bound 1)"])


def gaps(build, runs, seconds):
    """500 devices at 1 s with silent and late ones: the gap between two answers of the healthy."""
    cases = {
        "all healthy": {},
        "5 % silent": {"silent": 0.05},
        "30 % silent": {"silent": 0.3},
        "5 % answer after 900 ms": {"delayed": 0.05, "delay_ms": 900},
    }
    for title, faults in cases.items():
        results = []
        for _ in range(runs):
            with Fleet(build, 500, **faults):
                results.append(client(build, "gateway", devices=500, period_ms=1000, seconds=seconds))
        yield (f"500 devices at 1 s, {title}", [
            f"gap p50 {median(results, 'gap_ms', 'p50'):.1f} ms", f"p99 {median(results, 'gap_ms', 'p99'):.1f} ms (bound 1020)",
            f"max {median(results, 'gap_ms', 'max'):.1f} ms"])
    results = []
    for _ in range(runs):
        with Fleet(build, 500):
            results.append(client(build, "raw_epoll", devices=500, period_ms=1000, seconds=seconds))
    yield ("500 devices at 1 s, raw epoll", [f"gap p99 {median(results, 'gap_ms', 'p99'):.1f} ms",
                                             f"max {median(results, 'gap_ms', 'max'):.1f} ms"])


def size(build, runs, seconds):
    """1,000 devices x 100 registers at 1 s, and 5,000 connections: CPU, memory, threads."""
    for devices, bounds in ((1000, ("15", "64")), (5000, ("-", "-"))):
        for name in ("gateway", "raw_epoll"):
            results = []
            for _ in range(runs):
                with Fleet(build, devices):
                    results.append(client(build, name, devices=devices, period_ms=1000, seconds=seconds))
            bound = f" (bounds {bounds[0]} %, {bounds[1]} MB)" if name == "gateway" else ""
            yield (f"{devices} devices at 1 s: {name}", [
                f"{median(results, 'core_percent'):.1f} % of a core", f"{median(results, 'rss_kb') / 1024:.1f} MB",
                f"{median(results, 'threads'):.0f} threads", f"gap p99 {median(results, 'gap_ms', 'p99'):.1f} ms{bound}"])


def writes(build, runs, seconds):
    """A write while 500 devices are polled: event to bytes handed to the kernel."""
    for title, period, bound in (("polled at 1 s", 1000, 1), ("polled flat out", 0, 10)):
        results = []
        for _ in range(runs):
            with Fleet(build, 500):
                results.append(client(build, "gateway", devices=500, period_ms=period, seconds=seconds, writes=100))
        yield (f"write, 500 devices {title}", [
            f"p50 {median(results, 'write_ms', 'p50'):.3f} ms", f"p99 {median(results, 'write_ms', 'p99'):.3f} ms (bound {bound})",
            f"max {median(results, 'write_ms', 'max'):.3f} ms"])


def control(build, runs, seconds):
    """Orders and regulation through the whole gateway: claims on record, arbiter, writes; 500 devices beside."""

    def run(mode, devices, period):
        results = []
        for _ in range(runs):
            with tempfile.TemporaryDirectory(prefix="interwatt-bench-", dir=build) as folder, Fleet(build, devices + 2):
                command = [build / "bench_control", mode, f"{folder}/data", "--devices", devices, "--first-port", FIRST_PORT,
                           "--period-ms", period, "--seconds", 3 * seconds]
                results.append(json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True,
                                                         timeout=300).stdout))
        return results

    for title, period in (("polled at 1 s", 1000), ("polled flat out", 0)):
        results = run("order", 500, period)
        bound = " (bound 100, on a quiet machine 30)" if period else ""
        yield (f"order for 1,000 points, 500 devices {title}", [
            f"last setpoint p50 {median(results, 'last_setpoint_ms', 'p50'):.1f} ms",
            f"p99 {median(results, 'last_setpoint_ms', 'p99'):.1f} ms{bound}",
            f"of it on record p50 {median(results, 'on_record_ms', 'p50'):.1f} ms",
            f"two wake-ups p99 {median(results, 'wake_ms', 'p99'):.2f} ms"])
    for title, devices, period, bounds in (("nothing beside", 1, 1000, ("-", "-")), ("500 devices at 1 s", 500, 1000, ("2", "10")),
                                           ("500 devices flat out", 500, 0, ("10", "-"))):
        results = run("regulation", devices, period)
        yield (f"frequency to setpoint, {title}", [
            f"p50 {median(results, 'answer_ms', 'p50'):.2f} ms", f"p99 {median(results, 'answer_ms', 'p99'):.2f} ms (bound {bounds[0]})",
            f"p99.9 {median(results, 'answer_ms', 'p999'):.2f} ms (bound {bounds[1]})",
            f"two wake-ups p99 {median(results, 'wake_ms', 'p99'):.2f} ms, p99.9 {median(results, 'wake_ms', 'p999'):.2f} ms"])


def pipelining(build, runs, seconds):
    """Eight requests for each device, devices that take 20 ms: depth 4 against depth 1."""
    rates = {}
    for depth in (1, 4):
        results = []
        for _ in range(runs):
            with Fleet(build, 20, delayed=1.0, delay_ms=20):
                results.append(client(build, "gateway", devices=20, seconds=seconds, in_flight=depth, blocks=8))
        rates[depth] = median(results, "requests_per_s")
        yield (f"20 ms latency, depth {depth}", [f"{rates[depth]:,.0f} requests/s"])
    yield ("depth 4 / depth 1", [f"{rates[4] / rates[1]:.2f} x (bound 3.5)"])


def loop(build, runs, seconds):
    """A write and a read of one device, a thousand times a second, beside a bare socket."""
    results = {"raw": [], "line": []}
    with Fleet(build, 1):
        for _ in range(runs):
            for mode, measured in results.items():
                command = [str(word) for word in (build / "bench_loop", mode, "--first-port", FIRST_PORT, "--seconds", seconds)]
                measured.append(json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout))
    for mode, title in (("raw", "a bare socket"), ("line", "a command, read back")):
        yield (f"1 kHz loop: {title}", [f"cycle p50 {median(results[mode], 'cycle_ms', 'p50'):.3f} ms",
                                        f"p99 {median(results[mode], 'cycle_ms', 'p99'):.3f} ms",
                                        f"missed {median(results[mode], 'missed_per_mille'):.2f} of 1,000 ticks (bound 1)"])
    ratios = [line["cycle_ms"]["p99"] / raw["cycle_ms"]["p99"] for line, raw in zip(results["line"], results["raw"])]
    yield ("1 kHz loop: command / bare socket", [f"{statistics.median(ratios):.2f} x p99 (bound 1.2)"])


def normalize(build, runs, seconds):
    """10,000 points through the normalisation, in CPU time of one core, beside a copy of the same columns."""
    results = [client(build, "normalize", seconds=seconds / 3) for _ in range(runs)]

    def rate(case):
        return median(results, f"{case}_samples_per_s") / 1e6

    ratio = statistics.median(run["copy_samples_per_s"] / run["simple_samples_per_s"] for run in results)
    yield ("normalize: copy", [f"{rate('copy'):,.0f} M samples/s"])
    yield ("normalize: scale, range, rate, low-pass, deadband", [f"{rate('simple'):.1f} M samples/s (bound 50)",
                                                                 f"{ratio:.0f} x the copy"])
    yield ("normalize: a site with its defaults", [
        f"{rate('site'):.1f} M samples/s",
        f"10,000 points at 1 Hz: {median(results, 'core_percent_of_10000_points_at_1_hz'):.3f} % of a core (bound 1)"])


def arbiter(build, runs, seconds):
    """10,000 points with 5 claims each decided anew, in CPU time, beside reading the same claims."""
    results = [client(build, "arbiter", seconds=seconds / 3) for _ in range(runs)]
    yield ("arbiter: 10,000 points x 5 claims", [
        f"p50 {median(results, 'decide_ms', 'p50'):.2f} ms", f"p99 {median(results, 'decide_ms', 'p99'):.2f} ms (bound 5)"])
    yield ("arbiter: the same claims only read", [f"p50 {median(results, 'read_ms', 'p50'):.2f} ms"])


def controllers(build, runs, seconds):
    """A step of each controller of a site with four batteries and four inverters, beside adding up nine inputs."""
    results = [client(build, "controllers", seconds=seconds) for _ in range(runs)]
    yield ("controllers: adding up the inputs", [f"{median(results, 'sum', 'ns'):.0f} ns"])
    for kind in sorted(set(results[0]) - {"sum"}):
        ratio = statistics.median(run[kind]["ns"] / run["sum"]["ns"] for run in results)
        bound = " (bound 0)" if kind == "frequency_response" else ""
        yield (f"controllers: {kind}", [f"{median(results, kind, 'ns'):,.0f} ns a step", f"{ratio:,.0f} x the sum",
                                        f"{median(results, kind, 'allocations'):.1f} allocations{bound}"])


def formats(build, runs, seconds):
    """A batch of 200 changes: bytes and CPU, in columns beside a message a sample, JSON and JSON-LD."""
    results = [client(build, "formats", seconds=seconds / 5) for _ in range(runs)]
    titles = {"columns": "Protocol Buffers in columns", "rows": "a message of Protocol Buffers a sample",
              "json": "a JSON object a sample", "jsonld": "JSON-LD"}
    for case, title in titles.items():
        size = median(results, case, "bytes")
        bound = " (bound 1300)" if case == "columns" else ""
        ratio = size / median(results, "columns", "bytes")
        yield (f"200 changes: {title}", [
            f"{size:,.0f} bytes{bound}", f"{ratio:.1f} x the columns",
            f"{median(results, case, 'samples_per_s') / 1e6:.2f} M samples/s"])


def historian(build, runs, seconds):
    """10,000 points at 1 Hz in the history, beside rows of SQLite and zstd of the raw columns."""

    def run(*arguments):
        command = [str(word) for word in (build / "bench_historian", *arguments)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=1200).stdout)

    def in_new_folder(case, *arguments):
        with tempfile.TemporaryDirectory(prefix="interwatt-bench-", dir=build) as folder:
            return run(case, folder, *arguments)

    rates = {case: [in_new_folder(case, "--seconds", seconds) for _ in range(runs)] for case in ("record", "rows")}
    for case, title in (("record", "historian, with seals and roll-ups"), ("rows", "rows of SQLite")):
        bound = " (bound 2)" if case == "record" else ""
        yield (f"record: {title}", [
            f"{median(rates[case], 'samples_per_s') / 1e6:.2f} M samples/s{bound}",
            f"{median(rates[case], 'samples_per_cpu_s') / 1e6:.2f} M for a second of CPU"])
    rows = rates["rows"][0]
    grid, jitter = in_new_folder("hours"), in_new_folder("hours", "--jitter", 20)
    for title, result, bound in (("on the second", grid, "0.7"), ("20 ms beside it", jitter, "1.8")):
        yield (f"size: two hours, {title}", [
            f"{result['bytes_per_sample']:.2f} bytes a sample (bound {bound})",
            f"roll-ups {result['rollup_bytes_per_sample']:.2f}", f"zstd {result['zstd_bytes_per_sample']:.2f}",
            f"rows {rows['bytes_per_sample']:.0f}"])
    yield ("10,000 points at 1 Hz", [
        f"{grid['written_per_sample']:.1f} bytes written a sample (bound 40)", f"rows {rows['written_per_sample']:,.0f}",
        f"{grid['core_percent']:.2f} % of a core"])
    replays = [in_new_folder("replay") for _ in range(runs)]
    yield ("replay of 60 s of head log", [f"{median(replays, 'ms'):.0f} ms (bound 1000)"])
    with tempfile.TemporaryDirectory(prefix="interwatt-bench-", dir=build) as folder:
        size = run("day", folder)["file_bytes"]
        day = run("query", folder)
    yield ("a day of one of 10,000 series at 1 Hz", [
        f"cold {day['cold_ms']['p50']:.1f} ms (bound 10)", f"warm {day['warm_ms']['p50']:.1f} ms (bound 2)",
        f"one page of the disk {day['page_ms']['p50']:.2f} ms", f"{size / 864e6:.2f} bytes a sample"])
    year = in_new_folder("year")
    yield ("a year of quarters of an hour", [
        f"cold {year['cold_ms']['p50']:.1f} ms (bound 20)", f"warm {year['warm_ms']['p50']:.1f} ms"])


def live(build, runs, seconds):
    """10,000 points at 1 Hz to 20 browsers, from the built program."""
    program = build.parents[1] / "src" / "program" / "interwatt"
    yield from dashboard.live(lambda devices: Fleet(build, devices), program, FIRST_PORT, runs, seconds)


def pages(build, runs, seconds):
    """The pages of the built program in headless Chromium; with --minutes only what they take when left open for so long."""
    program = build.parents[1] / "src" / "program" / "interwatt"
    yield from dashboard.pages(lambda devices: Fleet(build, devices), program, build.parents[2] / "web-tests", FIRST_PORT, runs, seconds, left_open_minutes)


def bacnet(build, runs, seconds):
    """BACnet/IP: our server and our client, each beside a bare UDP program on the other side."""
    yield from bacnet_ip.speed(client, median, build, FIRST_PORT, runs, min(seconds, 5))


def comeback(build, runs, seconds):
    """1,000 devices all gone at once and back, `runs` times."""
    yield from site_comeback.report(list(site_comeback.rounds(Fleet, build, FIRST_PORT, runs)))


left_open_minutes = 0  # of `pages`

BENCHES = {bench.__name__: bench for bench in (flat_out, gaps, size, writes, control, pipelining, loop, normalize, arbiter,
                                               controllers, formats, historian, bacnet, live, comeback,
                                               pages)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(BENCHES))
    parser.add_argument("--build-dir", required=True, type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--minutes", type=float, default=0, help="of `pages`: leave them open for so long, and measure only that")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    global left_open_minutes
    left_open_minutes = arguments.minutes
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))

    build = arguments.build_dir.resolve() / "tests" / "bench"
    rows = []
    for name in arguments.names or BENCHES:
        for title, figures in BENCHES[name](build, arguments.runs, arguments.seconds):
            rows.append({"bench": name, "title": title, "figures": figures})
            if not arguments.json:
                print(f"{title:<44} {'   '.join(figures)}", flush=True)
    if arguments.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    sys.exit(main())
