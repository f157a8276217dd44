"""The gateway as a BACnet device: read, commanded and released by our own BACnet tools; objects that last."""

import json
import time

import harness

INVERTER = "huawei/sun2000"
POINT = "pv/ActivePowerLimit"


class BacnetServer(harness.SystemTest):
    def site(self, **more):
        self.inverter = self.simulate(INVERTER)
        self.port = harness.free_port()
        server = {"device": 4711, "listen": f"127.0.0.1:{self.port}", "allow": ["127.0.0.0/8"],
                  "write": ["127.0.0.1"], **more}
        control = {"enabled": True, "settle": "1s",
                   "points": {POINT: {"min": 0, "max": 10000, "default": 9000}},
                   "rights": [{"owner": "bacnet", "level": "operator", "points": ["*"]},
                              {"owner": "anna", "level": "protection", "points": ["*"]}]}
        return self.write_file("site.yaml", f"control: {json.dumps(control)}\nbacnet_server: {json.dumps(server)}\n"
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
