"""interwatt demo: a whole site without any configuration."""

import time

import harness


def points_of(demo):
    return {point["path"]: point for device in demo["devices"] for point in device["points"]}


class FirstSecondsOfTheDemo(harness.SystemTest):
    def test_the_demo_has_values_after_two_seconds(self):
        demo = self.json_of("demo", "--seconds", 2, "--json")
        good = [point for point in points_of(demo).values() if point["quality"] == "good"]
        self.assertGreater(len(good), 100)


class WholeDemo(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        test = cls()
        cls.demo = test.json_of("demo", "--once", "--json")
        cls.devices = {device["name"]: device for device in cls.demo["devices"]}
        cls.points = points_of(cls.demo)

    def test_the_demo_shows_all_its_devices(self):
        expected = {"roof inverter", "carport inverter", "battery", "grid meter", "house meter", "roof meter",
                    "battery meter", "garage meter", "heat pump meter", "air handler", "chiller plant",
                    "building meter"}
        self.assertLessEqual(expected, self.devices.keys())

    def test_inverters_with_and_without_sunspec_both_export_with_a_negative_sign(self):
        for name, standard in (("roof inverter", True), ("carport inverter", False)):
            power = self.points[f"{name}/ActivePower"]
            self.assertEqual(power["quality"], "good", name)
            self.assertLess(power["value"], 0, name)
            self.assertEqual(power["unit"], "W", name)
            self.assertEqual("W_SF" in power["source"], standard, power["source"])

    def test_the_dead_meter_of_the_demo_is_offline_with_a_reason_and_has_no_values(self):
        garage = self.devices["garage meter"]
        self.assertEqual(garage["state"], "offline")
        self.assertRegex(garage["reason"], "did not answer|does not answer")
        self.assertEqual({point["value"] for point in garage["points"]}, {None})

    def test_the_meters_on_the_line_of_the_dead_one_are_online(self):
        for name in ("house meter", "roof meter", "battery meter"):
            self.assertEqual(self.devices[name]["state"], "online", name)
            self.assertEqual(self.points[f"{name}/ActivePower"]["quality"], "good", name)


    def test_the_building_of_the_demo_is_heard_by_bacnet(self):
        drawn = self.points["building meter/ActivePower.building-power"]
        self.assertEqual((drawn["quality"], drawn["unit"]), ("good", "W"))
        parts = ("chiller plant/ActivePower.chiller-power", "chiller plant/ActivePower.pump-power",
                 "air handler/ActivePower.fan-power")
        self.assertAlmostEqual(drawn["value"], sum(self.points[part]["value"] for part in parts), delta=150)


class BalanceOfTheDemo(harness.SystemTest):
    def test_grid_is_load_and_battery_and_pv_of_other_makers_and_protocols(self):
        # A day as long as a real one: what is read a second apart belongs together.
        points = points_of(self.json_of("demo", "--seconds", 8, "--day", 1440, "--json"))

        def power(device):
            return points[f"{device}/ActivePower"]["value"]

        parts = ("house meter", "battery meter", "roof meter", "carport inverter")
        self.assertLess(power("roof meter") + power("carport inverter"), -500)
        self.assertAlmostEqual(power("grid meter"), sum(map(power, parts)), delta=200,
                               msg={part: power(part) for part in parts})


class ControlOfTheDemo(harness.SystemTest):
    def test_the_battery_of_the_demo_moves_because_of_its_controllers_and_says_why(self):
        demo = self.start("demo", "--seconds", 60)
        data = demo.wait_for("interwatt control list --data ", within=10).rpartition(" ")[2]
        deadline = time.monotonic() + 30
        while True:
            control = self.json_of("control", "list", "--data", data, "--json")
            battery = next(p for p in control["points"] if p["path"] == "battery/ActivePowerSetpoint")
            if battery["state"] == "confirmed" and battery["value"] != 0 and battery["code"] == "followed":
                break
            self.assertLess(time.monotonic(), deadline, control)
            time.sleep(0.5)
        controllers = {one["name"]: one for one in control["controllers"]}
        self.assertEqual({one["mode"] for one in controllers.values()}, {"act"})
        winner = next(claim for claim in battery["claims"] if claim["id"] == battery["winner"])
        self.assertIn(winner["owner"], controllers)
        self.assertIn(winner["owner"], battery["why"])
        self.assertFalse([one for one in controllers.values() if not one["code"] or one["code"].startswith("blind")])
        decisions = self.json_of("control", "explain", "battery/ActivePowerSetpoint", "--data", data, "--json")["decisions"]
        self.assertIn(decisions[-1]["owner"], controllers)
        demo.end()
