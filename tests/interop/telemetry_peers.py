"""Telemetry: foreign processors of our JSON-LD and Protocol Buffers, databases that take our values, readers of our
metrics."""

import functools
import json
import subprocess

import peers
from cases import ROOT, Case
from processes import free_port, run_checks

SHORT = {"series": "one series", "numbers": "the same numbers", "stale": "nothing shown once the device is lost"}
JSONLD = [("jsonld", "JavaScript", "node"), ("PyLD", "Python", "python"), ("rdflib", "Python", "python")]


class Telemetry:
    def __init__(self, bench):
        self.bench = bench

    @functools.cached_property
    def telemetry(self):
        """A folder with telemetry as our encoders write it."""
        folder = self.bench.cache / "telemetry"
        folder.mkdir(exist_ok=True)
        subprocess.run(self.bench.ours("telemetry_written", str(folder)), check=True)
        return folder

    @functools.cached_property
    def triples(self):
        """{peer: {document: number of triples}}"""
        files = str(self.telemetry), str(ROOT / "context/v1.jsonld")
        commands = {
            "jsonld": self.bench.setups.node.command("jsonld_triples.mjs", *files),
            "PyLD": self.bench.setups.python.command("jsonld_triples.py", "pyld", *files),
            "rdflib": self.bench.setups.python.command("jsonld_triples.py", "rdflib", *files),
        }
        return {peer: json.loads(peers.run(command)) for peer, command in commands.items()}

    def compare_triples(self, peer):
        others = [counts for other, counts in self.triples.items() if other != peer]
        checks = []
        for document, count in self.triples[peer].items():
            wanted = {counts[document] for counts in others}
            checks.append(
                {
                    "check": f"{document} ({count} triples)",
                    "ok": wanted == {count},
                    "detail": f"{count} triples, others find {wanted}",
                }
            )
        return checks

    def read_protobuf(self):
        descriptors = self.telemetry / "telemetry.desc"
        schema = ["--proto_path", str(ROOT / "proto"), "interwatt/v1/telemetry.proto"]
        peers.run(["protoc", f"--descriptor_set_out={descriptors}", *schema])
        return run_checks(
            self.bench.setups.python.command("protobuf_read.py", str(self.telemetry), str(descriptors))
        )

    def ingest(self, database, kind):
        sender = str(self.bench.programs / "telemetry_sent")
        return run_checks(
            self.bench.setups.python.command("metrics_ingest.py", database, kind, sender, str(free_port()))
        )

    def scrape(self, peer):
        ports = str(free_port()), str(free_port())
        return run_checks(
            self.bench.setups.python.command("metrics_scraped.py", peer, str(self.bench.interwatt), *ports)
        )

    def cases(self):
        for peer, language, set_up in JSONLD:
            yield Case(
                peer,
                language,
                f"{set_up} node python",
                "its processor, our JSON-LD",
                "",
                lambda p=peer: self.compare_triples(p),
            )
        yield Case(
            "protobuf", "Python", "python", "its decode, our Protocol Buffers", "", self.read_protobuf
        )
        for database, kind in (
            ("victoria-metrics", "prometheus"),
            ("victoria-metrics", "influx"),
            ("prometheus", "prometheus"),
        ):
            what = {"prometheus": "remote write", "influx": "line protocol"}[kind]
            yield Case(
                database,
                "Go",
                "databases python",
                f"our {what}, its database",
                "http",
                lambda d=database, k=kind: self.ingest(d, k),
            )
        for peer, language, set_up in (
            ("promtool", "Go", "databases python"),
            ("prometheus_client", "Python", "python"),
        ):
            yield Case(
                peer, language, set_up, "its parser, our /metrics", "http", lambda p=peer: self.scrape(p)
            )


def cases(bench):
    return Telemetry(bench).cases()
