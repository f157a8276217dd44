"""The commands that need no configuration: try, read, write, decode and profiles."""

import json

import harness

LIMIT = ("holding", 40126)  # ActivePowerLimit of huawei/sun2000, in watts
ENABLED = ("holding", 40159)  # 123.WMaxLim_Ena of the simulated SunSpec inverter


class Try(harness.SystemTest):
    def stages(self, url, *arguments, status):
        report = self.json_of("try", url, "--json", *arguments, status=status)
        self.assertEqual(report["ok"], status == 0)
        return report, {stage["name"]: stage for stage in report["stages"]}

    def test_try_names_a_refused_connection(self):
        _, stages = self.stages(f"modbus://127.0.0.1:{harness.free_port()}?unit=1", status=1)
        self.assertEqual(stages["route"]["state"], "passed")
        self.assertEqual(stages["port"]["state"], "failed")
        self.assertIn("refuses connections", stages["port"]["detail"])
        self.assertTrue(stages["port"]["remedy"])

    def test_try_names_a_unit_that_is_silent_and_what_to_do(self):
        device = self.simulate("sunspec", "--faults", "silent")
        _, stages = self.stages(device.url, "--timeout", "200ms", status=1)
        self.assertEqual(stages["port"]["state"], "passed")
        self.assertEqual(stages["session"]["state"], "failed")
        self.assertIn("unit 1 does not answer", stages["session"]["detail"])
        self.assertIn("interwatt scan", stages["session"]["remedy"])

    def test_try_finds_the_right_unit_when_the_wrong_one_was_asked(self):
        device = self.simulate("eastron/sdm630")
        _, stages = self.stages(device.url.replace("unit=1", "unit=7"), status=1)
        self.assertEqual(stages["session"]["state"], "failed")
        self.assertIn("unit 7", stages["session"]["detail"])
        self.assertIn(device.url, stages["session"]["remedy"])

    def test_try_reads_the_values_of_a_sunspec_device_without_being_told(self):
        report, stages = self.stages(self.simulate("sunspec").url, status=0)
        self.assertEqual({stage["state"] for stage in stages.values()}, {"passed"})
        self.assertIn(103, report["sunspec_models"])
        power, = (value for value in report["values"] if value["point"] == "ActivePower")
        self.assertEqual(power["quality"], "good")
        self.assertLessEqual(power["value"], 0)

    def test_try_reads_the_values_of_any_device_with_its_profile(self):
        device = self.simulate("eastron/sdm630")
        report, stages = self.stages(device.url, "--profile", "eastron/sdm630", status=0)
        self.assertEqual(stages["values"]["state"], "passed")
        self.assertEqual(report["identity"]["manufacturer"], "Eastron")
        self.assertEqual({value["quality"] for value in report["values"]}, {"good"})

    def test_try_with_an_address_that_is_none_is_wrong_use(self):
        result = self.ended_with(2, harness.interwatt("try", "mdbus://x"))
        self.assertIn("for example modbus://", result.stderr)


class ReadAndWrite(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.url = self.simulate("huawei/sun2000").url

    def limit(self):
        return self.json_of("read", self.url, *LIMIT, "--type", "u32", "--json")["values"][0]

    def test_what_is_written_is_read_back(self):
        written = self.json_of("write", self.url, *LIMIT, 70000, "--type", "u32", "--yes", "--json")
        self.assertEqual(written["state"], "confirmed")
        self.assertEqual(self.limit()["registers"], [1, 4464])
        self.assertEqual(self.limit()["value"], 70000)

    def test_a_point_of_a_profile_is_written_and_read_back(self):
        point = ("--profile", "huawei/sun2000", "--point", "ActivePowerLimit")
        self.json_of("write", self.url, *point, 4000, "--yes", "--json")
        value, = self.json_of("read", self.url, *point, "--json")["values"]
        self.assertEqual((value["value"], value["unit"], value["quality"]), (4000, "W", "good"))

    def test_a_control_of_sunspec_is_written_with_what_makes_the_device_obey_it(self):
        url = self.simulate("sunspec").url
        self.assertEqual(self.json_of("read", url, *ENABLED, "--json")["values"][0]["value"], 0)
        point = ("--profile", "sunspec", "--point", "ActivePowerLimit")
        written = self.json_of("write", url, *point, 800, "--yes", "--json")
        self.assertEqual((written["state"], written["after"]), ("confirmed", "800"))
        self.assertEqual(self.json_of("read", url, *ENABLED, "--json")["values"][0]["value"], 1)

    def test_a_write_that_the_device_refuses_is_reported_and_changes_nothing(self):
        refused = self.json_of("write", self.url, "holding", 32080, 5, "--yes", "--json", status=1)
        self.assertEqual(refused["state"], "refused")
        self.assertIn("ILLEGAL_DATA_ADDRESS", refused["error"]["message"])
        self.assertEqual(self.json_of("read", self.url, "holding", 32080, "--json")["values"][0]["value"], 0)

    def test_nothing_is_written_without_a_yes(self):
        before = self.limit()
        result = self.ended_with(2, harness.interwatt("write", self.url, *LIMIT, 1, "--type", "u32"))
        self.assertIn("--yes", result.stderr)
        self.assertEqual(self.limit(), before)

    def test_a_register_that_is_not_there_ends_the_reading_with_1(self):
        result = self.ended_with(1, harness.interwatt("read", self.url, "holding", 1))
        self.assertIn("ILLEGAL_DATA_ADDRESS", result.stderr)

    def test_a_simulated_device_takes_any_free_port_and_says_which(self):
        device = self.start("simulate", "eastron/sdm630", "--listen", "127.0.0.1:0")
        url = device.wait_for(" at modbus", within=10).partition(" at ")[2]
        self.assertNotIn(":0?", url)
        self.ended_with(0, harness.interwatt("read", url, "input", 0, "--type", "f32"))


class Decode(harness.SystemTest):
    def meaning(self, *arguments, stdin=""):
        result = self.ended_with(0, harness.interwatt("decode", "--json", *arguments, stdin=stdin))
        return [frame["meaning"] for frame in json.loads(result.stdout)]

    def test_decode_explains_the_golden_request_over_tcp(self):
        # The Modbus specification's own example: Read Holding Registers 108 to 110.
        meaning, = self.meaning(*"00 01 00 00 00 06 11 03 00 6B 00 03".split())
        self.assertIn("Modbus TCP, transaction 1, unit 17", meaning)
        self.assertIn("request: Read Holding Registers: 3 registers from address 107", meaning)

    def test_decode_checks_the_crc_of_a_serial_frame(self):
        right, = self.meaning("0103000000 0AC5CD")
        self.assertIn("Modbus RTU, unit 1, CRC right", right)
        wrong = self.ended_with(1, harness.interwatt("decode", "0103000000 0AC5CC"))
        self.assertIn("the CRC is C5 CC, it would be C5 CD", wrong.stdout)
        among_good = "01 83 02 C0 F1\n0103000000 0AC5CC\n0103000000 0AC5CD\n"
        result = self.ended_with(1, harness.interwatt("decode", "--json", stdin=among_good))
        self.assertEqual([frame["whole"] for frame in json.loads(result.stdout)], [True, False, True])

    def test_decode_ends_with_1_on_what_is_no_pdu(self):
        self.ended_with(0, harness.interwatt("decode", "--pdu", "83 02"))
        self.ended_with(1, harness.interwatt("decode", "--pdu", "83"))

    def test_decode_takes_one_frame_a_line(self):
        first, second = self.meaning(stdin="01 83 02 C0 F1\n0103000000 0AC5CD\n")
        self.assertIn("MODBUS_EXC_ILLEGAL_DATA_ADDRESS", first)
        self.assertIn("10 registers from address 0", second)

    def test_decode_refuses_what_is_no_hexadecimal(self):
        self.assertIn("'z' at position 1", self.ended_with(2, harness.interwatt("decode", "zz")).stderr)


class Profiles(harness.SystemTest):
    def test_the_catalogue_lists_profiles_of_many_makers(self):
        profiles = self.json_of("profiles", "--json", "list")
        self.assertGreaterEqual(len({profile["manufacturer"] for profile in profiles}), 15)
        self.assertIn("huawei/sun2000", {profile["id"] for profile in profiles})

    def test_the_list_can_be_narrowed_to_a_word(self):
        listed = self.ended_with(0, harness.interwatt("profiles", "list", "huawei")).stdout
        self.assertIn("huawei/sun2000", listed)
        self.assertNotIn("eastron/sdm630", listed)

    def test_a_profile_shows_its_points_and_where_they_are(self):
        shown = self.json_of("profiles", "--json", "show", "huawei/sun2000")
        limit, = (point for point in shown["points"] if point["point"] == "ActivePowerLimit")
        self.assertTrue(limit["writable"])
        self.assertEqual(limit["source"], "holding 40126 u32 W")

    def test_a_profile_that_is_not_there_comes_with_the_nearest_one(self):
        result = self.ended_with(1, harness.interwatt("profiles", "show", "huawei/sun200"))
        self.assertIn("did you mean 'huawei/sun2000'", result.stderr)

    def test_the_schema_of_profiles_and_of_configurations_is_json(self):
        for command in (("profiles", "schema"), ("check", "--schema")):
            schema = self.json_of(*command)
            self.assertTrue(schema["$schema"].endswith("2020-12/schema"))
            self.assertEqual(schema["type"], "object")


class SimulatedBacnet(harness.SystemTest):
    def test_a_simulated_air_handler_says_what_it_has_and_obeys(self):
        device = self.simulate("bacnet/air-handler")
        objects = {row["name"]: row for row in self.json_of("scan", device.url, "--json")}
        self.assertIn("Supply Air Temperature", objects)
        self.assertTrue(objects["Fan Speed Command"]["writable"])
        wrote = self.json_of("write", device.url, "ao1", "40", "--priority", "8", "--yes", "--json")
        self.assertEqual(wrote["after"], "40")
        released = self.json_of("write", device.url, "ao1", "null", "--priority", "8", "--yes", "--json")
        self.assertEqual(released["after"], "70")

    def test_a_silent_one_is_said_not_to_answer(self):
        device = self.simulate("bacnet/meter", "--faults", "silent")
        report = self.json_of("try", device.url, "--timeout", "100ms", "--json", status=1)
        self.assertFalse(report["ok"])

    def test_a_device_that_there_is_not_is_said_with_those_that_there_are(self):
        result = self.ended_with(1, harness.interwatt("simulate", "bacnet/lift"))
        self.assertIn("bacnet/chiller-plant", result.stderr)


class WrongUse(harness.SystemTest):
    """What was written wrongly ends with 2 before a device is asked; 1 is for what did not work."""

    COMMANDS = (
        ("try", "mdbus://x"),
        ("try", "modbus://127.0.0.1:1", "--profile", "hauwei/sun2000"),
        ("read", "modbus://127.0.0.1:1", "holding"),
        ("read", "modbus://127.0.0.1:1", "--profile", "hauwei/sun2000"),
        ("write", "modbus://127.0.0.1:1", "holding", "1", "x", "--yes"),
        ("write", "modbus://127.0.0.1:1", "holding", "1", "--yes"),
        ("write", "modbus://127.0.0.1:1", "--profile", "hauwei/sun2000", "--point", "ActivePowerLimit", "1", "--yes"),
        ("scan", "modbus://127.0.0.1:1", "--units", "0-999"),
        ("simulate", "hauwei/sun2000"),
        ("simulate", "sunspec", "--faults", "moody"),
        ("decode", "xy"),
        ("tail", "--format", "xml"),
        ("query", "--step", "3min"),
        ("user", "add", "ben", "--role", "king", "--data", "{folder}"),
        ("user", "token", "export", "--role", "king", "--data", "{folder}"),
        ("user", "add", "not a name", "--data", "{folder}"),
    )

    def test_every_command_ends_with_2(self):
        for command in self.COMMANDS:
            with self.subTest(" ".join(command)):
                arguments = [argument.format(folder=self.folder) for argument in command]
                result = self.ended_with(2, harness.interwatt(*arguments, stdin="some green hills\n"))
                self.assertTrue(result.stderr.strip())

    def test_a_word_that_is_none_comes_with_those_that_there_are(self):
        result = harness.interwatt("tail", "--format", "xml")
        self.assertIn("'xml' is none of text, json, protobuf, jsonld", result.stderr)
        self.assertIn("text|json|protobuf|jsonld", harness.interwatt("tail", "--help").stdout)
