"""A time-series database of Debian takes what we send, and gives the same numbers back.

    metrics_ingest.py victoria-metrics|prometheus prometheus|influx <our telemetry_sent> <free port>

One line of JSON for each check.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

LABELS = {"site": "Mühle", "asset": "roof", "point": "ActivePower.A", "unit": "W", "phase": "A"}
METRIC = {"prometheus": "interwatt_active_power_watts", "influx": "ActivePower_value"}
WRITE = {"prometheus": "/api/v1/write", "influx": ""}


def command(server, port, folder):
    if server == "victoria-metrics":
        return [server, f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={folder}/data"]
    Path(folder, "prometheus.yml").write_text("{}")
    return [server, f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder}/data",
            f"--config.file={folder}/prometheus.yml", "--web.enable-remote-write-receiver"]


def ask(url, within=10):
    """The body, as soon as the server answers with success."""
    until = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def series(server, base, metric, begin_ms):
    """What the server has of the metric: [(labels, [(ms, value)])], without what it holds for stale."""
    if server == "victoria-metrics":
        query = urllib.parse.urlencode({"match[]": metric, "start": begin_ms / 1000 - 60, "end": begin_ms / 1000 + 60})
        lines = ask(f"{base}/api/v1/export?{query}").splitlines()
        found = [json.loads(line) for line in lines]
        return [(one["metric"], [(ms, value) for ms, value in zip(one["timestamps"], one["values"]) if value is not None])
                for one in found]
    query = urllib.parse.urlencode({"query": f"{metric}[120s]", "time": begin_ms / 1000 + 60})
    found = json.loads(ask(f"{base}/api/v1/query?{query}"))["data"]["result"]
    return [(one["metric"], [(round(s * 1000), float(value)) for s, value in one["values"]]) for one in found]


def current(base, metric, ms):
    """What an instant query shows, right after the device was lost."""
    query = urllib.parse.urlencode({"query": metric, "time": ms / 1000})
    return json.loads(ask(f"{base}/api/v1/query?{query}"))["data"]["result"]


def check(name, found, wanted):
    ok = found == wanted
    print(json.dumps({"check": name, "ok": ok, "detail": "" if ok else f"{found} instead of {wanted}"}), flush=True)


def main():
    server, kind, sender, port = sys.argv[1:]
    begin_ms = (int(time.time()) - 40) * 1000
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(command(server, port, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ask(f"{base}/-/ready" if server == "prometheus" else f"{base}/health", within=30)
            print(subprocess.run([sender, kind, base + WRITE[kind], str(begin_ms)], capture_output=True, text=True,
                                 timeout=30, check=True).stdout, end="", flush=True)
            wanted = [(begin_ms + i * 1000, i * 1.25 - 10) for i in range(20)]
            found = []
            until = time.monotonic() + 15  # a database shows what it took after a moment
            while time.monotonic() < until and not (found and len(found[0][1]) == len(wanted)):
                time.sleep(0.2)
                found = series(server, base, METRIC[kind], begin_ms)
            check("series", len(found), 1)
            labels = {name: value for name, value in (found[0][0] if found else {}).items() if name in LABELS}
            check("labels", labels, LABELS)
            check("numbers", found[0][1] if found else [], wanted)
            if kind == "prometheus":
                check("stale", current(base, METRIC[kind], begin_ms + 21_000), [])
        finally:
            process.terminate()
            process.wait(10)


main()
