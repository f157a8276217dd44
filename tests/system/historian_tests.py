"""interwatt historian: the history is looked after while the gateway runs, and without it."""

import json
import resource
import signal
import sqlite3
import subprocess
import time

import harness

METER = "eastron/sdm630"


class Upkeep(harness.SystemTest):
    def setUp(self):
        super().setUp()
        meter = self.simulate(METER)
        site = harness.site_of(meter=(meter.url, METER)).replace("normal: 1s", "fast: 100ms\n  normal: 100ms")
        self.config = self.write_file("site.yaml", f"history: {{reserve: 0, sync: every}}\n{site}")
        self.history = self.folder / "interwatt-data" / "history"

    def run_gateway(self, seconds=1.0):
        gateway = self.start("run", "-c", self.config)
        gateway.wait_for("meter is online", within=10)
        time.sleep(seconds)
        return gateway

    def historian(self, *arguments, status=0):
        return self.ended_with(status, harness.interwatt("historian", *arguments))

    def values(self, *where):
        lines = self.ended_with(0, harness.interwatt("query", *where, "meter/Frequency", "--json")).stdout
        return [json.loads(line) for line in lines.splitlines()]

    def test_a_second_gateway_on_the_same_data_is_refused(self):
        gateway = self.run_gateway(0)
        refused = self.ended_with(1, harness.interwatt("run", "-c", self.config))
        self.assertIn("belongs to process", refused.stderr)
        gateway.end(signal.SIGKILL)
        self.run_gateway(0)

    def test_a_backup_of_a_running_gateway_is_a_whole_history_of_its_own(self):
        gateway = self.run_gateway()
        before = self.values("-c", self.config)
        backup = self.folder / "backup"
        self.historian("backup", backup, "-c", self.config)
        self.assertEqual(self.values("--data", backup)[:len(before)], before)
        self.historian("check", "--data", backup)
        self.assertIn("gateway started", self.ended_with(0, harness.interwatt("events", "--data", backup)).stdout)
        again = self.historian("backup", backup, "-c", self.config, status=1)
        self.assertIn("exists already", again.stderr)
        gateway.end(signal.SIGTERM)

        # A gateway goes on with it.
        (self.folder / "elsewhere").mkdir()
        moved = self.folder / "elsewhere" / "site.yaml"
        moved.write_text(f"data: {backup}\n" + self.config.read_text())
        gateway = self.start("run", "-c", moved)
        gateway.wait_for("meter is online", within=10)
        time.sleep(1)
        gateway.end(signal.SIGKILL)
        after = self.values("--data", backup)
        self.assertEqual(after[:len(before)], before)
        self.assertGreater(len(after), len(before))

    def test_check_finds_a_damaged_block_and_names_its_series(self):
        gateway = self.run_gateway()
        report = json.loads(self.historian("check", "--json", "-c", self.config).stdout)
        self.assertTrue(report["ok"])
        self.assertGreater(report["recordings"], 1)
        gateway.end(signal.SIGTERM)
        self.seal()
        day = next(self.history.glob("raw-*.db"))
        with sqlite3.connect(day) as database:
            row, series = database.execute("SELECT rowid, series FROM block").fetchone()
            database.execute("UPDATE block SET data = zeroblob(length(data)) WHERE rowid = ?", (row,))
        database.close()
        found = self.historian("check", "-c", self.config, status=1)
        self.assertIn(f"{day}, block {row} of series {series} (meter/", found.stdout)
        self.assertIn("backup", found.stdout)
        self.historian("check", "--drop", "-c", self.config)
        self.historian("check", "-c", self.config)

    def seal(self):
        """Slow series are sealed early when the head log may take nothing: a day file comes into being."""
        deadline = time.monotonic() + 30
        while not list(self.history.glob("raw-*.db")):
            self.assertLess(time.monotonic(), deadline, "nothing was sealed")
            self.run_gateway(8).end(signal.SIGTERM)

    def test_compact_leaves_today_to_a_gateway_that_runs(self):
        gateway = self.run_gateway()
        result = self.historian("compact", "-c", self.config)
        self.assertIn("left to it", result.stderr)
        gateway.end(signal.SIGTERM)
        before = self.values("-c", self.config)
        self.historian("compact", "-c", self.config)
        self.assertEqual(self.values("-c", self.config), before)

    def test_where_no_history_is_kept_it_says_so(self):
        nothing = self.historian("check", "-c", self.config, status=1)
        self.assertIn("no history is kept", nothing.stderr)

    def test_a_full_disk_keeps_nobody_from_reading_what_a_killed_gateway_left(self):
        self.run_gateway().end(signal.SIGKILL)
        before = self.values("-c", self.config)
        self.assertGreater(len(before), 3)

        def nothing_grows():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

        result = subprocess.run([harness.binary, "query", "-c", self.config, "meter/Frequency", "--json"],
                                preexec_fn=nothing_grows, capture_output=True, text=True, check=False)
        self.ended_with(0, result)
        self.assertEqual([json.loads(line) for line in result.stdout.splitlines()], before)

    def test_a_folder_or_a_configuration_that_is_not_there_is_wrong_use(self):
        nowhere = self.folder / "nowhere"
        for command in (["check"], ["compact"], ["backup", self.folder / "copy"], ["export", self.folder / "out"]):
            for option, remedy in (("--data", "interwatt run"), ("-c", "--data")):
                result = self.historian(*command, option, nowhere, status=2)
                self.assertRegex(result.stderr + result.stdout, f"there is no {nowhere}; .*{remedy}")
        drill = self.ended_with(2, harness.interwatt("drill", "-c", nowhere))
        self.assertRegex(drill.stderr + drill.stdout, f"there is no {nowhere}; .*simulated")
        site = self.ended_with(2, harness.interwatt("export", "-c", nowhere, "-o", self.folder / "out"))
        self.assertIn(f"there is no {nowhere}", site.stderr + site.stdout)

    def test_what_a_full_disk_cut_and_what_stands_in_the_next_segment_is_no_damage(self):
        self.run_gateway().end(signal.SIGKILL)
        head = self.history / "head"
        first = min(head.glob("head-*.log"))
        content = first.read_bytes()
        second = head / "head-00000002.log"
        second.write_bytes(content)  # all of it, written again
        first.write_bytes(content[:-7])
        self.assertEqual(len(list(head.glob("head-*.log"))), 2)
        report = json.loads(self.historian("check", "--json", "-c", self.config).stdout)
        self.assertEqual((report["ok"], report["written_again"]), (True, [str(first)]))
        self.assertIn("nothing is lost", self.historian("check", "-c", self.config).stderr)
        second.unlink()
        self.assertFalse(json.loads(self.historian("check", "--json", "-c", self.config, status=1).stdout)["ok"])
