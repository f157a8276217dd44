"""A serial bus on pseudo-terminals: who looks for devices on a line that the gateway polls costs the polls nothing."""

import json
import os
import pty
import struct
import threading
import time
import tty

import api_tests


def crc(frame):
    """CRC-16 of Modbus (over serial line 6.2.2), low byte first."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


class Bus:
    """The gateway's end and two meters: unit 3 is `interwatt simulate`, unit 7 answers anything with exception 02."""

    def __init__(self):
        self.ends = {}
        for name in ("gateway", "meter"):
            master, slave = pty.openpty()
            tty.setraw(slave)
            self.ends[name] = (master, slave)
        self.asked = []  # (time, unit) of each request of the gateway
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._requests, self._answers)]
        for thread in self._threads:
            thread.start()

    def path(self, name):
        return os.ttyname(self.ends[name][1])

    def _requests(self):
        gateway, meter = self.ends["gateway"][0], self.ends["meter"][0]
        frame = b""
        while True:
            try:
                frame += os.read(gateway, 512)
            except OSError:
                return
            # What the gateway asks: reads of 8 bytes, and who it is (43/14) in 7.
            while len(frame) >= 8 or (len(frame) == 7 and frame[1] == 43):
                size = 7 if frame[1] == 43 else 8
                request, frame = frame[:size], frame[size:]
                self.asked.append((time.monotonic(), request[0]))
                if request[0] == 7:
                    answer = bytes([7, request[1] | 0x80, 2])
                    os.write(gateway, answer + crc(answer))
                elif request[0] == 3:
                    os.write(meter, request)

    def _answers(self):
        while True:
            try:
                os.write(self.ends["gateway"][0], os.read(self.ends["meter"][0], 512))
            except OSError:
                return

    def polls(self, since):
        return [at for at, unit in list(self.asked) if unit == 3 and at >= since]

    def close(self):
        for master, slave in self.ends.values():
            os.close(slave)
            os.close(master)


class ScanOfALineThatRuns(api_tests.ApiTest):
    def test_a_scan_goes_between_the_polls_and_can_be_stopped(self):
        bus = Bus()
        self.addCleanup(bus.close)
        meter = self.start("simulate", "eastron/sdm630", "--serial", f"{bus.path('meter')}?baud=9600", "--unit", "3")
        meter.wait_for("eastron/sdm630 at", within=10)
        api = self.serve("rates: {fast: 2s, normal: 4s, slow: 10s}\n"
                         f"devices:\n  - {{name: meter, connect: 'modbus+rtu://{bus.path('gateway')}?baud=9600&unit=3', profile: eastron/sdm630}}\n")
        self.gateway.wait_for("meter is online", within=20)
        api.headers = {"Authorization": f"Bearer {self.token('integrator', 'engineer')}", "Content-Type": "application/json"}
        time.sleep(5)

        def begin(units):
            status, headers, body = api.send(
                "POST", "/api/v1/commissioning/scan",
                json.dumps({"connect": f"modbus+rtu://{bus.path('gateway')}?baud=9600", "units": units}))
            self.assertEqual(status, 202, body)
            return headers["Location"]

        began = time.monotonic()
        job = begin("1-9")
        progress = set()
        while (now := api.get(job))["state"] == "running":
            progress.add(now["progress"])
            self.assertLess(time.monotonic() - began, 120)
            time.sleep(0.2)
        self.assertEqual(now["state"], "done", now)
        self.assertIsNone(now["result"]["error"])
        self.assertEqual([one["unit"] for one in now["result"]["units"]], [3, 7])
        self.assertIn("baud=9600", now["result"]["units"][0]["url"])
        self.assertGreater(len([one for one in progress if "of 9" in one]), 3)

        # A poll of its fastest block each two seconds, and none later than by half of that. The scan asks it too.
        polls = bus.polls(began)
        pauses = [after - before for before, after in zip(polls, polls[1:])]
        self.assertLess(max(pauses), 3.5)
        line, = api.get("/api/v1/lines")["items"]
        self.assertEqual(line["skipped"], 0)
        self.assertTrue(line["connected"])
        self.assertEqual(line["connects"], 1)

        job = begin("30-247")
        time.sleep(2)
        self.assertEqual(api.send("DELETE", job)[0], 200)
        ended = time.monotonic() + 5
        while (now := api.get(job))["state"] != "stopped":
            self.assertLess(time.monotonic(), ended, now)
            time.sleep(0.1)
        last = time.monotonic()
        time.sleep(2)
        self.assertEqual({unit for at, unit in bus.asked if at > last}, {3})
