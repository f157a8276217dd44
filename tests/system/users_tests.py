"""Who may use a gateway: the first password, users, tokens, roles, and what stands on record of them."""

import json
import time

import api_tests
import harness

PASSWORD = "a quiet river"


class UsersTest(api_tests.ApiTest):
    def serve_nobody(self, device=""):
        """A gateway that was never started before."""
        port = harness.free_port()
        self.config = self.write_file("site.yaml", f"data: {self.folder}/data\n{device}api:\n  listen: 127.0.0.1:{port}\n")
        self.gateway = self.start("run", "-c", self.config)
        line = self.gateway.wait_for("nobody has a password yet", within=10)
        self.code = line.split("with the code ")[1].split(",")[0]
        return api_tests.Api(port)

    def post(self, api, path, body, status):
        got, headers, answer = api.send("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        self.assertEqual(got, status, answer)
        return headers, json.loads(answer)

    def set_up(self, api):
        """As the first admin."""
        headers, answer = self.post(api, "/api/v1/setup", {"code": self.code, "name": "anna", "password": PASSWORD}, 201)
        self.assertEqual(answer["user"], {"name": "anna", "role": "admin", "by": "session"})
        admin = api_tests.Api(api.port)
        admin.headers = {"Cookie": headers["Set-Cookie"].split(";")[0]}
        return admin

    def within(self, seconds, holds):
        end = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)

    def audit(self):
        files = sorted((self.folder / "data" / "audit-access").iterdir())
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


class FirstPassword(UsersTest):
    def test_the_code_of_the_console_sets_it_and_from_then_on_one_must_log_in(self):
        api = self.serve_nobody()
        for path in ("site", "devices", "events", "values", "history?point=a", "health", "openapi.json", "users", "live/events"):
            status, headers, _ = api.send("GET", f"/api/v1/{path}")
            self.assertEqual((status, headers["Content-Type"]), (401, "application/problem+json"), path)
        self.assertEqual(api_tests.WebSocket(api.port).status, 401)
        self.assertEqual(api.send("GET", "/")[0], 200)  # the dashboard, which asks for the code
        self.assertTrue(api.get("/api/v1/session")["setup_needed"])

        self.post(api, "/api/v1/setup", {"code": "AAAA-AAAA", "name": "eve", "password": PASSWORD}, 403)
        admin = self.set_up(api)
        admin.get("/api/v1/site")
        self.post(api, "/api/v1/setup", {"code": self.code, "name": "eve", "password": PASSWORD}, 409)
        wrong = json.dumps({"name": "anna", "password": "a quick river"})
        tries = [api.send("POST", "/api/v1/session", wrong, {"Content-Type": "application/json"})[:2] for _ in range(8)]
        self.assertEqual([status for status, _ in tries[:5]], [401] * 5)
        self.assertTrue(all("Retry-After" in headers for status, headers in tries if status == 429))
        self.assertIn(429, [status for status, _ in tries])

        self.assertEqual(admin.send("DELETE", "/api/v1/session")[0], 204)
        self.assertEqual(admin.send("GET", "/api/v1/site")[0], 401)
        self.gateway.end()
        files = [self.folder / "data" / "access.json", *(self.folder / "data" / "audit-access").iterdir()]
        for file in files:
            self.assertEqual(file.stat().st_mode & 0o777, 0o600, file)
            self.assertNotIn(PASSWORD, file.read_text(encoding="utf-8"), file)
        self.assertIn("scrypt$", files[0].read_text(encoding="utf-8"))
        told = [(record["actor"], record["action"], record["outcome"]) for record in self.audit()]
        for one in (("anna", "first password", "accepted"), ("anna", "login", "refused"), ("anna", "logout", "accepted")):
            self.assertIn(one, told)

        again = self.start("run", "-c", self.config)
        again.wait_for("API at http://", within=10)
        self.assertTrue(all("nobody has a password" not in line for line in again.lines))


class CommandLine(UsersTest):
    def test_users_and_tokens_of_the_command_line_are_known_to_a_running_gateway(self):
        api = self.serve_nobody()
        weak = harness.interwatt("user", "add", "ben", "--role", "operator", "-c", self.config, stdin="password1234\n")
        self.assertIn("one of the first that anybody tries", self.ended_with(2, weak).stderr)
        self.ended_with(0, harness.interwatt("user", "add", "ben", "--role", "operator", "-c", self.config, stdin="some green hills\n"))
        token = self.token("export", "viewer")
        listed = self.json_of("user", "list", "--json", "-c", self.config)
        self.assertEqual(listed["users"], [{"name": "ben", "role": "operator"}])
        self.assertEqual([(one["name"], one["role"]) for one in listed["tokens"]], [("export", "viewer")])
        self.assertNotIn(token, json.dumps(listed))

        reader = api_tests.Api(api.port, token)
        self.within(10, lambda: reader.send("GET", "/api/v1/site")[0] == 200)
        self.post(api, "/api/v1/session", {"name": "ben", "password": "some green hills"}, 200)
        self.assertEqual(api_tests.Api(api.port, token + "0").send("GET", "/api/v1/site")[0], 401)
        live = self.listen(reader)
        self.assertEqual(live.status, 101)


class Acknowledging(UsersTest):
    def test_an_operator_does_it_a_viewer_may_not_and_it_stands_on_record(self):
        gone = f"devices:\n  - {{name: meter, connect: \"modbus://127.0.0.1:{harness.free_port()}?unit=1\", profile: eastron/sdm630}}\n"
        api = self.serve_nobody(gone)
        admin = self.set_up(api)
        by_role = {}
        for role in ("viewer", "operator"):
            _, made = self.post(admin, "/api/v1/tokens", {"name": f"the-{role}", "role": role}, 201)
            by_role[role] = api_tests.Api(api.port, made["token"])
        alarms = []
        self.within(20, lambda: alarms.extend(admin.get("/api/v1/events?open=true&device=meter")["items"]) or alarms)
        path = f"/api/v1/events/{alarms[0]['id']}/acknowledge"
        self.post(by_role["viewer"], path, {"comment": "seen"}, 403)
        _, event = self.post(by_role["operator"], path, {"comment": "a fuse; on the way"}, 200)
        self.assertEqual((event["acknowledged"]["by"], event["acknowledged"]["comment"]), ("the-operator", "a fuse; on the way"))
        self.assertEqual(admin.get(f"/api/v1/events/{event['id']}")["acknowledged"], event["acknowledged"])
        self.within(10, lambda: admin.get("/api/v1/site")["alarms"]["unacknowledged"] == 0)
        self.assertIn(("the-operator", "acknowledge", f"event {event['id']}", "a fuse; on the way"),
                      [(one["actor"], one["action"], one["subject"], one["detail"]) for one in self.audit()])
        self.post(by_role["operator"], "/api/v1/events/999999/acknowledge", {}, 404)
        self.gateway.end()
        for which in ([], ["--access"]):
            self.ended_with(0, harness.interwatt("audit", "verify", *which, "-c", self.config))
