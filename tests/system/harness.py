"""What the system tests share: the binary, its processes, and simulated devices on ports of their own."""

import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

# From run.py.
binary = None  # the path of interwatt
kills = 50  # of each crash test
seed = 1  # of what the tests draw by chance

ROOT = pathlib.Path(__file__).resolve().parents[2]


def interwatt(*arguments, stdin="", timeout=30):
    """One command, from start to end."""
    return subprocess.run(
        [binary, *map(str, arguments)],
        input=stdin, capture_output=True, text=True, timeout=timeout, check=False,
    )


# Below the range from which the system takes ports of its own accord, and from another start for each run, so that
# nobody takes a port between our looking and the program's listening.
_ports = itertools.count(12_000 + os.getpid() * 61 % 12_000)


def free_port():
    """A port that nobody has, and that is given out once."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class Process:
    """A command under way; its output is kept line by line."""

    def __init__(self, *arguments):
        self.lines = []
        self._said = threading.Condition()
        self._process = subprocess.Popen(
            [binary, *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._said:
                self.lines.append(line.rstrip("\n"))
                self._said.notify_all()

    def wait_for(self, text, within, after=0):
        """The first line from number `after` on that contains the text."""
        def found():
            return next((line for line in self.lines[after:] if text in line), None)

        with self._said:
            line = self._said.wait_for(found, within)
            if line is None:
                raise AssertionError(f"no '{text}' within {within} s in:\n" + "\n".join(self.lines[after:]))
            return line

    def send(self, number):
        self._process.send_signal(number)

    def wait(self, within):
        """Its exit status, once it has ended by itself."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._reader.join(5)
            self._process.stdout.close()

    def end(self, number=signal.SIGTERM, within=10):
        """Its exit status and the seconds it took to end. Nothing is sent to one that has ended already."""
        started = time.monotonic()
        if self._process.poll() is None:
            self.send(number)
        return self.wait(within), time.monotonic() - started


class Simulated(Process):
    """A simulated device that listens, on the port given or one that is free."""

    def __init__(self, profile, *arguments, port=None):
        self.port = port or free_port()
        self.url = f"modbus://127.0.0.1:{self.port}?unit=1"
        if profile.startswith("bacnet/"):
            self.url = f"bacnet://127.0.0.1:{self.port}?device=1001"
        super().__init__("simulate", profile, "--listen", f"127.0.0.1:{self.port}", *arguments)
        try:
            self.wait_for(f" at {self.url.split(':')[0]}", within=10)
        except AssertionError:
            self.end()
            raise


class SystemTest(unittest.TestCase):
    """A folder of its own, and processes that end with the test."""

    longMessage = True
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="interwatt-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, *arguments):
        process = Process(*arguments)
        self.addCleanup(process.end)
        return process

    def simulate(self, profile, *arguments, port=None):
        device = Simulated(profile, *arguments, port=port)
        self.addCleanup(device.end)
        return device

    def write_file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def ended_with(self, status, result):
        self.assertEqual(result.returncode, status, f"{result.args}\n{result.stdout}{result.stderr}")
        return result

    def json_of(self, *arguments, status=0):
        return json.loads(self.ended_with(status, interwatt(*arguments)).stdout)


def site_of(**devices):
    """A configuration: name=(url, profile)."""
    text = "rates:\n  normal: 1s\n  slow: 2s\ndevices:\n"
    for name, (url, profile) in devices.items():
        text += f"  - name: {name}\n    connect: {url}\n    profile: {profile}\n"
    return text
