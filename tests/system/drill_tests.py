"""interwatt drill: the unplug test, and its report."""

import json

import harness


class Drill(harness.SystemTest):
    def test_the_loss_of_the_meter_of_a_simulated_site_is_seen_and_reported(self):
        done = harness.interwatt("drill", "--no-gateway", "--device", "grid meter", "--json", timeout=240)
        report = json.loads(self.ended_with(0, done).stdout)
        self.assertTrue(report["passed"], report)
        steps = {step["what"]: step for step in report["steps"]}
        checks = [check["expected"] for check in steps["loss of grid meter"]["checks"]]
        self.assertIn("battery/ActivePowerSetpoint shows its fail-safe value 0", checks)
        self.assertIn("roof inverter/ActivePowerLimit goes on", checks)
        self.assertIn("given back, every point is where it is to be", checks)
        self.assertTrue(steps["the gateway ends"]["checks"])

    def test_nothing_is_done_to_a_real_site_before_somebody_agrees(self):
        meter = self.simulate("eastron/sdm630")
        config = self.write_file("site.yaml", harness.site_of(meter=(meter.url, "eastron/sdm630")))
        refused = self.ended_with(2, harness.interwatt("drill", "-c", config))
        self.assertIn("--yes", refused.stderr)
        plan = self.ended_with(0, harness.interwatt("drill", "-c", config, "--plan"))
        self.assertIn("loss of the gateway", plan.stdout)
        self.assertFalse((self.folder / "interwatt-data").exists())

    def test_a_drill_without_anything_to_drill_does_not_pass(self):
        meter = self.simulate("eastron/sdm630")
        config = self.write_file("site.yaml", harness.site_of(meter=(meter.url, "eastron/sdm630")))
        result = self.ended_with(1, harness.interwatt("drill", "-c", config, "--yes", "--no-gateway", "--json"))
        self.assertIn("control is not enabled", json.loads(result.stdout)["broken_off"])
