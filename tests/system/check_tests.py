"""interwatt check: what is wrong with a configuration and where, and what its lines can carry."""

import harness

BAD_VALUES = """\
devices:
  - name: meter
    connect: modbus://127.0.0.1:1502?unit=1
    profile: eastron/sdm63
  - name: meter
    connect: modbus://127.0.0.1:1502?unit=2
    profile: eastron/sdm630
  - name: third
    connect: modbus://127.0.0.1:1502?unit=2
    profile: eastron/sdm630
"""

BAD_SHAPE = """\
devices:
  - name: meter
    connect: mdbus://127.0.0.1:1502?unit=1
    profile: eastron/sdm630
    enabeld: true
"""

SERIAL = "modbus+rtu:///dev/ttyUSB0?baud=9600"


class Check(harness.SystemTest):
    def findings(self, text):
        """Line and column to message and remedy, of a configuration that is not taken."""
        report = self.json_of("check", self.write_file("site.yaml", text), "--json", status=1)
        self.assertFalse(report["ok"])
        return {(found["line"], found["column"]): found["message"] + found["remedy"]
                for found in report["findings"]}

    def serial_site(self, meters):
        units = range(1, meters + 1)
        text = harness.site_of(**{f"m{unit}": (f"{SERIAL}&unit={unit}", "eastron/sdm630") for unit in units})
        return self.write_file("serial.yaml", text.replace("slow: 2s", "slow: 1s"))

    def test_an_unknown_profile_comes_with_the_nearest_one(self):
        self.assertRegex(self.findings(BAD_VALUES)[4, 14], "eastron/sdm63'.*did you mean 'eastron/sdm630'")

    def test_a_duplicate_name_is_found(self):
        self.assertIn("'meter' is there twice", self.findings(BAD_VALUES)[5, 11])

    def test_a_duplicate_unit_on_a_line_is_found(self):
        self.assertIn("unit 2 is 'meter' already", self.findings(BAD_VALUES)[9, 14])

    def test_an_unknown_key_comes_with_the_nearest_word(self):
        self.assertIn("did you mean 'enabled'", self.findings(BAD_SHAPE)[5, 5])

    def test_a_bad_url_comes_with_an_example(self):
        self.assertRegex(self.findings(BAD_SHAPE)[3, 14], "'mdbus://.* no address that a driver knows.*example modbus://")

    def test_text_names_file_line_and_column_and_ends_with_1(self):
        path = self.write_file("site.yaml", BAD_VALUES)
        result = self.ended_with(1, harness.interwatt("check", path))
        for place in ("4:14", "5:11", "9:14"):
            self.assertIn(f"{path}:{place}:", result.stderr)

    def test_findings_stand_in_the_order_of_the_file_and_are_shown_together(self):
        mixed = BAD_VALUES.replace("name: third", "nam: third") + "rates:\n  fast: 1ms\n"
        report = self.json_of("check", self.write_file("site.yaml", mixed), "--json", status=1)
        places = [(found["line"], found["column"]) for found in report["findings"]]
        self.assertEqual(places, sorted(places))
        self.assertLessEqual({(4, 14), (5, 11), (8, 5), (12, 9)}, set(places))

    def test_a_missing_file_is_named(self):
        result = self.ended_with(1, harness.interwatt("check", self.folder / "nothing.yaml"))
        self.assertIn("nothing.yaml: No such file", result.stderr)

    def test_a_good_configuration_ends_with_0(self):
        result = self.ended_with(0, harness.interwatt("check", self.serial_site(meters=2)))
        self.assertIn("2 devices on 1 line", result.stdout)
        self.assertNotIn("impossible", result.stdout + result.stderr)

    def test_a_serial_line_asked_for_too_much_is_impossible_and_the_costliest_reads_are_named(self):
        path = self.serial_site(meters=4)
        result = self.ended_with(1, harness.interwatt("check", path))
        self.assertRegex(result.stderr, r"serial.yaml:2:11: .*interval 1s impossible, 1\.\d s needed")
        self.assertRegex(result.stderr, r"cost most: m\d: 30 input registers from 0 \(\d+ ms each 1s\)")

    def test_a_line_behind_tcp_that_may_be_too_slow_is_a_warning_that_says_what_it_assumes(self):
        path = self.write_file("tcp.yaml", """site: {name: tcp}
devices:
  - name: grid
    connect: modbus://192.0.2.1?unit=1
    profile: eastron/sdm630
  - name: house
    connect: modbus://192.0.2.1?unit=2
    profile: eastron/sdm630
rates:
  fast: 50ms
  normal: 50ms
""")
        result = self.ended_with(0, harness.interwatt("check", path))
        self.assertRegex(result.stderr, r"tcp.yaml:\d+:\d+: warning: .*impossible.* if each answer takes 20 ms")

    def test_the_budget_as_json_begins_with_the_costliest_read_and_adds_up(self):
        line, = self.json_of("check", self.serial_site(meters=4), "--json", status=1)["lines"]
        self.assertFalse(line["possible"])
        shares = [read["share"] for read in line["reads"]]
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertAlmostEqual(sum(shares), line["load"], places=6)
        # 8 bytes out and 65 back, two silences of 3.5 characters, 10 bits each; then what the device takes
        wire = (8 + 65 + 7) * 10 / 9600
        self.assertGreater(shares[0], wire)
        self.assertLess(shares[0], 2 * wire)

    def test_the_configuration_of_the_demo_is_good(self):
        text = self.ended_with(0, harness.interwatt("demo", "--print-config")).stdout
        report = self.json_of("check", self.write_file("demo.yaml", text), "--json")
        self.assertEqual(report["findings"], [])

    def test_the_documentation_of_the_configuration_is_what_the_program_says(self):
        documented = (harness.ROOT / "docs" / "configuration.md").read_text()
        printed = self.ended_with(0, harness.interwatt("check", "--docs")).stdout
        self.assertTrue(documented.endswith(printed), "run: interwatt check --docs, and put it into docs/configuration.md")
