"""Controllers of the running gateway, on simulated devices."""

import re
import signal

import harness

METER = "eastron/sdm630"

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
