"""interwatt events: what happened, read and acknowledged beside a running gateway and without it."""

import csv
import io
import json
import re
import signal
import time

import harness

METER = "eastron/sdm630"


class Events(harness.SystemTest):
    def site(self, port=None, **sections):
        self.meter = self.simulate(METER, port=port)
        sections = {"history": {"reserve": 0}, **sections}
        text = "".join(f"{name}: {json.dumps(section)}\n" for name, section in sections.items())
        return self.write_file("site.yaml", text + harness.site_of(meter=(self.meter.url, METER)))

    def run_gateway(self, config):
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=10)
        return gateway

    def events(self, config, *arguments):
        result = self.ended_with(0, harness.interwatt("events", "--json", "-c", config, *arguments))
        return [json.loads(line) for line in result.stdout.splitlines()]

    def one_event(self, config, *arguments, until=lambda event: True, within=10):
        """The only one that fits, as soon as it is there."""
        deadline = time.monotonic() + within
        while True:
            found = self.events(config, *arguments)
            if found and until(found[0]):
                self.assertEqual(len(found), 1, found)
                return found[0]
            self.assertLess(time.monotonic(), deadline, f"no such event: {found}")
            time.sleep(0.2)

    def test_a_device_that_is_lost_is_one_event_until_it_is_back(self):
        config = self.site()
        gateway = self.run_gateway(config)
        follow = self.start("events", "--follow", "-c", config, "--device", "meter")
        self.meter.end(signal.SIGKILL)
        lost = self.one_event(config, "--kind", "device_lost")
        self.assertEqual((lost["device"], lost["severity"], lost["state"], lost["cleared"]),
                         ("meter", "alarm", "unacknowledged", None))
        self.assertIn("nobody listens", lost["message"])
        follow.wait_for("unacknowledged  meter: nobody listens", within=5)

        self.simulate(METER, port=self.meter.port)
        back = self.one_event(config, "--kind", "device_lost", until=lambda event: event["cleared"], within=40)
        self.assertEqual((back["id"], back["state"]), (lost["id"], "returned"))
        self.assertGreater(back["cleared"], back["raised"])
        follow.wait_for("over after", within=5)
        gateway.end(signal.SIGTERM)

    def test_a_disk_that_is_nearly_full_is_an_event_until_it_is_not(self):
        config = self.site(history={"reserve": 0, "warn_full_percent": 1})
        gateway = self.run_gateway(config)
        full = self.one_event(config, "--kind", "disk_filling")
        self.assertEqual((full["path"], full["severity"], full["cleared"]), ("history", "warning", None))
        self.assertRegex(full["message"], r"the disk of the history is \d+ % full, [\d.]+ GB are free")
        self.assertIn("history.raw_days", full["remedy"])
        config.write_text(config.read_text().replace('"warn_full_percent": 1', '"warn_full_percent": 0'))
        gateway.send(signal.SIGHUP)
        self.one_event(config, "--kind", "disk_filling", until=lambda event: event["cleared"])
        gateway.end(signal.SIGTERM)

    def test_what_is_acknowledged_while_the_gateway_runs_stays_so_over_its_end_and_its_start(self):
        config = self.site(limits={"meter/Frequency": {"high": 10}})
        gateway = self.run_gateway(config)
        violated = self.one_event(config, "--kind", "limit_violated", "--open")
        self.assertEqual((violated["path"], violated["limit"]), ("meter/Frequency", 10))
        number = violated["id"]

        said = self.ended_with(0, harness.interwatt("events", "ack", number, "--comment", "known", "--by", "ada",
                                                    "-c", config))
        self.assertIn(f"acknowledged {number}: meter/Frequency", said.stdout)
        again = self.ended_with(1, harness.interwatt("events", "ack", number, "-c", config))
        self.assertIn("was acknowledged by ada already", again.stderr)
        time.sleep(2.5)  # the gateway has read it and written the record again since
        gateway.end(signal.SIGTERM)
        for _ in range(2):
            seen = self.one_event(config, "--kind", "limit_violated")
            self.assertEqual((seen["id"], seen["state"], seen["acknowledged"]["by"], seen["acknowledged"]["comment"]),
                             (number, "acknowledged", "ada", "known"))
            self.run_gateway(config).end(signal.SIGKILL)

    def test_what_is_shelved_is_out_of_sight_for_a_while_and_what_is_cleared_comes_again_while_it_holds(self):
        config = self.site(limits={"meter/Frequency": {"high": 10}})
        self.run_gateway(config)
        violated = self.one_event(config, "--kind", "limit_violated", "--open")
        refused = self.ended_with(2, harness.interwatt("events", "shelve", violated["id"], "--for", "1s",
                                                       "--reason", "known", "-c", config))
        self.assertIn("a minute at least", refused.stderr)
        self.ended_with(0, harness.interwatt("events", "shelve", violated["id"], "--for", "8h", "--reason",
                                             "sensor ordered", "--by", "ada", "-c", config))
        self.assertEqual(self.events(config, "--open"), [])
        shelved = self.events(config, "--shelved")
        self.assertEqual([event["shelved"]["reason"] for event in shelved], ["sensor ordered"])
        self.ended_with(0, harness.interwatt("events", "unshelve", violated["id"], "-c", config))
        self.assertEqual([event["id"] for event in self.events(config, "--open")], [violated["id"]])

        self.ended_with(0, harness.interwatt("events", "clear", violated["id"], "--by", "ada", "--comment", "sensor replaced",
                                             "-c", config))
        over = self.events(config, "--kind", "limit_violated")[-1]
        self.assertEqual((over["cleared_by"], over["cleared_comment"]), ("ada", "sensor replaced"))
        again = self.one_event(config, "--kind", "limit_violated", "--open")
        self.assertEqual((again["state"], again["path"]), ("unacknowledged", "meter/Frequency"))
        self.assertNotEqual(again["id"], violated["id"])

    def test_a_change_of_the_configuration_is_an_event_that_names_it(self):
        config = self.site()
        gateway = self.run_gateway(config)
        roof = self.simulate("sunspec")
        config.write_text("history: {reserve: 0}\n"
                          + harness.site_of(meter=(self.meter.url, METER), roof=(roof.url, "sunspec")))
        gateway.send(signal.SIGHUP)
        changed = self.one_event(config, "--kind", "configuration_changed")
        self.assertIn("roof", changed["message"])
        self.assertEqual((changed["severity"], changed["state"]), ("info", "normal"))
        gateway.end(signal.SIGTERM)

    def test_table_csv_and_filters_tell_the_same(self):
        config = self.site(limits={"meter/Frequency": {"high": 10}})
        gateway = self.run_gateway(config)
        self.one_event(config, "--kind", "limit_violated")
        gateway.end(signal.SIGTERM)

        everything = self.events(config)
        self.assertEqual([event["id"] for event in everything], list(range(len(everything), 0, -1)))
        self.assertEqual({event["kind"] for event in everything},
                         {"gateway_started", "limit_violated", "gateway_stopped"})
        rows = list(csv.DictReader(io.StringIO(
            self.ended_with(0, harness.interwatt("events", "--csv", "-c", config)).stdout)))
        self.assertEqual([row["message"] for row in rows], [event["message"] for event in everything])
        table = self.ended_with(0, harness.interwatt("events", "-c", config))
        self.assertEqual(len(table.stdout.splitlines()), 1 + len(everything))
        self.assertIn("1 open, 1 of them to be acknowledged", table.stderr)

        limit = self.events(config, "--asset", "meter", "--severity", "alarm")
        self.assertEqual([event["kind"] for event in limit], ["limit_violated"])
        self.assertEqual(self.events(config, "--text", "ABOVE THE LIMIT"), limit)
        self.assertEqual(self.events(config, "--open"), limit)
        self.assertEqual(self.events(config, "--until", "2020-01-01"), [])
        self.assertEqual(len(self.events(config, "--limit", "2")), 2)
        shown = self.ended_with(0, harness.interwatt("events", "show", limit[0]["id"], "-c", config)).stdout
        self.assertRegex(shown, r"value +50|value +49")

        self.ended_with(0, harness.interwatt("events", "ack", "--all", "-c", config))
        self.assertEqual(self.events(config, "--open")[0]["state"], "acknowledged")

    def test_what_is_asked_wrongly_is_explained(self):
        config = self.site()
        nothing = self.ended_with(1, harness.interwatt("events", "-c", config))
        self.assertIn("`interwatt run` keeps them", nothing.stderr)
        self.run_gateway(config).end(signal.SIGTERM)
        for arguments, said in ((["--kind", "device_los"], "device_lost"), (["--severity", "loud"], "loud"),
                                (["--since", "noon"], "write 2026-11-24"), (["ack"], "--all")):
            result = self.ended_with(2, harness.interwatt("events", *arguments, "-c", config))
            self.assertIn(said, result.stderr)
        unknown = self.ended_with(1, harness.interwatt("events", "show", "999", "-c", config))
        self.assertIn("no event 999", unknown.stderr)

    def test_nothing_that_is_kept_can_be_read_by_everybody(self):
        config = self.site()
        gateway = self.run_gateway(config)
        time.sleep(1)
        gateway.end(signal.SIGKILL)
        kept = list((self.folder / "interwatt-data").rglob("*"))
        self.assertTrue(any(re.fullmatch(r"head-\d+\.log", path.name) for path in kept), kept)
        open_to_all = [path for path in kept if path.stat().st_mode & 0o007]
        self.assertEqual(open_to_all, [])
