"""interwatt run and tail: devices of several makers, reloads, faults and the end, on real sockets."""

import datetime
import json
import signal

import harness

METER = "eastron/sdm630"


def samples(lines):
    """What tail --json said."""
    return [json.loads(line) for line in lines if line.startswith("{")]


class TwoMakers(harness.SystemTest):
    def test_tail_gives_good_values_of_devices_of_two_makers(self):
        meter, roof = self.simulate(METER), self.simulate("sunspec")
        site = harness.site_of(meter=(meter.url, METER), roof=(roof.url, "sunspec"))
        config = self.write_file("site.yaml", site)
        result = self.ended_with(0, harness.interwatt("tail", "--json", "--seconds", 3, "-c", config))
        good = [sample for sample in samples(result.stdout.splitlines()) if sample["quality"] == "good"]
        for path, unit in (("meter/ActivePower", "W"), ("meter/Frequency", "Hz"),
                           ("roof/ActivePower", "W"), ("roof/Voltage.LN.A", "V")):
            of_path = [sample for sample in good if sample["path"] == path]
            self.assertGreaterEqual(len(of_path), 2, path)
            self.assertEqual({sample["unit"] for sample in of_path}, {unit}, path)
        self.assertTrue(all(210 < sample["value"] < 250 for sample in good if "Voltage.LN" in sample["path"]))


class Reload(harness.SystemTest):
    def test_a_broken_file_is_not_taken_a_good_one_is_and_the_end_is_quick(self):
        first, second = self.simulate(METER), self.simulate("sunspec")
        config = self.write_file("site.yaml", harness.site_of(meter=(first.url, METER)))
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=5)

        config.write_text(harness.site_of(meter=(first.url, METER)).replace("profile:", "profil:"))
        gateway.send(signal.SIGHUP)
        gateway.wait_for(f"{config}:7:5: devices[0].profil", within=5)
        gateway.wait_for("the running configuration stays as it is", within=5)
        self.assertFalse([line for line in gateway.lines if "connection lost" in line or "offline" in line])

        config.write_text(harness.site_of(meter=(first.url, METER), roof=(second.url, "sunspec")))
        gateway.send(signal.SIGHUP)
        gateway.wait_for("configuration reloaded: 2 devices", within=5)
        gateway.wait_for("roof is online", within=5)
        self.assertFalse([line for line in gateway.lines if "offline" in line])

        status, took = gateway.end(signal.SIGTERM)
        self.assertEqual(status, 0, gateway.lines)
        self.assertLess(took, 2)
        self.assertRegex(gateway.lines[-1], r"stopped; [1-9]\d* samples")

    def test_one_device_is_changed_disabled_and_removed_and_the_other_does_not_notice(self):
        first, second, third = self.simulate(METER), self.simulate("sunspec"), self.simulate("sunspec")
        site = harness.site_of(meter=(first.url, METER), roof=(second.url, "sunspec"))
        config = self.write_file("site.yaml", site)
        gateway = self.start("run", "-c", config)
        gateway.wait_for("meter is online", within=10)
        gateway.wait_for("roof is online", within=10)

        def reload(text, *expected):
            said = len(gateway.lines)
            config.write_text(text)
            gateway.send(signal.SIGHUP)
            for line in expected:
                gateway.wait_for(line, within=10, after=said)

        changed = site.replace(second.url, third.url)
        reload(changed, "roof is removed: what is configured of it has changed", "roof is online")
        reload(changed.replace("- name: roof", "- name: roof\n    enabled: false"),
               "roof is removed: disabled in the configuration")
        reload(changed, "roof is online")
        reload(harness.site_of(meter=(first.url, METER)), "roof is removed: no longer configured")
        self.assertEqual(len([line for line in gateway.lines if "meter is" in line]), 1, gateway.lines)

    def test_a_file_that_is_broken_from_the_start_ends_the_gateway_with_1(self):
        config = self.write_file("site.yaml", "devices: [ {name\n")
        result = self.ended_with(1, harness.interwatt("run", "-c", config, timeout=5))
        self.assertIn(f"{config}:1:", result.stderr)


class SilentNeighbour(harness.SystemTest):
    def test_the_values_of_a_device_keep_coming_each_second_beside_a_silent_one(self):
        meter, mute = self.simulate(METER), self.simulate(METER, "--faults", "silent")
        site = harness.site_of(meter=(meter.url, METER), mute=(mute.url, METER))
        config = self.write_file("site.yaml", site)
        tail = self.start("tail", "--json", "--seconds", 7, "-c", config)
        tail.wait_for("mute is offline", within=8)
        self.assertEqual(tail.wait(within=10), 0)

        seen = samples(tail.lines)
        times = [datetime.datetime.fromisoformat(sample["time"]).timestamp() for sample in seen
                 if sample["path"] == "meter/ActivePower" and sample["quality"] == "good"]
        self.assertGreaterEqual(len(times), 6)
        self.assertLess(max(later - earlier for earlier, later in zip(times, times[1:])), 1.5)
        self.assertFalse([sample for sample in seen if sample["path"].startswith("mute/")
                          and sample["quality"] == "good"])


class KilledDevice(harness.SystemTest):
    def test_a_device_that_is_killed_is_offline_and_online_again_by_itself_every_time(self):
        device = self.simulate(METER)
        config = self.write_file("site.yaml", harness.site_of(meter=(device.url, METER)))
        gateway = self.start("run", "-c", config)
        values = self.start("tail", "--json", "-c", config, "meter/Frequency")
        gateway.wait_for("meter is online", within=5)
        values.wait_for('"quality":"good"', within=5)

        for _ in range(2):
            said, shown = len(gateway.lines), len(values.lines)
            device.end(signal.SIGKILL)
            self.assertIn("nobody listens", gateway.wait_for("meter is offline", within=10, after=said))
            values.wait_for("no connection", within=10, after=shown)

            said, shown = len(gateway.lines), len(values.lines)
            device = self.simulate(METER, port=device.port)
            values.wait_for('"quality":"good"', within=40, after=shown)
            gateway.wait_for("meter is online", within=40, after=said)
