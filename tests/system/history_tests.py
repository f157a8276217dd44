"""interwatt run keeps a history; interwatt query answers from it."""

import csv
import io
import json
import signal
import time

import harness

METER = "eastron/sdm630"


class History(harness.SystemTest):
    def site(self, **history):
        meter = self.simulate(METER)
        site = harness.site_of(meter=(meter.url, METER)).replace("normal: 1s", "fast: 100ms\n  normal: 100ms")
        history = json.dumps({"reserve": 0, **history})
        return self.write_file("site.yaml", f"history: {history}\n{site}")

    def query(self, config, *arguments):
        return self.ended_with(0, harness.interwatt("query", "-c", config, *arguments)).stdout

    def values(self, config):
        return [json.loads(line) for line in self.query(config, "meter/Frequency", "--json").splitlines()]

    def test_values_are_there_while_the_gateway_runs_and_in_each_form(self):
        config = self.site()
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=5)
        time.sleep(2)
        values = self.values(config)
        self.assertGreater(len(values), 5)
        self.assertTrue(all(49 < value["value"] < 51 and value["unit"] == "Hz" for value in values))
        self.assertEqual([value["time"] for value in values], sorted(value["time"] for value in values))
        gateway.end(signal.SIGTERM)

        self.assertIn("meter/Frequency", self.query(config))
        rows = list(csv.DictReader(io.StringIO(self.query(config, "meter/Frequency", "--csv"))))
        self.assertEqual([float(row["value"]) for row in rows][:len(values)], [value["value"] for value in values])
        self.assertIn("Hz", self.query(config, "meter/Frequency", "--plot"))
        self.assertIn("good", self.query(config, "meter/Frequency"))
        minutes = list(csv.DictReader(io.StringIO(self.query(config, "meter/Frequency", "--csv", "--step", "1min"))))
        self.assertEqual(sum(int(minute["samples"]) for minute in minutes), len(rows))
        for minute in minutes:
            self.assertLessEqual(float(minute["minimum"]), float(minute["average"]))
            self.assertLessEqual(float(minute["average"]), float(minute["maximum"]))

    def test_what_the_device_gave_is_there_beside_what_was_made_of_it(self):
        config = self.site()
        config.write_text("normalize: {Frequency: {time_constant: 10s}}\n" + config.read_text())
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=5)
        time.sleep(2)
        gateway.end(signal.SIGTERM)
        clean = self.values(config)
        raw = [json.loads(line) for line in self.query(config, "meter/Frequency", "--raw", "--json").splitlines()]
        given = [value["time"] for value in clean if "interpolated" not in value["quality"]]
        self.assertEqual([value["time"] for value in raw], given)
        self.assertIn("good: filtered", {value["quality"] for value in clean})
        self.assertEqual({value["quality"] for value in raw}, {"good"})
        spread = [max(value["value"] for value in values) - min(value["value"] for value in values)
                  for values in (raw[5:], clean[5:])]
        self.assertGreater(spread[0], 2 * spread[1])
        self.assertNotIn("#raw", self.query(config))  # no point of its own
        self.assertNotIn("#raw", self.query(config, "meter/*"))
        step = self.ended_with(2, harness.interwatt("query", "-c", config, "meter/*", "--raw", "--step", "1h"))
        self.assertIn("no roll-ups", step.stderr)

    def test_what_is_asked_wrongly_is_explained(self):
        config = self.site()
        nothing = self.ended_with(1, harness.interwatt("query", "-c", config))
        self.assertIn("history", nothing.stderr)
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=5)
        gateway.end(signal.SIGTERM)
        unknown = self.ended_with(1, harness.interwatt("query", "-c", config, "metre/*"))
        self.assertIn("lists them", unknown.stderr)
        when = self.ended_with(2, harness.interwatt("query", "-c", config, "meter/*", "--since", "noon"))
        self.assertIn("write 2026-11-24", when.stderr)
        ago = self.ended_with(2, harness.interwatt("query", "-c", config, "meter/*", "--since", "1m"))
        self.assertIn("did you mean 1min", ago.stderr)
