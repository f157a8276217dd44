"""What was put into a gateway is taken out in open formats and read back elsewhere: out, in, out, the same bytes."""

import csv
import json
import pathlib
import random
import signal
import subprocess
import time

import harness

METER = "eastron/sdm630"


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


class Portability(harness.SystemTest):
    def gateway_with_everything(self):
        """History, events that were acknowledged, a profile of its own, a comment in the configuration."""
        meter = self.simulate(METER)
        profile = self.folder / "source" / "own" / "acme" / "meter.yaml"
        profile.parent.mkdir(parents=True)
        profile.write_text((harness.ROOT / "profiles" / "eastron" / "sdm630.yaml").read_text())
        config = self.folder / "source" / "site.yaml"
        config.write_text("# the roof of the factory\nsite: {name: Factory roof}\nprofiles: own\n"
                          "history: {reserve: 0}\nlimits: {meter/Frequency: {high: 10}}\n"
                          + harness.site_of(meter=(meter.url, METER)))
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=20)
        time.sleep(2)
        self.run_tool("events", "ack", "--all", "--comment", "known", "-c", config)
        gateway.end(signal.SIGTERM)
        return config

    def run_tool(self, *arguments, status=0):
        return self.ended_with(status, harness.interwatt(*arguments))

    def test_out_in_on_an_empty_machine_and_out_again_is_the_same_bytes(self):
        config = self.gateway_with_everything()
        for form in ("csv", "protobuf"):
            first, second, there = (self.folder / f"{name}-{form}" for name in ("first", "second", "there"))
            self.run_tool("export", "-c", config, "-o", first, "--format", form)
            self.run_tool("import", "site", first, "-o", there)
            self.run_tool("export", "-c", there / "interwatt.yaml", "-o", second, "--format", form)
            out = contents(first)
            self.assertEqual(out, contents(second))
            self.assertEqual(out["interwatt.yaml"], config.read_bytes())
            self.assertIn("profiles/acme/meter.yaml", out)
            self.assertIn('"comment":"known"', out["events.jsonl"].decode())
            self.assertEqual({file["path"] for file in json.loads(out["manifest.json"])["files"]},
                             set(out) - {"manifest.json"})
            query = ("query", "meter/*", "--json", "--since", "1h")
            self.assertEqual(self.run_tool(*query, "-c", config).stdout,
                             self.run_tool(*query, "-c", there / "interwatt.yaml").stdout)
            self.assertEqual(self.run_tool("events", "--json", "-c", config).stdout,
                             self.run_tool("events", "--json", "-c", there / "interwatt.yaml").stdout)
            self.run_tool("check", there / "interwatt.yaml")

    def test_a_damaged_export_and_a_place_that_is_taken_are_refused_and_nothing_is_left(self):
        config = self.gateway_with_everything()
        out = self.folder / "out"
        self.run_tool("export", "-c", config, "-o", out)
        self.assertIn("exists already", self.run_tool("export", "-c", config, "-o", out, status=1).stderr)
        self.assertIn("exists already", self.run_tool("import", "site", out, "-o", config.parent, status=1).stderr)
        samples = out / "history" / "samples.csv"
        good = samples.read_bytes()
        samples.write_bytes(good.replace(b"good", b"goof", 1))
        there = self.folder / "there"
        self.assertIn("checksum", self.run_tool("import", "site", out, "-o", there, status=1).stderr)
        self.assertFalse(there.exists())
        samples.write_bytes(good)
        self.run_tool("import", "site", out, "-o", there)

    def test_a_part_of_the_history_goes_out_and_a_file_from_elsewhere_comes_in(self):
        config = self.gateway_with_everything()
        out = self.folder / "out"
        self.run_tool("historian", "export", out, "meter/Frequency", "-c", config)
        with open(out / "samples.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["path"] for row in rows}, {"meter/Frequency"})
        self.assertTrue(all(49 < float(row["value"]) < 51 and row["unit"] == "Hz" for row in rows))
        data = self.folder / "data"
        self.run_tool("historian", "import", out / "samples.csv", "--data", data)
        there = self.run_tool("query", "meter/Frequency", "--json", "--data", data).stdout.splitlines()
        self.assertEqual([json.loads(line)["value"] for line in there], [float(row["value"]) for row in rows])

    def test_the_history_of_a_running_gateway_is_not_imported_into(self):
        config = self.gateway_with_everything()
        out = self.folder / "out"
        self.run_tool("historian", "export", out, "-c", config)
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=20)
        self.assertIn("belongs to process",
                      self.run_tool("historian", "import", out, "-c", config, status=1).stderr)
        gateway.end(signal.SIGTERM)


class Killed(harness.SystemTest):
    SERIES = 200
    HOURS = 8

    def samples_of(self, hour):
        """A value a minute of each series."""
        path = self.folder / f"hour{hour}.csv"
        with open(path, "w", encoding="utf-8") as file:
            file.write("time,path,value,unit,quality,point,mrid\n")
            for series in range(self.SERIES):
                for minute in range(60):
                    file.write(f"2026-03-01T{hour:02}:{minute:02}:00.000Z,meter{series:03}/ActivePower,"
                               f"{hour * 60 + minute + series / 8},W,good,ActivePower,"
                               f"00000000-0000-4000-8000-{series:012}\n")
        return path

    def test_no_kill_of_an_import_or_a_compaction_takes_a_value(self):
        data = self.folder / "data"
        self.interrupted("historian", "import", self.samples_of(0), "--data", data, times=5)
        for hour in range(self.HOURS):  # each is sealed by itself: many small blocks
            self.historian("import", self.samples_of(hour), "--data", data)
        before = self.values(data)
        self.assertEqual(before.count(b"\n"), 1 + self.SERIES * self.HOURS * 60)
        size = (data / "history" / "raw-2026-03-01.db").stat().st_size

        self.interrupted("historian", "compact", "--data", data, times=10)
        self.assertEqual(self.values(data), before)
        self.historian("check", "--data", data)
        self.historian("compact", "--data", data)
        self.assertEqual(self.values(data), before)
        blocks = json.loads(self.historian("check", "--json", "--data", data).stdout)["blocks"]
        self.assertEqual(blocks, self.SERIES)
        self.assertLess((data / "history" / "raw-2026-03-01.db").stat().st_size, size)

    def historian(self, *arguments):
        return self.ended_with(0, harness.interwatt("historian", *arguments, timeout=120))

    def values(self, data):
        out = self.folder / f"out{time.monotonic_ns()}"
        self.historian("export", out, "--data", data)
        return (out / "samples.csv").read_bytes()

    def interrupted(self, *arguments, times):
        """SIGKILL after a while that is another each time."""
        dice = random.Random(times)
        for _ in range(times):
            process = subprocess.Popen([harness.binary, *map(str, arguments)], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(dice.random() * 0.2)
            process.kill()
            process.wait()
