"""Controllers of the running gateway, on simulated devices."""

import json
import re
import signal
import time

import harness

METER = "eastron/sdm630"
INVERTER = "huawei/sun2000"

CONTROLLERS = """
controllers:
  - name: watch
    rule:
      all: [{point: meter/Frequency, above: 40, oldest: 3s}]
      then: [{point: charger/ActivePowerLimit, at_most: 0}]
"""


class Documentation(harness.SystemTest):
    def test_every_example_of_the_documentation_is_right(self):
        text = (harness.ROOT / "docs" / "controllers.md").read_text(encoding="utf-8")
        examples = re.findall(r"```yaml\n(- name: .*?)```", text, re.DOTALL)
        kinds = re.findall(r"^\| `(\w+)`", text, re.MULTILINE)
        self.assertGreaterEqual(len(examples), len(kinds) - 1)
        for kind in kinds:
            self.assertTrue([one for one in examples if f"\n  {kind}:" in one], kind)
        config = self.write_file("site.yaml", "controllers:\n" + "".join(examples))
        self.ended_with(0, harness.interwatt("check", config))


class Observing(harness.SystemTest):
    def test_a_controller_says_what_it_would_do_and_that_it_is_blind_when_its_meter_is_gone(self):
        meter = self.simulate(METER)
        config = self.write_file("site.yaml", harness.site_of(meter=(meter.url, METER)) + CONTROLLERS)
        gateway = self.start("run", "-c", config)
        gateway.wait_for("controller watch (met): its conditions hold: charger/ActivePowerLimit at most 0", within=10)
        seen = len(gateway.lines)
        meter.end(signal.SIGKILL)
        gateway.wait_for("controller watch (blind): blind (meter/Frequency", within=15, after=seen)

    def test_a_mistake_in_a_controller_is_said_with_line_and_column(self):
        config = self.write_file("site.yaml", CONTROLLERS.replace("Frequency", "Frequenzy"))
        result = self.ended_with(1, harness.interwatt("check", config))
        self.assertIn(f"{config}:5:21: controllers[0].rule.all[0].point: ", result.stdout + result.stderr)

    def test_a_time_zone_that_is_none_is_said(self):
        config = self.write_file("site.yaml", "site: {time_zone: Europe/Berlyn}\n")
        result = self.ended_with(1, harness.interwatt("check", config))
        self.assertIn("no time zone 'Europe/Berlyn'", result.stdout + result.stderr)

    def test_a_point_that_no_device_has_is_said_with_line_and_column(self):
        meter = self.simulate(METER)
        config = self.write_file("site.yaml", harness.site_of(meter=(meter.url, METER)) + CONTROLLERS)
        text = self.ended_with(0, harness.interwatt("check", config))
        self.assertIn("controllers[0].rule.then[0].point: no device has 'charger'", text.stdout + text.stderr)
        acting = self.write_file("acting.yaml", "control: {enabled: true, points: {}}\n"
                                 + harness.site_of(meter=(meter.url, METER))
                                 + CONTROLLERS.replace("- name: watch", "- name: watch\n    mode: act"))
        text = self.ended_with(1, harness.interwatt("check", acting))
        self.assertIn("charger/ActivePowerLimit is no point that may be controlled", text.stdout + text.stderr)


class Acting(harness.SystemTest):
    def site(self):
        meter, inverter = self.simulate(METER), self.simulate(INVERTER)
        control = {"enabled": True, "settle": "1s",
                   "points": {"pv/ActivePowerLimit": {"min": 0, "max": 10000, "default": 9000}},
                   "rights": [{"owner": "anna", "level": "operator", "points": ["*"]}]}
        controllers = CONTROLLERS.replace("charger", "pv").replace("at_most: 0", "at_most: 2000")
        self.config = self.write_file(
            "site.yaml", f"control: {json.dumps(control)}\nhistory: {{enabled: false}}\n"
            + harness.site_of(meter=(meter.url, METER), pv=(inverter.url, INVERTER))
            + controllers.replace("- name: watch", "- name: watch\n    mode: act"))

    def control(self, *arguments, status=0):
        return self.json_of("control", *arguments, "--json", "-c", self.config, status=status)

    def run_gateway(self):
        gateway = self.start("run", "-c", self.config)
        gateway.wait_for("pv is online", within=20)
        return gateway

    def wait_for_value(self, value):
        deadline = time.monotonic() + 20
        while True:
            point = self.control("list")["points"][0]
            if point["value"] == value and point["state"] == "confirmed":
                return point
            self.assertLess(time.monotonic(), deadline, point)
            time.sleep(0.2)

    def test_a_controller_that_acts_moves_the_device_until_it_is_switched_to_observe(self):
        self.site()
        gateway = self.run_gateway()
        self.wait_for_value(2000)
        why = self.control("explain", "pv/ActivePowerLimit")["decisions"][-1]
        self.assertEqual((why["limiter"], why["code"]), ("watch", "limited_by_claim"))
        self.assertEqual(self.control("mode", "watch", "observe", "--by", "eve", status=1)["error"]["kind"], "rejected")
        switched = self.control("mode", "watch", "observe", "--by", "anna", "--reason", "work")
        self.assertEqual((switched["mode"], switched["switched"]["by"]), ("observe", "anna"))
        self.wait_for_value(9000)
        gateway.end(signal.SIGTERM)
        self.run_gateway()
        self.wait_for_value(9000)
        watch = self.control("controllers")["controllers"][0]
        self.assertEqual((watch["mode"], watch["code"]), ("observe", "met"))
        self.assertEqual(watch["outputs"][0]["value"], 2000)
        audit = [json.loads(line) for line in
                 self.ended_with(0, harness.interwatt("audit", "--json", "--action", "mode", "-c", self.config)).stdout.splitlines()]
        self.assertIn(("anna", "controllers/watch", "observe"), [(e["actor"], e["subject"], e["outcome"]) for e in audit])
