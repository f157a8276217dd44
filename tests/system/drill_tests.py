"""interwatt drill: the unplug test, and its report."""

import json
import socket
import struct
import threading

import harness


class Drill(harness.SystemTest):
    WSET_ENA = 40299  # of model 704 of the simulated battery

    def drill_of_a_gateway(self, device, status):
        """What a drill says of a battery that is charged all day, and is to fall back to 500 W within 3 s."""
        point = "battery/ActivePowerSetpoint"
        settings = {"min": -5000, "max": 5000, "default": 0, "fail_safe": 500, "revert": "3s"}
        window = {"from": "00:00", "to": "00:00", "point": point, "set": 2000}
        control = {"enabled": True, "settle": "1s", "points": {point: settings},
                   "rights": [{"owner": "drill", "level": "optimisation", "points": ["*"]}]}
        controllers = [{"name": "all day", "mode": "act", "level": "contract", "schedule": {"windows": [window]}}]
        config = self.write_file("site.yaml", f"control: {json.dumps(control)}\ncontrollers: {json.dumps(controllers)}\n"
                                 "history: {enabled: false}\napi: {enabled: false}\n"
                                 + harness.site_of(battery=(device.url, "sunspec")))
        done = harness.interwatt("drill", "-c", config, "--yes", "--json", "--device", "battery", timeout=240)
        report = json.loads(self.ended_with(status, done).stdout)
        return report, {step["what"]: step for step in report["steps"]}

    def test_a_gateway_that_is_lost_for_good_and_whoever_ordered_leave_nothing_behind(self):
        report, steps = self.drill_of_a_gateway(self.simulate("sunspec-battery"), 0)
        self.assertTrue(report["passed"], report)
        check, = steps["loss of the gateway: it is killed, and nobody starts it again"]["checks"]
        self.assertEqual(check["expected"], "battery/ActivePowerSetpoint falls back by itself: 500 W after 3s")
        self.assertEqual(check["seen"], "the device shows 500")
        order = steps["loss of the hub or the program server: an order that nobody renews"]
        self.assertEqual(len(order["checks"]), 4)
        self.assertTrue(all(check["passed"] for check in order["checks"]), order)

    def test_a_device_that_somebody_keeps_from_falling_back_does_not_pass(self):
        device = self.simulate("sunspec-battery")
        ended = threading.Event()

        def keep():
            """Another master that tells it to go on, every second."""
            with socket.create_connection(("127.0.0.1", device.port)) as stream:
                while not ended.wait(1):
                    stream.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, 6, self.WSET_ENA, 1))
                    stream.recv(64)

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        report, steps = self.drill_of_a_gateway(device, 1)
        ended.set()
        keeper.join()
        self.assertFalse(report["passed"])
        check, = steps["loss of the gateway: it is killed, and nobody starts it again"]["checks"]
        self.assertFalse(check["passed"])
        self.assertEqual(check["seen"], "the device shows 2000")

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

    def test_a_device_that_there_is_not_is_refused_before_anything_is_lost(self):
        refused = self.ended_with(2, harness.interwatt("drill", "--device", "grid meter 2", "--plan"))
        self.assertIn("no control depends on a device 'grid meter 2'", refused.stderr)
        self.assertIn("it does on: ", refused.stderr)

    def test_a_drill_without_anything_to_drill_does_not_pass(self):
        meter = self.simulate("eastron/sdm630")
        config = self.write_file("site.yaml", harness.site_of(meter=(meter.url, "eastron/sdm630")))
        result = self.ended_with(1, harness.interwatt("drill", "-c", config, "--yes", "--no-gateway", "--json"))
        self.assertIn("control is not enabled", json.loads(result.stdout)["broken_off"])
