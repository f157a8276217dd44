"""The configuration of a running gateway: its versions, who changed it, conflicts, and back, on real files."""

import json
import signal

import api_tests
import harness

METER = "eastron/sdm630"
NO_DEVICES = "rates:\n  normal: 1s\n  slow: 2s\n"


class ConfigTest(api_tests.ApiTest):
    def editor(self, role="engineer"):
        return api_tests.Api(self.port, self.token(f"the-{role}", role))

    def serve_site(self, **devices):
        self.port = harness.free_port()
        self.config = self.write_file(
            "site.yaml",
            f"# Hall 3, see the binder.\n{harness.site_of(**devices) if devices else NO_DEVICES}\napi:\n  listen: 127.0.0.1:{self.port}  # only here\n")
        self.ended_with(0, harness.interwatt("user", "add", "anna", "--role", "admin", "-c", self.config,
                                             stdin="a quiet river\n"))
        self.engineer = self.editor()
        self.operator = self.editor("operator")
        self.run_gateway()

    def run_gateway(self):
        self.gateway = self.start("run", "-c", self.config)
        self.gateway.wait_for("API at http://", within=10)

    def send(self, api, method, path, body=None, if_match=None, status=200):
        headers = {"Content-Type": "application/json"} | ({"If-Match": if_match} if if_match else {})
        got, headers, answer = api.send(method, path, json.dumps(body) if body is not None else None, headers)
        self.assertEqual(got, status, answer)
        return headers, json.loads(answer) if answer else None

    def tag(self):
        return self.engineer.send("GET", "/api/v1/config")[1]["ETag"]

    def versions(self):
        return self.json_of("config", "versions", "--json", "-c", self.config)


class Versions(ConfigTest):
    def test_what_the_file_the_api_and_the_command_line_did_are_versions_and_any_comes_back(self):
        first, second = self.simulate(METER), self.simulate("sunspec")
        self.serve_site(meter=(first.url, METER))
        self.gateway.wait_for("meter is online", within=10)
        original = self.config.read_text(encoding="utf-8")

        # Somebody with an editor.
        self.config.write_text(original.replace("normal: 1s", "normal: 2s"), encoding="utf-8")
        self.gateway.send(signal.SIGHUP)
        self.gateway.wait_for("configuration reloaded: 1 devices", within=10)

        # By the API: the comments stay.
        edited = self.config.read_text(encoding="utf-8").replace(
            "\napi:", f"  - name: roof   # south side\n    connect: {second.url}\n    profile: sunspec\n\napi:")
        _, done = self.send(self.engineer, "PUT", "/api/v1/config", {"text": edited, "why": "the roof is on"}, self.tag())
        self.assertEqual([change["words"] for change in done["version"]["changes"]], ["device 'roof' is new"])
        self.gateway.wait_for("roof is online", within=10)
        self.assertEqual(self.config.read_text(encoding="utf-8"), edited)

        told = [(one["version"], one["by"], one["why"]) for one in self.versions()]
        self.assertEqual(told, [(1, "the file", "found at the start"), (2, "the file", ""),
                                (3, "the-engineer", "the roof is on")])
        difference = self.ended_with(1, harness.interwatt("config", "diff", "1", "3", "-c", self.config)).stdout
        self.assertIn("-  normal: 1s\n+  normal: 2s\n", difference)
        self.assertIn("+  - name: roof   # south side\n", difference)

        # Back at the command line, while the gateway runs.
        after = len(self.gateway.lines)
        said = self.ended_with(0, harness.interwatt("config", "rollback", "1", "--why", "wrong roof", "-c", self.config))
        self.assertIn("takes it now", said.stdout)
        self.gateway.wait_for("configuration reloaded: 1 devices", within=10, after=after)
        self.assertEqual(self.config.read_text(encoding="utf-8"), original)
        self.assertEqual(self.ended_with(0, harness.interwatt("config", "diff", "4", "-c", self.config)).stdout, "")
        newest = self.versions()[-1]
        self.assertEqual(newest["version"], 4)
        self.assertRegex(newest["by"], "at the command line$")
        self.assertEqual(newest["why"], "back to version 1: wrong roof")

        # Who did what, with old and new value, as event and in the audit log.
        self.gateway.end()
        said = self.ended_with(0, harness.interwatt("events", "--json", "--kind", "configuration_changed", "-c", self.config)).stdout
        events = [json.loads(line)["message"] for line in said.splitlines()]
        self.assertTrue(any(one.startswith("the-engineer: device 'roof' is new") for one in events), events)
        audit = self.ended_with(0, harness.interwatt("audit", "--configuration", "-c", self.config)).stdout
        self.assertIn("'rates': normal is 2s, was 1s", audit)
        self.assertRegex(audit, r"the-engineer configuration .* accepted  device 'roof' is new: \{name: roof, ")
        self.ended_with(0, harness.interwatt("audit", "verify", "--configuration", "-c", self.config))

    def test_versions_survive_kill_9_and_what_stands_in_the_file_then_is_the_truth(self):
        self.serve_site()
        for i in range(5):
            text = self.config.read_text(encoding="utf-8").replace("slow: 2s", f"slow: {3 + i}s").replace(f"slow: {2 + i}s", f"slow: {3 + i}s")
            self.send(self.engineer, "PUT", "/api/v1/config", {"text": text}, "*")
        self.gateway.end(signal.SIGKILL)
        self.config.write_text(self.config.read_text(encoding="utf-8") + "# by hand\n", encoding="utf-8")
        self.run_gateway()
        versions = self.versions()
        self.assertEqual([one["version"] for one in versions], [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(versions[-1]["by"], "the file")
        shown = self.ended_with(0, harness.interwatt("config", "show", "6", "-c", self.config)).stdout
        self.assertIn("slow: 7s", shown)


class TwoPeople(ConfigTest):
    def test_the_second_of_two_sees_both_sides_and_nothing_is_lost(self):
        self.serve_site()
        text, tag = self.config.read_text(encoding="utf-8"), self.tag()
        mine, theirs = text.replace("slow: 2s", "slow: 5s"), text.replace("slow: 2s", "slow: 9s")
        self.send(self.engineer, "PUT", "/api/v1/config", {"text": theirs}, tag)
        headers, both = self.send(self.engineer, "PUT", "/api/v1/config", {"text": mine}, tag, status=412)
        self.assertEqual((both["current"]["text"], both["yours"]["text"]), (theirs, mine))
        self.assertIn("-  slow: 9s\n+  slow: 5s\n", both["diff"])
        self.send(self.engineer, "PUT", "/api/v1/config", {"text": mine}, headers["ETag"])

        # An editor beside it is a second person too, and its file the truth.
        tag = self.tag()
        self.config.write_text(mine.replace("slow: 5s", "slow: 6s"), encoding="utf-8")
        self.send(self.engineer, "PUT", "/api/v1/config", {"text": text}, tag, status=412)

    def test_only_engineers_and_admins_change_and_bad_requests_are_told_what_is_wrong(self):
        self.serve_site()
        text = self.config.read_text(encoding="utf-8")
        self.send(self.operator, "PUT", "/api/v1/config", {"text": "devices: []\n"}, "*", status=403)
        self.send(self.operator, "POST", "/api/v1/config/rollback", {"version": 1}, "*", status=403)
        self.send(self.engineer, "PUT", "/api/v1/config", {"text": "devices: []\n"}, status=428)
        self.send(self.engineer, "PUT", "/api/v1/config", {"txt": ""}, "*", status=400)
        _, faulty = self.send(self.engineer, "PUT", "/api/v1/config", {"text": "devices: [\n"}, "*", status=422)
        self.assertEqual(faulty["findings"][0]["line"], 2)
        for body, content_type, status in ((b"{", "application/json", 400), (b"{}", "text/plain", 415),
                                           (b"x" * 2_000_000, "application/json", 413)):
            got, headers, _ = self.engineer.send("PUT", "/api/v1/config", body, {"Content-Type": content_type, "If-Match": "*"})
            self.assertEqual((got, headers["Content-Type"]), (status, "application/problem+json"))
        for path in ("versions/0", "versions/..%2f..%2fsite.yaml", "versions/99", "diff?from=1&to=99"):
            self.assertIn(self.engineer.send("GET", f"/api/v1/config/{path}")[0], (400, 404), path)
        self.assertEqual(self.config.read_text(encoding="utf-8"), text)
