"""interwatt run is killed at any moment, again and again: what stood in its history and events stays, bit for bit.

A tail that a power cut tore is made by hand: the end of the newest segment of the head log is cut or damaged.
"""

import csv
import io
import json
import random
import shutil
import signal
import sqlite3
import struct
import time

import harness

METER = "eastron/sdm630"
POINTS = ("meter/Frequency", "meter/EnergyImport")


def newest_segment(data):
    return max((data / "history" / "head").glob("head-*.log"))


def last_frame(segment):
    """Where the last whole frame of a segment begins and ends (src/historian/README.md); None: there is none."""
    content = segment.read_bytes()
    begin, end = None, 8  # behind the magic
    while end + 8 <= len(content):
        (length,) = struct.unpack_from("<I", content, end)
        if end + 8 + length > len(content):
            break
        begin, end = end, end + 8 + length
    return begin and (begin, end)


class Crash(harness.SystemTest):
    def site(self, sync):
        self.meter = self.simulate(METER)
        rates = "fast: 100ms\n  normal: 100ms"
        site = harness.site_of(meter=(self.meter.url, METER)).replace("normal: 1s\n  slow: 2s", rates + "\n  slow: 100ms")
        history = json.dumps({"reserve": 0, "sync": sync, "sync_interval": "100ms"})
        self.config = self.write_file("site.yaml", f"history: {history}\n{site}")
        self.data = self.folder / "interwatt-data"

    def restart_meter(self):
        """Its energy registers begin again."""
        self.meter.end()
        self.meter = self.simulate(METER, port=self.meter.port)

    def history(self, data=None):
        """What a reader sees: for each point its values by their time."""
        where = ("--data", data) if data else ("-c", self.config)
        answer = harness.interwatt("query", *where, *POINTS, "--csv")
        seen = {point: {} for point in POINTS}
        for row in csv.DictReader(io.StringIO(self.ended_with(0, answer).stdout)):
            seen[row["path"]][row["time"]] = (row["value"], row["quality"])
        return seen

    def events(self):
        """By number: what never changes of an event, and when it was over."""
        with sqlite3.connect(f"file:{self.data / 'events.db'}?mode=ro", uri=True) as file:
            rows = file.execute("SELECT id, kind, device, raised, cleared FROM events").fetchall()
        return {row[0]: row[1:] for row in rows}

    def assert_kept(self, before, after):
        """Between the old values there may be new ones: those that were filled into gaps."""
        for point in POINTS:
            kept = {time: after[point].get(time) for time in before[point]}
            self.assertEqual(kept, before[point], point)

    def assert_events_kept(self, before, after):
        for number, (*what, cleared) in before.items():
            self.assertEqual(after[number][:3], tuple(what))
            if cleared is not None:
                self.assertEqual(after[number][3], cleared)

    def damage_last_frame(self, dice):
        """What a power cut may leave; gives the segment, and what is to be read afterwards. None: no frame is there."""
        segment = newest_segment(self.data)
        frame = last_frame(segment)
        if frame is None:
            return None
        begin, end = frame
        copy = self.folder / "copy"
        shutil.copytree(self.data, copy, ignore=shutil.ignore_patterns("door"))  # a socket has nothing to copy
        with newest_segment(copy).open("r+b") as file:
            file.truncate(begin)
        left = self.history(copy)
        shutil.rmtree(copy)
        at = dice.randrange(begin, end)
        with segment.open("r+b") as file:
            if dice.random() < 0.5:
                file.truncate(max(at, begin + 1))
            else:
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ 1 << dice.randrange(8)]))
        return segment.name, left

    def check_kills(self, sync):
        dice = random.Random(f"{harness.seed} {sync}")
        self.site(sync)
        seen, events = {point: {} for point in POINTS}, {}
        torn = None
        for kill in range(harness.kills):
            gateway = self.start("run", "-c", self.config)
            gateway.wait_for("meter is online", within=20)
            if torn:
                self.assertIn("are left out", gateway.wait_for(f"{torn}: ", within=1))
            long = kill % 25 == 5
            time.sleep(2 if long else dice.random() * 0.4)
            if dice.random() < 0.3:
                now = self.history()
                self.assert_kept(seen, now)
                seen = now
            killed = time.time()
            gateway.end(signal.SIGKILL)
            now = self.history()
            self.assert_kept(seen, now)
            if long:
                self.assert_recent(now, killed)
            happened = self.events()
            self.assert_events_kept(events, happened)
            seen, events = now, happened
            damaged = self.damage_last_frame(dice) if kill % 5 == 3 else None
            torn, left = damaged or (None, None)
            if torn:
                self.assert_kept(left, seen)
                seen = left
                self.assert_kept(seen, self.history())
            if kill % 10 == 7:
                self.restart_meter()
        self.assertGreater(len(seen["meter/Frequency"]), harness.kills)
        self.assertGreaterEqual(sum(event[0] == "gateway_started" for event in events.values()), harness.kills * 0.9)
        register = [float(value) for value, quality in seen["meter/EnergyImport"].values() if quality == "good"]
        self.assertGreater(len(register), harness.kills)
        self.assertEqual(register, sorted(register), "the extended register went back")

    def assert_recent(self, history, killed):
        """All but the last second and a half was there: a value is handed over within 250 ms."""
        newest = max(history["meter/Frequency"])
        self.assertGreater(newest, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(killed - 1.5)))


class CrashEvery(Crash):
    def test_no_kill_takes_what_was_recorded_with_every_sync(self):
        self.check_kills("every")


class CrashInterval(Crash):
    def test_no_kill_takes_more_than_the_interval(self):
        self.check_kills("interval")
