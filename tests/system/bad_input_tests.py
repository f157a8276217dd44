"""What nobody should send, to every resource of the API: a problem document each time, nothing lost, nothing down."""

import json
import re
import socket
import time

import api_tests
import harness

JSON = {"Content-Type": "application/json"}
NUMBERS = ("claim", "event", "id", "job", "version")  # what stands in paths, where it is no name


class BadInput(api_tests.ApiTest):
    def serve_admin(self):
        api = self.serve()
        admin = api_tests.Api(api.port, self.token("boss", "admin"))
        end = time.monotonic() + 10
        while admin.send("GET", "/api/v1/users")[0] != 200:  # the gateway notices the new token within seconds
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        return admin

    def assert_problem(self, answer, what, statuses=range(400, 500)):
        status, headers, body = answer
        self.assertIn(status, statuses, (what, body))
        self.assertEqual(headers["Content-Type"], "application/problem+json", what)
        problem = json.loads(body)
        self.assertEqual(problem["status"], status, what)
        self.assertTrue(problem["title"] and problem["detail"], what)


class EveryResource(BadInput):
    def test_a_body_that_is_broken_huge_or_of_another_type_is_a_problem_everywhere_and_changes_nothing(self):
        admin = self.serve_admin()
        text = self.config.read_text(encoding="utf-8")
        document = admin.get("/api/v1/openapi.json")
        bodies = {"broken": (b'{"a":', JSON, range(400, 500)),
                  "no object": (b"[1, 2]", JSON, range(400, 500)),
                  "no text": (b'{"name": "\xff\xfe"}', JSON, range(400, 500)),
                  "deep": (b'{"a":' * 2000 + b"1" + b"}" * 2000, JSON, range(400, 500)),
                  "unknown field": (b'{"no such field": 1}', JSON, range(400, 500)),
                  "another type": (b"<a/>", {"Content-Type": "application/xml"}, range(400, 500)),
                  "huge": (b'{"a": "' + b"x" * 1_500_000 + b'"}', JSON, (413,))}
        asked = 0
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if "requestBody" not in operation:
                    continue
                where = re.sub(r"\{(\w+)\}", lambda name: "1" if name[1] in NUMBERS else "x", path)
                for name, (body, headers, statuses) in bodies.items():
                    with self.subTest(f"{method} {path}: {name}"):
                        answer = admin.send(method.upper(), where, body, headers | {"If-Match": "*"})
                        self.assert_problem(answer, f"{method} {path}: {name}", statuses)
                        asked += 1
        self.assertGreater(asked, 100)
        self.assertEqual(self.config.read_text(encoding="utf-8"), text)
        self.assertEqual(len(admin.get("/api/v1/config/versions")["items"]), 1)
        self.assertEqual(self.gateway.end()[0], 0)

    def test_a_body_of_no_stated_length_has_the_same_limit(self):
        admin = self.serve_admin()

        def endless():
            for _ in range(150):
                yield b"x" * 10_000

        self.assert_problem(admin.send("PUT", "/api/v1/config", endless(), JSON), "chunked", (413,))
        admin.get("/api/v1/site")


class Raw(BadInput):
    """Bytes that no library would send."""

    def answer_to(self, port, text):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(text)
            answer = b""
            while part := connection.recv(65536):
                answer += part
                if b"\r\n\r\n" in answer and b" 200 " not in answer[:20]:
                    break  # a refusal; the gateway goes on listening for a moment
        return answer

    def test_tricks_with_paths_lead_nowhere(self):
        api = self.serve()
        for path in ("/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/assets/../../etc/passwd",
                     "/assets/..%5c..%5cetc%5cpasswd", "/etc/passwd%00.html", "/api/v1/../../etc/passwd", "/api/v1/config/versions/..%2f..%2fsite.yaml",
                     "file:///etc/passwd", "http://evil.example/api/v1/site", "/./././etc/passwd", "/%c0%ae%c0%ae/etc/passwd", "*"):
            answer = self.answer_to(api.port, f"GET {path} HTTP/1.1\r\nHost: localhost:{api.port}\r\nConnection: close\r\n\r\n".encode())
            status = int(answer.split(b" ")[1])
            self.assertNotIn(b"root:", answer, path)
            self.assertNotIn(b"listen:", answer, path)
            # Outside of /api every address is a page of the dashboard, which then says that it does not know it.
            self.assertTrue(status in (400, 401, 403, 404) or (status == 200 and b"<!doctype html>" in answer.lower()), (path, answer[:200]))
        api.get("/api/v1/site")

    def test_two_lengths_bare_line_feeds_and_nonsense_are_refused_and_end_the_connection(self):
        api = self.serve()
        head = f"POST /api/v1/session HTTP/1.1\r\nHost: localhost:{api.port}\r\n"
        for text in (f"{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}", f"{head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{{}}",
                     f"{head}Content-Length: -1\r\n\r\n", f"{head}Content-Length: 99999999999999999999\r\n\r\n", f"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                     "GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", f"GET / HTTP/1.1\r\nHost : localhost:{api.port}\r\n\r\n", "\0\0\0\0\r\n\r\n"):
            answer = self.answer_to(api.port, text.encode())
            self.assertRegex(answer, rb"^HTTP/1.1 (400|411|413|501|505) ", text)
        api.get("/api/v1/site")

    def test_who_drips_a_header_is_closed_in_time_and_others_do_not_wait(self):
        api = self.serve()
        with socket.create_connection(("127.0.0.1", api.port), timeout=10) as slow:
            begun = time.monotonic()
            closed = None
            while closed is None and time.monotonic() - begun < 15:
                try:
                    slow.sendall(b"x")
                except OSError:
                    closed = time.monotonic() - begun
                asked = time.monotonic()
                api.get("/api/v1/site")
                self.assertLess(time.monotonic() - asked, 1)
                time.sleep(0.3)
        self.assertIsNotNone(closed, "it drips for ever")
        self.assertGreater(closed, 3)


class Stale(BadInput):
    def test_a_token_that_was_withdrawn_or_changed_opens_nothing_and_its_stream_ends(self):
        admin = self.serve_admin()
        status, _, body = admin.send("POST", "/api/v1/tokens", json.dumps({"name": "visitor", "role": "viewer", "days": 1}), JSON)
        self.assertEqual(status, 201)
        visitor = api_tests.Api(admin.port, json.loads(body)["token"])
        visitor.get("/api/v1/site")
        live = self.listen(visitor)
        self.assertEqual(live.status, 101)
        self.assertEqual(admin.send("DELETE", "/api/v1/tokens/visitor")[0], 204)
        self.assert_problem(visitor.send("GET", "/api/v1/site"), "withdrawn", (401,))
        self.assert_problem(visitor.send("POST", "/api/v1/control/stop-all", b'{"for_s": 60}', JSON), "withdrawn", (401,))
        begun = time.monotonic()
        with self.assertRaises((AssertionError, ValueError, OSError)):  # the gateway says goodbye, or just ends it
            live.wait_for("never")
        self.assertLess(time.monotonic() - begun, 9)
        for token in ("", "iw_", "iw_" + "A" * 43, "x" * 5000, "iw_\u00e9"):
            headers = {"Authorization": f"Bearer {token}".encode("utf-8")}
            answer = api_tests.Api(admin.port).send("GET", "/api/v1/site", headers=headers)
            self.assertIn(answer[0], (400, 401, 431), token)
        answer = api_tests.Api(admin.port).send("GET", "/api/v1/site", headers={"Cookie": "iw_session=" + "0" * 64})
        self.assert_problem(answer, "a session of before the restart", (401,))


class TwoPeopleOneDevice(BadInput):
    def test_the_second_is_shown_both_and_what_can_not_be_reached_is_repaired(self):
        admin = self.serve_admin()
        meter = self.simulate(api_tests.METER)
        wrong = f"modbus://127.0.0.1:{harness.free_port()}?unit=1"
        device = {"name": "meter", "connect": wrong, "profile": api_tests.METER}
        added = admin.send("POST", "/api/v1/devices", json.dumps({"device": device}), JSON)
        self.assertEqual(added[0], 201, added[2])
        end = time.monotonic() + 20
        while admin.get("/api/v1/devices/meter")["state"] != "offline":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)

        tag = admin.send("GET", "/api/v1/devices/meter/config")[1]["ETag"]
        theirs, mine = device | {"asset": "theirs"}, device | {"connect": meter.url}
        first = admin.send("PUT", "/api/v1/devices/meter", json.dumps({"device": theirs, "why": "first"}), JSON | {"If-Match": tag})
        self.assertEqual(first[0], 200, first[2])
        second = admin.send("PUT", "/api/v1/devices/meter", json.dumps({"device": mine, "why": "second"}), JSON | {"If-Match": tag})
        self.assert_problem(second, "the second", (412,))
        both = json.loads(second[2])
        self.assertIn("theirs", both["current"]["text"])
        self.assertIn(meter.url, both["yours"]["text"])
        again = admin.send("PUT", "/api/v1/devices/meter", json.dumps({"device": mine | {"asset": "theirs"}}), JSON | {"If-Match": second[1]["ETag"]})
        self.assertEqual(again[0], 200, again[2])
        end = time.monotonic() + 20
        while admin.get("/api/v1/devices/meter")["state"] != "online":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
