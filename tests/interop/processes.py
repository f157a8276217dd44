"""Child processes of the interop tests: servers that say READY <port>, clients that print lines of JSON, and
the pseudo-terminals between them. Everything is ended by its own process id."""

import json
import os
import select
import socket
import subprocess
import threading
import tty


class Failed(Exception):
    """What stood in the way of a case, in one line."""


class NotRun(Failed):
    """What this machine lacks."""


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server under way. `said` is what it printed before READY."""

    def __init__(self, command, env=None, timeout=30):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        self.said, self.errors, self.port = [], [], None
        self._ready = threading.Event()
        for read in (self._read_output, self._read_errors):
            threading.Thread(target=read, daemon=True).start()
        if not self._ready.wait(timeout) or self.port is None:
            self.stop()
            raise Failed(f"{os.path.basename(command[0])} did not start: {last_line(''.join(self.errors))}")

    def _read_output(self):
        for line in self.process.stdout:
            if line.startswith("READY "):
                self.port = int(line.split()[1])
                self._ready.set()
            elif self.port is None:
                self.said.append(line)
        self._ready.set()

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def stop(self):
        self.process.stdin.close()
        for end in (None, self.process.terminate, self.process.kill):
            if end:
                end()
            try:
                self.process.wait(2)
                return
            except subprocess.TimeoutExpired:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class OurServer(Server):
    """One of our programs: it must also end well."""

    def __exit__(self, *_):
        super().__exit__()
        if self.process.returncode != 0:
            program = os.path.basename(self.process.args[0])
            raise Failed(
                f"{program} ended with code {self.process.returncode}: {last_line(''.join(self.errors))}"
            )


def run_checks(command, timeout=90):
    """Runs a client; gives the checks that it printed."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{os.path.basename(command[0])} did not end within {timeout} s") from None
    checks = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0:
        checks.append(
            {"check": "exit", "ok": False, "detail": f"code {done.returncode}: {last_line(done.stderr)}"}
        )
    if not checks:
        raise Failed(f"{os.path.basename(command[0])} checked nothing: {last_line(done.stderr)}")
    return checks


class SerialLine:
    """Two pseudo-terminals, joined: what one end writes, the other reads."""

    def __init__(self):
        self._ends = [os.openpty(), os.openpty()]
        for _, terminal in self._ends:
            tty.setraw(terminal)
        self.devices = [os.ttyname(terminal) for _, terminal in self._ends]
        self._wake, self._stop = os.pipe()
        self._pump = threading.Thread(target=self._run)
        self._pump.start()

    def _run(self):
        a, b = (master for master, _ in self._ends)
        other = {a: b, b: a}
        while True:
            readable, _, _ = select.select([a, b, self._wake], [], [])
            if self._wake in readable:
                return
            for master in readable:
                os.write(other[master], os.read(master, 4096))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._stop)
        self._pump.join()
        for descriptor in (self._wake, *(d for pair in self._ends for d in pair)):
            os.close(descriptor)
