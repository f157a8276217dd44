"""The dashboard's side of the gateway: the built program with its API, and what browsers do to it."""

import http.client
import json
import multiprocessing
import os
import pathlib
import selectors
import socket
import statistics
import struct
import subprocess
import tempfile
import time

DEVICES, POINTS, BROWSERS = 100, 100, 20


def site(folder, first_port, devices, api_port, more=""):
    """The configuration of a site of meters with a hundred points each."""
    profiles = folder / "profiles" / "bench"
    profiles.mkdir(parents=True)
    (profiles / "meter.yaml").write_text(
        "profile: bench/meter\nmanufacturer: Bench\nmodels: [Meter]\ndescription: A hundred registers.\n"
        "assets: [{kind: meter}]\naddress_base: pdu\nconnection: {unit: 1}\ndefaults: {table: holding, type: u16}\npoints:\n"
        + "".join(f"  - {{name: ActivePower.{i}, address: {i}, unit: W, rate: normal}}\n" for i in range(POINTS)))
    config = folder / "interwatt.yaml"
    config.write_text(
        f"site: {{name: Bench}}\nprofiles: profiles\nrates: {{normal: 1s}}\napi: {{listen: '127.0.0.1:{api_port}'}}\n{more}devices:\n"
        + "".join(f"  - {{name: meter {i}, connect: 'modbus://127.0.0.1:{first_port + i}?unit=1', profile: bench/meter}}\n"
                  for i in range(devices)))
    return config


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """`interwatt run` on a configuration, and a token for its API, as long as the with block lasts."""

    def __init__(self, program, config, port):
        self.port = port
        command = [program, "user", "token", "bench", "--role", "viewer", "-c", config]
        self.token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        self.process = subprocess.Popen([program, "run", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        try:
            self.wait_for(lambda: self.get("/api/v1/site"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            body = answer.read()
            return json.loads(body) if answer.status == 200 else None
        except OSError:
            return None
        finally:
            connection.close()

    def wait_for(self, holds, within=30):
        until = time.monotonic() + within
        while not holds():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("the gateway did not get there")
            time.sleep(0.1)

    def online(self, devices):
        return (self.get("/api/v1/site") or {}).get("devices", {}).get("online", 0) == devices

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def busy(self, seconds):
        """Percent of a core over so many seconds."""
        cpu, begin = self.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return 100 * (self.cpu_seconds() - cpu) / (time.monotonic() - begin)


class Viewer:
    """One browser's socket: it asks for all points and counts what comes, without looking into it."""

    def __init__(self, gateway, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", gateway.port))
        self.socket.sendall((f"GET /api/v1/live HTTP/1.1\r\nHost: localhost:{gateway.port}\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                             f"Authorization: Bearer {gateway.token}\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1)
        wish = json.dumps({"subscribe": ["*"]}).encode()
        self.socket.sendall(bytes([0x81, 0x80 | len(wish), 0, 0, 0, 0]) + wish)
        self.bytes = 0
        self.values = 0
        self.times = []
        self._rest = b""

    def read(self):
        arrived = self.socket.recv(1 << 20)
        self.bytes += len(arrived)
        self._rest += arrived
        while (message := self._message()) is not None:
            if message.startswith(b'{"type":"values"'):
                self.values += message.count(b"[") - 1
                self.times.append(time.monotonic())

    def _message(self):
        if len(self._rest) < 10:
            return None
        length, start = self._rest[1], 2
        if length == 126:
            length, start = struct.unpack(">H", self._rest[2:4])[0], 4
        elif length == 127:
            length, start = struct.unpack(">Q", self._rest[2:10])[0], 10
        if len(self._rest) < start + length:
            return None
        message, self._rest = self._rest[start:start + length], self._rest[start + length:]
        return message


def look_on(gateway, seconds, stalled, results):
    """Twenty browsers in one process, and `stalled` more that never read."""
    sleepers = [Viewer(gateway, receive_buffer=4096) for _ in range(stalled)]
    viewers = [Viewer(gateway) for _ in range(BROWSERS)]
    selector = selectors.DefaultSelector()
    for viewer in viewers:
        selector.register(viewer.socket, selectors.EVENT_READ, viewer)
    begin = time.monotonic() + 2  # the first message is of all points
    while (now := time.monotonic()) < begin + seconds:
        for key, _ in selector.select(0.1):
            key.data.read()
        if now < begin:
            for viewer in viewers:
                viewer.bytes, viewer.values, viewer.times = 0, 0, []
    gaps = [(b - a) * 1000 for viewer in viewers for a, b in zip(viewer.times, viewer.times[1:])]
    results.put({"values_per_s": statistics.mean(viewer.values for viewer in viewers) / seconds,
                 "bytes": statistics.mean(viewer.bytes for viewer in viewers),
                 "gap_p99_ms": statistics.quantiles(gaps, n=100)[98]})
    for viewer in sleepers + viewers:
        viewer.socket.close()


def connected_pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        far = socket.create_connection(server.getsockname())
        return server.accept()[0], far


def only_write(byte_rate, seconds, results):
    """The reference: the same bytes, made beforehand, written four times a second to twenty sockets."""
    message = bytes(int(byte_rate / 4))
    pairs = [connected_pair() for _ in range(BROWSERS)]

    def drain():
        selector = selectors.DefaultSelector()
        for _, far in pairs:
            selector.register(far, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                key.fileobj.recv(1 << 20)

    reader = multiprocessing.Process(target=drain, daemon=True)
    reader.start()
    cpu, begin = time.process_time(), time.monotonic()
    while time.monotonic() < begin + seconds:
        for near, _ in pairs:
            near.sendall(message)
        time.sleep(0.25)
    results.put(100 * (time.process_time() - cpu) / (time.monotonic() - begin))
    reader.terminate()


def in_child(work, *arguments):
    """The function in a process of its own, with a queue for its results as the last argument."""
    results = multiprocessing.Queue()
    child = multiprocessing.Process(target=work, args=(*arguments, results))
    child.start()
    return child, results


def live(fleet, program, first_port, runs, seconds):
    """10,000 points at 1 Hz to 20 browsers: what the gateway costs more, beside a process that only writes the same bytes."""
    seen = {"none": [], "browsers": [], "stalled": []}
    figures = {"browsers": [], "stalled": []}
    memory, written = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="interwatt-bench-") as folder, fleet(DEVICES):
            port = free_port()
            config = site(pathlib.Path(folder), first_port, DEVICES, port)
            with Gateway(program, config, port) as gateway:
                gateway.wait_for(lambda gateway=gateway: gateway.online(DEVICES))
                time.sleep(3)
                seen["none"].append(gateway.busy(seconds))
                for case, stalled in (("browsers", 0), ("stalled", 1)):
                    before = gateway.resident_mb()
                    child, results = in_child(look_on, gateway, seconds, stalled)
                    time.sleep(2)
                    seen[case].append(gateway.busy(seconds - 0.5))
                    figures[case].append(results.get(timeout=30))
                    memory.append(gateway.resident_mb() - before)
                    child.join()
        child, results = in_child(only_write, figures["browsers"][-1]["bytes"] / seconds, seconds)
        written.append(results.get(timeout=30 + seconds))
        child.join()

    def of(case, key):
        return statistics.median(run[key] for run in figures[case])

    quiet = statistics.median(seen["none"])
    yield ("10,000 points at 1 Hz, nobody looks", [f"{quiet:.1f} % of a core"])
    for case, title in (("browsers", "20 browsers"), ("stalled", "20 browsers, one more stalled")):
        yield (f"10,000 points at 1 Hz, {title}", [
            f"{statistics.median(seen[case]):.1f} % of a core (bound 25)", f"{of(case, 'values_per_s'):,.0f} values/s each",
            f"gap p99 {of(case, 'gap_p99_ms'):.0f} ms", f"+{max(memory):.1f} MB"])
    more = statistics.median(seen["browsers"]) - quiet
    yield ("the same bytes only written", [f"{statistics.median(written):.1f} % of a core",
                                           f"20 browsers cost {more / max(statistics.median(written), 0.1):.1f} x"])


def year_of_quarters(folder):
    """A CSV of one point's values, one each quarter of an hour of the last year."""
    lines = ["time,path,value,unit,quality,point,mrid"]
    now = int(time.time()) // 900 * 900
    for i in range(365 * 96):
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now - (365 * 96 - i) * 900))
        lines.append(f"{when}.000Z,year/ActivePower,{i * 37 % 5000},W,good,ActivePower,5a0c2f0e-7d0b-4f6b-9c0e-1d6f2a3b4c5d")
    path = folder / "year.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def left_open(results):
    """A row for each page that was left open."""
    for title, name in (("1,000 rows of devices, left open", "devices"), ("one device, left open", "device"), ("the overview, left open", "overview")):
        worst = max((run["memory"][name] for run in results), key=lambda one: one["mb_per_hour"])
        course = ", ".join(f"{mb:.1f}" for mb in worst["each_mb"])
        yield (title, [f"{course} MB over {worst['minutes']:g} min, {worst['most_mb']:.1f} at most", f"{worst['mb_per_hour']:+.2f} MB an hour",
                       f"{worst['nodes']:+.0f} nodes, {worst['listeners']:+.0f} listeners"])


def pages(fleet, program, node_folder, first_port, runs, seconds, minutes=0):
    """The pages in headless Chromium: 1,000 devices with 100,000 points at 1 Hz behind them, and a year of history."""
    devices, results = 1000, []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="interwatt-bench-") as name, fleet(devices):
            folder, port = pathlib.Path(name), free_port()
            config = site(folder, first_port, devices, port, "history: {raw_days: 400}\n")
            year = [] if minutes > 0 else [(["historian", "import", year_of_quarters(folder)], ""), (["historian", "compact"], "")]
            for command, text in [*year, (["user", "add", "bench", "--role", "viewer"], "correct horse battery\n")]:
                subprocess.run([program, *command, "-c", config], input=text, check=True, capture_output=True, text=True)
            with Gateway(program, config, port) as gateway:
                gateway.wait_for(lambda gateway=gateway: gateway.online(devices), within=180)
                command = ["node", "pages.mjs", f"http://127.0.0.1:{port}/", "bench", "correct horse battery", str(seconds), str(minutes)]
                results.append(json.loads(subprocess.run(command, check=True, capture_output=True, cwd=node_folder, timeout=300 + 60 * minutes).stdout))
    if minutes > 0:
        yield from left_open(results)
        return

    def of(*keys):
        def value(run):
            for key in keys:
                run = run[key]
            return run

        return statistics.median(value(run) for run in results)

    yield ("first paint of the overview", [
        f"{of('overview', 'ms'):.0f} ms (bound 1000)", f"{of('overview', 'bytes') / 1024:.0f} kB (bound 350)",
        f"a line of text {of('plain', 'ms'):.0f} ms"])
    yield ("a year of one point, click to drawn", [f"{of('year', 'ms'):.0f} ms (bound 300)", f"the answer alone {of('year', 'answer_ms'):.0f} ms"])
    yield ("1,000 rows of devices, scrolled", [f"{of('scroll', 'fps'):.0f} frames a second (bound 60)", f"p99 of a frame {of('scroll', 'late_ms'):.0f} ms"])
    yield from left_open(results)
