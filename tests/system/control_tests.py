"""interwatt control and audit: claims on a running gateway, confirmed by the device, kept over kill -9."""

import json
import os
import signal
import stat
import time

import harness

INVERTER = "huawei/sun2000"
POINT = "pv/ActivePowerLimit"


class Control(harness.SystemTest):
    def site(self, enabled=True):
        self.inverter = self.simulate(INVERTER)
        control = {"enabled": enabled, "settle": "1s",
                   "points": {POINT: {"min": 0, "max": 10000, "default": 9000}},
                   "rights": [{"owner": "anna", "level": "operator", "points": ["*"]}]}
        return self.write_file("site.yaml", f"control: {json.dumps(control)}\n" + "history: {enabled: false}\n"
                               + harness.site_of(pv=(self.inverter.url, INVERTER)))

    def run_gateway(self, config):
        gateway = self.start("run", "-c", config)
        gateway.wait_for("pv is online", within=20)
        return gateway

    def control(self, config, *arguments, status=0):
        return self.json_of("control", *arguments, "--json", "-c", config, status=status)

    def point(self, config, until=lambda point: True, within=20):
        deadline = time.monotonic() + within
        while True:
            point = self.control(config, "list")["points"][0]
            if until(point):
                return point
            self.assertLess(time.monotonic(), deadline, point)
            time.sleep(0.2)

    def held(self, value):
        return lambda point: point["value"] == value and point["state"] == "confirmed"

    def device_shows(self):
        """What the device itself says: the oracle is not the gateway."""
        read = self.json_of("read", self.inverter.url, "holding", "40126", "--type", "u32", "--json")
        return json.dumps(read)

    def test_a_claim_moves_the_device_and_its_release_brings_the_default_back(self):
        config = self.site()
        self.run_gateway(config)
        self.point(config, self.held(9000))
        claimed = self.control(config, "claim", POINT, "at_most", "4000", "--for", "1h", "--by", "anna", "--reason", "test")
        number = claimed["claims"][0]["claim"]["id"]
        point = self.point(config, self.held(4000))
        self.assertEqual(point["code"], "limited_by_claim")
        self.assertIn("4000", self.device_shows())
        refused = self.control(config, "claim", POINT, "set", "1", "--for", "1h", "--by", "eve", status=1)
        self.assertEqual(refused["claims"][0]["error"]["kind"], "denied")
        why = self.control(config, "explain", POINT)["decisions"][-1]
        self.assertEqual((why["value"], why["limiter"], why["shown"]), (4000, "anna", 4000))
        unknown = self.control(config, "explain", "pv/ActivePowerSetpoint", status=1)["error"]
        self.assertEqual(unknown["message"], "pv/ActivePowerSetpoint is not controlled")
        self.control(config, "release", str(number), "--by", "anna")
        self.point(config, self.held(9000))
        self.assertIn("9000", self.device_shows())
        audit = [json.loads(line) for line in
                 self.ended_with(0, harness.interwatt("audit", "--json", "-c", config)).stdout.splitlines()]
        done = {(entry["actor"], entry["action"], entry["outcome"]) for entry in audit}
        self.assertLessEqual({("anna", "claim", "accepted"), ("eve", "claim", "refused"),
                              ("anna", "release", "accepted"), ("default", "command", "confirmed")}, done)
        self.assertTrue(self.json_of("audit", "verify", "--json", "-c", config)["good"])

    def test_a_claim_survives_kill_9_and_the_door_is_for_its_user_only(self):
        config = self.site()
        gateway = self.run_gateway(config)
        self.control(config, "claim", POINT, "set", "3000", "--for", "1h", "--by", "anna")
        self.point(config, self.held(3000))
        door = self.folder / "interwatt-data" / "control" / "door"
        self.assertEqual(stat.S_IMODE(os.stat(door).st_mode), 0o600)
        time.sleep(0.5)  # the diary follows the devices after a moment
        gateway.end(signal.SIGKILL)
        self.control(config, "list", status=1)
        last = self.control(config, "explain", POINT)["decisions"][-1]  # as it is in the diary
        self.assertEqual((last["value"], last["owner"], last["state"]), (3000, "anna", "confirmed"))
        self.run_gateway(config)
        self.assertEqual(self.point(config, self.held(3000))["claims"][0]["owner"], "anna")

    def test_at_the_end_the_device_is_left_at_its_default(self):
        config = self.site()
        gateway = self.run_gateway(config)
        self.control(config, "claim", POINT, "set", "3000", "--for", "1h", "--by", "anna")
        self.point(config, self.held(3000))
        self.assertEqual(gateway.end(signal.SIGTERM)[0], 0)
        self.assertIn("9000", self.device_shows())

    def test_without_control_nothing_is_written(self):
        config = self.site(enabled=False)
        self.run_gateway(config)
        before = self.device_shows()
        refused = self.control(config, "stop-all", "--for", "1h", "--by", "anna")
        self.assertEqual(refused["claims"], [])
        time.sleep(2)
        self.assertEqual(self.device_shows(), before)

    def test_a_changed_audit_log_is_noticed(self):
        config = self.site()
        gateway = self.run_gateway(config)
        self.control(config, "claim", POINT, "set", "3000", "--for", "1h", "--by", "anna")
        gateway.end(signal.SIGTERM)
        log = self.folder / "interwatt-data" / "audit" / "audit-000001.jsonl"
        log.write_text(log.read_text().replace("set 3000", "set 9000", 1))
        verdict = self.json_of("audit", "verify", "--json", "-c", config, status=1)
        self.assertEqual(verdict["fault"]["file"], log.name)

    def test_without_an_audit_log_there_is_a_remedy(self):
        result = self.ended_with(1, harness.interwatt("audit", "verify", "--data", self.folder))
        self.assertIn("there is no audit log", result.stderr)
        self.assertIn("interwatt run", result.stderr)


class Groups(harness.SystemTest):
    def test_a_claim_on_a_group_moves_all_its_members_and_ends_for_all(self):
        east, west = self.simulate(INVERTER), self.simulate(INVERTER)
        limits = {"min": 0, "max": 10000, "default": 9000}
        control = {"enabled": True, "settle": "1s",
                   "points": {"east/ActivePowerLimit": limits, "west/ActivePowerLimit": limits},
                   "groups": [{"name": "roofs", "point": "ActivePowerLimit", "split": "equal",
                               "members": [{"asset": "east"}, {"asset": "west"}]}],
                   "rights": [{"owner": "anna", "level": "operator", "points": ["roofs/*"]}]}
        config = self.write_file("site.yaml", f"control: {json.dumps(control)}\nhistory: {{enabled: false}}\n"
                                 + harness.site_of(east=(east.url, INVERTER), west=(west.url, INVERTER)))
        self.start("run", "-c", config).wait_for("west is online", within=20)

        def until(*values):
            deadline = time.monotonic() + 20
            while True:
                points = self.json_of("control", "list", "--json", "-c", config)["points"]
                seen = {point["path"]: (point["state"], point["shown"]) for point in points}
                if seen == {path: ("confirmed", value) for path, value in zip(sorted(seen), values)}:
                    return {point["path"]: point for point in points}
                self.assertLess(time.monotonic(), deadline, seen)
                time.sleep(0.2)

        until(9000, 18000, 9000)
        claimed = self.json_of("control", "claim", "roofs/ActivePowerLimit", "at_most", "6000", "--for", "1h",
                               "--by", "anna", "--json", "-c", config)
        points = until(3000, 6000, 3000)
        self.assertEqual(points["roofs/ActivePowerLimit"]["members"], ["east/ActivePowerLimit", "west/ActivePowerLimit"])
        share = points["east/ActivePowerLimit"]["claims"][0]
        self.assertEqual(share["share_of"], claimed["claims"][0]["claim"]["id"])
        self.json_of("control", "release", share["share_of"], "--by", "anna", "--json", "-c", config)
        until(9000, 18000, 9000)
