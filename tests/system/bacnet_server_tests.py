"""The gateway as a BACnet device: read, commanded and released by our own BACnet tools; objects that last."""

import json
import socket
import time

import harness

INVERTER = "huawei/sun2000"
POINT = "pv/ActivePowerLimit"


class BacnetServer(harness.SystemTest):
    def site(self, limits=None, **more):
        self.inverter = self.simulate(INVERTER)
        self.port = harness.free_port()
        server = {"device": 4711, "listen": f"127.0.0.1:{self.port}", "allow": ["127.0.0.0/8"],
                  "write": ["127.0.0.1"], **more}
        control = {"enabled": True, "settle": "1s",
                   "points": {POINT: {"min": 0, "max": 10000, "default": 9000}},
                   "rights": [{"owner": "bacnet", "level": "operator", "points": ["*"]},
                              {"owner": "anna", "level": "protection", "points": ["*"]}]}
        self.data = self.folder / "data"
        return self.write_file("site.yaml", f"data: {self.data}\nlimits: {json.dumps(limits or {})}\n"
                               f"control: {json.dumps(control)}\nbacnet_server: {json.dumps(server)}\n"
                               + harness.site_of(pv=(self.inverter.url, INVERTER)))

    def run_gateway(self, config):
        gateway = self.start("run", "-c", config)
        gateway.wait_for("BACnet device 4711", within=20)
        gateway.wait_for("pv is online", within=20)
        return gateway

    @property
    def url(self):
        return f"bacnet://127.0.0.1:{self.port}?device=4711"

    def objects(self):
        scan = harness.interwatt("scan", self.url, "--json")  # ends with 1 while no object is there yet
        return {row["name"]: row for row in json.loads(scan.stdout)}

    def wait_for_object(self, name, until=lambda row: True, within=20):
        deadline = time.monotonic() + within
        while True:
            row = self.objects().get(name)
            if row is not None and until(row):
                return row
            self.assertLess(time.monotonic(), deadline, row)
            time.sleep(0.3)

    def wait_for(self, look, until, within=20):
        deadline = time.monotonic() + within
        while True:
            seen = look()
            if until(seen):
                return seen
            self.assertLess(time.monotonic(), deadline, seen)
            time.sleep(0.3)

    def events(self):
        listed = self.ended_with(0, harness.interwatt("events", "--data", self.data, "--json"))
        return [json.loads(line) for line in listed.stdout.splitlines()]

    def write(self, value, priority, status=0):
        return self.json_of("write", self.url, self.number, value, "--priority", str(priority), "--yes", "--json",
                            status=status)

    def read(self, number, *properties):
        return self.json_of("read", self.url, number, *properties, "--json")

    def test_points_are_objects_and_commands_are_claims(self):
        config = self.site()
        self.run_gateway(config)
        power = self.wait_for_object("pv/ActivePower", lambda row: row.get("value") is not None)
        self.assertTrue(power["object"].startswith("analog-input"))
        limit = self.wait_for_object(POINT)
        self.assertTrue(limit["writable"])
        self.number = limit["object"].replace("analog-output ", "ao")

        self.assertEqual(self.write("4000", 8)["after"], "4000")
        listed = self.json_of("control", "list", "-c", config, "--json")["points"][0]
        self.assertEqual((listed["value"], listed["claims"][0]["owner"]), (4000, "bacnet"))
        self.assertEqual(self.write("6000", 10, status=1)["after"], "4000")
        self.write("20000", 8, status=1)  # out of range
        self.write("1", 3, status=1)      # protection is not granted
        self.assertEqual(self.write("null", 8)["after"], "6000")

        # Somebody local decides: the slots stay, Present_Value is what holds.
        self.json_of("control", "claim", POINT, "set", "2500", "--for", "1h", "--by", "anna", "--level", "protection",
                     "--json", "-c", config)
        self.wait_for_object(POINT, lambda row: float(row["value"]) == 2500)
        self.assertEqual(self.read(self.number)["status-flags"], "0010")  # overridden

    def test_objects_and_slots_are_the_same_after_a_restart(self):
        config = self.site()
        gateway = self.run_gateway(config)
        limit = self.wait_for_object(POINT)
        self.number = limit["object"].replace("analog-output ", "ao")
        self.write("4000", 8)
        before = {name: row["object"] for name, row in self.objects().items()}
        gateway.end()
        self.run_gateway(config)
        self.wait_for_object(POINT, lambda row: float(row["value"]) == 4000)
        after = {name: row["object"] for name, row in self.objects().items()}
        self.assertEqual(before, after)

    def test_a_device_that_is_lost_is_a_communication_failure(self):
        config = self.site()
        self.run_gateway(config)
        power = self.wait_for_object("pv/ActivePower", lambda row: row.get("value") is not None)
        number = power["object"].replace("analog-input ", "ai")
        self.inverter.end()
        deadline = time.monotonic() + 30
        while self.read(number).get("reliability") != "communication-failure":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.3)

    def test_a_limit_that_is_violated_is_an_alarm_that_a_client_acknowledges(self):
        config = self.site(alarms={}, limits={"pv/ActivePower": {"low": 1e6}})
        self.run_gateway(config)
        self.wait_for_object("pv/ActivePower", lambda row: row.get("value") is not None)
        alarms = self.wait_for(lambda: {row["object"]: row for row in self.json_of("bacnet", "alarms", self.url, "--json")},
                               lambda rows: any(row["state"] == "low-limit" for row in rows.values()))
        number = next(name for name, row in alarms.items() if row["state"] == "low-limit").replace("analog-input ", "ai")
        self.assertEqual(self.read(number)["event-state"], "low-limit")
        self.assertEqual(self.read(number)["status-flags"], "1000")
        self.json_of("bacnet", "acknowledge", self.url, number, "--by", "anna", "--json")
        seen = self.wait_for(lambda: self.events(),
                             lambda rows: any(row["kind"] == "limit_violated" and row["acknowledged"] for row in rows))
        limit = next(row for row in seen if row["kind"] == "limit_violated")
        self.assertEqual(limit["acknowledged"]["by"], "anna")
        listed = self.ended_with(0, harness.interwatt("audit", "--bacnet", "--data", self.data, "--json"))
        record = json.loads(listed.stdout.splitlines()[-1])
        self.assertEqual((record["action"], record["subject"], record["outcome"]),
                         ("acknowledge", "pv/ActivePower", "accepted"))
        self.assertTrue(record["actor"].startswith("127.0.0.1:"), record)
        self.assertTrue(record["detail"].startswith("low-limit of ") and "'anna', process 1" in record["detail"], record)
        self.ended_with(0, harness.interwatt("audit", "verify", "--bacnet", "--data", self.data))

    def test_after_a_restart_nobody_is_told_of_an_alarm_that_he_knows(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as recipient:
            recipient.bind(("127.0.0.1", 0))
            config = self.site(limits={"pv/ActivePower": {"low": 1e6}},
                               alarms={"recipients": [f"127.0.0.1:{recipient.getsockname()[1]}"], "confirmed": False})
            gateway = self.run_gateway(config)
            self.assertEqual(self.notifications(recipient, within=20), 1)
            self.wait_for(lambda: (self.data / "bacnet.alarms").exists(), bool)
            gateway.end()
            self.run_gateway(config)
            self.wait_for(lambda: self.json_of("bacnet", "alarms", self.url, "--json"),
                          lambda rows: any(row["state"] == "low-limit" for row in rows))
            self.assertEqual(self.notifications(recipient, within=3), 0)

    @staticmethod
    def notifications(recipient, within):
        """How many UnconfirmedEventNotifications come until one second after the first, or in all that time."""
        seen, deadline = 0, time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            recipient.settimeout(left)
            try:
                datagram = recipient.recv(2048)
            except TimeoutError:
                break
            if datagram[6:8] == bytes.fromhex("1003"):
                seen += 1
                deadline = min(deadline, time.monotonic() + 1)
        return seen

    def test_a_device_in_trouble_is_an_alarm(self):
        config = self.site(alarms={})
        self.run_gateway(config)
        trouble = self.wait_for_object("pv trouble")
        self.assertEqual(float(trouble["value"]), 0)
        self.inverter.end()
        self.wait_for_object("pv trouble", lambda row: float(row["value"]) == 1, within=40)
        alarms = self.json_of("bacnet", "alarms", self.url, "--json")
        self.assertIn(("offnormal", False), [(row["state"], row["acknowledged"]) for row in alarms])

    def test_the_time_that_a_client_tells_is_on_record(self):
        config = self.site()
        gateway = self.run_gateway(config)
        # UTCTimeSynchronization: 2020-01-01 12:00:00.
        frame = bytes.fromhex("810a0012" "0100" "1009" "a4780101ff" "b40c000000")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(frame, ("127.0.0.1", self.port))
        gateway.wait_for("says by BACnet that it is 2020-01-01 12:00:00 UTC", within=10)
        self.wait_for(lambda: self.events(),
                      lambda rows: any(row["kind"] == "clock_not_synchronized" and "behind" in row["message"] for row in rows))

    def test_who_is_not_allowed_is_not_answered_and_who_may_not_write_is_refused(self):
        config = self.site(allow=["192.0.2.0/24"], write=[])
        gateway = self.start("run", "-c", config)
        gateway.wait_for("BACnet device 4711", within=20)
        report = self.json_of("try", self.url, "--timeout", "100ms", "--json", status=1)
        self.assertFalse(report["ok"])

    def test_mistakes_are_found_before_the_start(self):
        config = self.site(allow=[], write=["127.0.0.1"],
                           loads=[{"point": "pv/ActivePowerSetpoint", "baseline_w": 5000}])
        checked = self.ended_with(1, harness.interwatt("check", config))
        text = checked.stdout + checked.stderr
        for words in ("nobody is allowed", "may write, but is not allowed to ask",
                      "pv/ActivePowerSetpoint is not declared under control: points:"):
            self.assertIn(words, text)
