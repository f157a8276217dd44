"""The metrics of a running gateway, judged by Prometheus' own tool and by its Python client.

    metrics_scraped.py promtool|prometheus_client <interwatt> <free port> <another>

One line of JSON for each check.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

OPEN_METRICS = "application/openmetrics-text;version=1.0.0"


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def scraped(url, accept):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def scraped_with_values(url, accept, within=10):
    until = time.monotonic() + within
    while True:
        with contextlib.suppress(OSError):
            kind, text = scraped(url, accept)
            if "interwatt_frequency_hertz{" in text:
                return kind, text
        if time.monotonic() > until:
            raise SystemExit("no metrics with values")
        time.sleep(0.2)


def check(name, ok, detail=""):
    print(json.dumps({"check": name, "ok": bool(ok), "detail": "" if ok else str(detail)}), flush=True)


def by_promtool(url):
    _, text = scraped_with_values(url, "text/plain")
    judged = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    check("text format", judged.returncode == 0 and not judged.stderr, judged.stderr)


def by_client(url):
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
    from prometheus_client.parser import text_string_to_metric_families as plain

    values = {}
    for name, accept, parse, kind in (("text format", "text/plain", plain, "text/plain; version=0.0.4"),
                                      ("OpenMetrics", OPEN_METRICS, open_metrics, OPEN_METRICS.replace(";", "; "))):
        content_type, text = scraped_with_values(url, accept)
        families = {family.name: family for family in parse(text)}
        frequency = families["interwatt_frequency_hertz"].samples[0]
        check(name, content_type.startswith(kind) and 49 < frequency.value < 51, (content_type, frequency))
        values[name] = set(families)
    check("same families", len(values["text format"] ^ values["OpenMetrics"]) <= 2, values)  # build: an info


def main():
    peer, interwatt, modbus, api = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "interwatt.yaml")
        config.write_text(f"api: {{listen: '127.0.0.1:{api}'}}\ndevices:\n  - name: meter\n"
                          f"    connect: modbus://127.0.0.1:{modbus}\n    profile: eastron/sdm630\n")
        with (running(interwatt, "simulate", "eastron/sdm630", "--listen", f"127.0.0.1:{modbus}"),
              running(interwatt, "run", "-c", str(config))):
            {"promtool": by_promtool, "prometheus_client": by_client}[peer](f"http://127.0.0.1:{api}/metrics")


main()
