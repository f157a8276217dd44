"""BACnet/IP, ours beside bare UDP: see bacnet_raw.cpp. Devices and clients share this machine's cores."""

import json
import subprocess


class BacnetDevices:
    """Devices on the server of the gateway; `cost` is known after the with block."""

    def __init__(self, build, port, devices, objects, spin=False):
        command = [build / "bench_bacnet_devices", devices, port, objects, int(spin)]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"READY\n":
            raise RuntimeError("the devices did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.cost = json.loads(self.process.stdout.read())
        self.process.wait(10)


class RawAnswers:
    """The least that answering ReadProperty can cost."""

    def __init__(self, build, port):
        command = [str(build / "bench_bacnet_raw"), "answer", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)


class Storm:
    """Ten thousand Who-Is a second; `said` is known after the with block, which ends when it does."""

    def __init__(self, build, port, seconds):
        command = [build / "bench_bacnet_raw", "storm", port, 10_000, seconds]
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.said = json.loads(self.process.stdout.read())
        self.process.wait(10)


def storms(client, median, build, port, runs, seconds):
    """Who-Is without end, at our server while it is read, and at our client while it reads."""
    reads, storms = [], []
    for _ in range(runs):
        with BacnetDevices(build, port, 1, 1000), Storm(build, port, seconds + 1) as storm:
            reads.append(client(build, "bacnet_raw", in_flight=1, devices=1, registers=1, seconds=seconds))
        storms.append(storm.said)
    yield ("bacnet: our server, read in a storm of Who-Is", [
        f"p99 {median(reads, 'gap_ms', 'p99'):.2f} ms (bound 50)", f"max {median(reads, 'gap_ms', 'max'):.2f} ms",
        f"{median(storms, 'sent_per_s'):,.0f} Who-Is/s", f"{median(storms, 'i_am_per_s'):,.0f} I-Am/s (bound 50)"])
    polled = {"quiet": [], "storm": []}
    for _ in range(runs):
        for case, results in polled.items():
            with BacnetDevices(build, port, 100, 50):
                # Longer than its client: the devices are found first.
                with Storm(build, port + (100 if case == "storm" else 101), seconds + 4):
                    results.append(client(build, "bacnet_client", devices=100, registers=50, period_ms=1000, seconds=seconds))
    yield ("bacnet: our client, 5,000 values/s in a storm", [
        f"{median(polled['storm'], 'values_per_s'):,.0f} values/s (beside it {median(polled['quiet'], 'values_per_s'):,.0f})",
        f"{median(polled['storm'], 'core_percent'):.1f} % of a core (beside it {median(polled['quiet'], 'core_percent'):.1f})"])


def speed(client, median, build, port, runs, seconds):
    cases = {"raw": [], "rp": [], "rpm": []}
    server = {"rp": [], "rpm": []}
    for _ in range(runs):
        with RawAnswers(build, port):
            cases["raw"].append(client(build, "bacnet_raw", in_flight=8, devices=1, registers=1, seconds=seconds))
        for case, values in (("rp", 1), ("rpm", 20)):
            with BacnetDevices(build, port, 1, 1000) as devices:
                cases[case].append(client(build, "bacnet_raw", in_flight=8, devices=1, registers=values, seconds=seconds))
            server[case].append(devices.cost)
    yield ("bacnet: raw UDP responder, ReadProperty", [f"{median(cases['raw'], 'requests_per_s'):,.0f} requests/s"])
    for case, title, bound in (("rp", "ReadProperty", 40_000), ("rpm", "ReadPropertyMultiple of 20", 20_000)):
        cost = median(server[case], "cpu_us_per_request")
        rate = median(cases[case], "requests_per_s")
        yield (f"bacnet: our server, {title}", [
            f"{rate:,.0f} requests/s (bound {bound:,})", f"{cost:.1f} us of CPU each: {1e6 / cost:,.0f}/s on one core",
            f"{rate / median(cases['raw'], 'requests_per_s'):.2f} x the raw responder",
            f"p99 {median(cases[case], 'gap_ms', 'p99'):.2f} ms"])
    peers = {"bacnet_raw": [], "bacnet_client": []}
    for _ in range(runs):
        for name in peers:
            with BacnetDevices(build, port, 100, 50, spin=True):
                peers[name].append(client(build, name, in_flight=8, devices=100, registers=1, seconds=seconds))
    raw, ours = (median(peers[name], "cpu_us_per_request") for name in ("bacnet_raw", "bacnet_client"))
    yield ("bacnet: raw UDP requester, 100 peers", [f"{median(peers['bacnet_raw'], 'requests_per_s'):,.0f} requests/s",
                                                    f"{raw:.1f} us of CPU each"])
    yield ("bacnet: our client, ReadProperty, 100 peers", [
        f"{median(peers['bacnet_client'], 'requests_per_s'):,.0f} requests/s (bound 30,000)",
        f"{ours:.1f} us of CPU each: {1e6 / ours:,.0f}/s on one core", f"{ours / raw:.2f} x raw"])
    with BacnetDevices(build, port, 1000, 50):
        polled = client(build, "bacnet_client", devices=1000, registers=50, period_ms=10_000, seconds=20)
    yield ("bacnet: 1,000 devices x 50 points each 10 s", [
        f"{polled['core_percent']:.1f} % of a core (bound 5)", f"{polled['values_per_s']:,.0f} values/s",
        f"{polled['requests_per_s']:,.0f} requests/s", f"{polled['rss_kb'] / 1024:.0f} MB"])
    yield from storms(client, median, build, port, runs, seconds)
