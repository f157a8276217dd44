"""The API of a running gateway, asked over real sockets."""

import http.client
import json
import socket
import struct
import time

import harness

METER = "eastron/sdm630"


class Api:
    """Requests to one gateway, with a token unless there is none."""

    def __init__(self, port, token=None):
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method, path, body=None, headers=None):
        headers = self.headers | (headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, path):
        status, headers, body = self.send("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body}")
        return json.loads(body)


class WebSocket:
    """As little of a client as RFC 6455 allows: text messages of any length, no fragments."""

    def __init__(self, port, path="/api/v1/live", headers=""):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.sendall((f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n").encode())
        self._bytes = self._socket.makefile("rb")
        self.status = int(self._bytes.readline().split()[1])
        while self._bytes.readline() not in (b"\r\n", b""):
            pass

    def send(self, document):
        text = json.dumps(document).encode() if not isinstance(document, bytes) else document
        mask = b"\x01\x02\x03\x04"
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(text))
        length = bytes([0x80 | len(text)]) if len(text) < 126 else bytes([0xFE]) + struct.pack(">H", len(text))
        self._socket.sendall(b"\x81" + length + mask + masked)

    def receive(self):
        """The next message; none when the gateway said goodbye."""
        opcode, length = self._bytes.read(2)
        if length == 126:
            length, = struct.unpack(">H", self._bytes.read(2))
        elif length == 127:
            length, = struct.unpack(">Q", self._bytes.read(8))
        payload = self._bytes.read(length)
        return json.loads(payload) if opcode == 0x81 else None

    def wait_for(self, kind):
        while (message := self.receive()) is not None:
            if message["type"] == kind:
                return message
        raise AssertionError(f"closed before any {kind}")

    def close(self):
        self._bytes.close()
        self._socket.close()


class ApiTest(harness.SystemTest):
    def token(self, name, role):
        return self.ended_with(0, harness.interwatt("user", "token", name, "--role", role, "-c", self.config)).stdout.strip()

    def serve(self, more="", **devices):
        """A gateway with these devices and its API, as somebody sees it who may look."""
        port = harness.free_port()
        site = (harness.site_of(**devices) if devices else "") + f"api:\n  listen: 127.0.0.1:{port}\n" + more
        self.config = self.write_file("site.yaml", site)
        token = self.token("tests", "viewer")
        self.gateway = self.start("run", "-c", self.config)
        self.gateway.wait_for(f"API at http://127.0.0.1:{port}/api/v1/", within=20)
        return Api(port, token)

    def listen(self, api, headers=""):
        live = WebSocket(api.port, headers=f"Authorization: {api.headers['Authorization']}\r\n{headers}")
        self.addCleanup(live.close)
        return live


class ReadingTheSite(ApiTest):
    def test_a_running_gateway_shows_values_events_and_history_over_http(self):
        meter = self.simulate(METER)
        api = self.serve(meter=(meter.url, METER))
        self.gateway.wait_for("meter is online", within=5)
        time.sleep(3)

        self.assertEqual(api.get("/api/v1/site")["devices"]["online"], 1)
        value = api.get("/api/v1/points/meter/Frequency")["live"]
        self.assertEqual((value["validity"], value["unit"]), ("good", "Hz"))
        self.assertLess(value["age_s"], 3)

        events = api.get("/api/v1/events?kind=gateway_started")
        self.assertEqual(len(events["items"]), 1)
        self.assertIsNone(events["next"])
        one = events["items"][0]
        self.assertEqual(api.get(f"/api/v1/events/{one['id']}"), one)

        history = api.get("/api/v1/history?point=meter/Frequency&from=1min&step=raw")
        self.assertFalse(history["raw"])
        columns = history["series"][0]["columns"]
        self.assertEqual(history["series"][0]["unit"], "Hz")
        self.assertGreaterEqual(len(columns["time_ms"]), 2)
        self.assertEqual(len(columns["value"]), len(columns["time_ms"]))
        self.assertIn("meter/Frequency", [series["path"] for series in api.get("/api/v1/history/series")["items"]])
        self.assertTrue(api.get("/api/v1/health")["well"])

        _, took = self.gateway.end()
        self.assertLess(took, 2)

    def test_a_controller_is_run_over_what_was_measured(self):
        meter = self.simulate(METER)
        api = self.serve("controllers:\n  - name: watch\n    rule:\n"
                         "      all: [{point: meter/Frequency, above: 40, oldest: 5s}]\n"
                         "      then: [{point: charger/ActivePowerLimit, at_most: 0}]\n", meter=(meter.url, METER))
        self.gateway.wait_for("meter is online", within=10)
        time.sleep(4)
        run = api.get("/api/v1/controllers/watch/dry-run?from=1min")
        self.assertEqual([(one["path"], one["unit"]) for one in run["inputs"]], [("meter/Frequency", "Hz")])
        self.assertEqual(run["to_ms"] - run["from_ms"], 60_000)
        output = run["outputs"][0]
        self.assertEqual((output["path"], output["unit"]), ("charger/ActivePowerLimit", "W"))
        self.assertEqual(len(output["time_ms"]), len(output["value"]))
        self.assertIn(0, output["value"])  # once it was measured
        self.assertEqual([one["code"] for one in run["reasons"]][-1], "met")

    def test_wrong_parameters_are_problems_that_say_what_is_right(self):
        api = self.serve()
        for path, says in (("/api/v1/events?sevrity=alarm", "did you mean 'severity'"),
                           ("/api/v1/events?severity=loud", "severity"),
                           ("/api/v1/events?limit=0", "whole number from 1 to 1000"),
                           ("/api/v1/events?open=perhaps", "neither true nor false"),
                           ("/api/v1/history?point=a&step=1s", "1min"),
                           ("/api/v1/history", "which points"),
                           ("/api/v1/history?point=a&raw=1&step=1h", "no roll-ups"),
                           ("/api/v1/history?point=a&from=now&to=2h", "not before")):
            status, headers, body = api.send("GET", path)
            self.assertEqual(status, 400, path)
            self.assertEqual(headers["Content-Type"], "application/problem+json", path)
            problem = json.loads(body)
            self.assertIn(says, problem["detail"] + problem.get("remedy", ""), path)


class BadClients(ApiTest):
    def test_slow_huge_and_broken_requests_end_in_a_problem_and_cost_others_nothing(self):
        api = self.serve()
        slow = [socket.create_connection(("127.0.0.1", api.port)) for _ in range(50)]
        for connection in slow:
            connection.sendall(b"GET /api/v1/site HTTP/1.1\r\nHost: local")
        started = time.monotonic()
        api.get("/api/v1/site")
        self.assertLess(time.monotonic() - started, 1)
        for connection in slow:
            connection.close()

        status, _, body = api.send("GET", "/api/v1/site", headers={"X-Long": "x" * 20_000})
        self.assertEqual((status, json.loads(body)["status"]), (431, 431))
        status, headers, body = api.send("GET", "/api/v1/site", headers={"Host": "evil.example"})
        self.assertEqual(status, 403)
        self.assertEqual(headers["X-Frame-Options"], "DENY")
        with socket.create_connection(("127.0.0.1", api.port)) as broken:
            broken.sendall(b"\x16\x03\x01 not HTTP\r\n\r\n")
            self.assertIn(b"400 Bad Request", broken.recv(4096))
        api.get("/api/v1/site")


class WhereItListens(harness.SystemTest):
    def test_an_address_that_others_can_reach_is_refused_by_check(self):
        config = self.write_file("site.yaml", "api:\n  listen: 0.0.0.0:8080\n")
        result = self.ended_with(1, harness.interwatt("check", config))
        self.assertIn(f"{config}:2:11: api.listen: 0.0.0.0 can be reached from elsewhere", result.stdout + result.stderr)

    def test_a_port_that_is_taken_costs_the_api_and_not_the_gateway(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            config = self.write_file("site.yaml", f"api:\n  listen: 127.0.0.1:{port}\n")
            gateway = self.start("run", "-c", config)
            gateway.wait_for("no API at", within=5)
            self.assertEqual(gateway.end()[0], 0)

    def test_the_demo_says_where_its_api_is(self):
        demo = self.start("demo", "--seconds", 20)
        line = demo.wait_for("API at http://127.0.0.1:", within=10)
        port = int(line.split(":")[2].split("/")[0])
        self.assertGreater(Api(port).get("/api/v1/site")["devices"]["total"], 3)


class Live(ApiTest):
    def test_a_websocket_tells_what_is_new_and_survives_a_wrong_wish(self):
        meter = self.simulate(METER)
        api = self.serve(meter=(meter.url, METER))
        self.gateway.wait_for("meter is online", within=5)
        live = self.listen(api)
        self.assertEqual(live.status, 101)
        live.send({"subscribe": 5})
        self.assertIn("subscribe", live.wait_for("error")["remedy"])
        live.send({"subscribe": ["meter/Frequency"], "interval_ms": 200})
        points = live.wait_for("points")["points"]
        self.assertEqual([point["path"] for point in points], ["meter/Frequency"])
        for _ in range(3):
            values = live.wait_for("values")
            number, value, validity, time_ms, _ = values["values"][0]
            self.assertEqual((number, validity), (points[0]["n"], 0))
            self.assertTrue(45 < value < 55)
            self.assertLess(values["time_ms"] - time_ms, 2500)

        meter.end()
        devices = live.wait_for("devices")["devices"]
        self.assertEqual([(device["name"], device["state"]) for device in devices], [("meter", "offline")])
        _, took = self.gateway.end()
        self.assertLess(took, 2)

    def test_a_client_that_never_reads_costs_the_others_nothing(self):
        meter = self.simulate(METER)
        api = self.serve(meter=(meter.url, METER))
        stalled = [self.listen(api) for _ in range(5)]
        for client in stalled:
            client.send({"subscribe": ["*"], "interval_ms": 100})
            for _ in range(2000):
                client.send({"subscribe": ["*"], "interval_ms": 100})
        live = self.listen(api)
        live.send({"subscribe": ["meter/Frequency"], "interval_ms": 100})
        for _ in range(3):
            live.wait_for("values")
        started = time.monotonic()
        api.get("/api/v1/site")
        self.assertLess(time.monotonic() - started, 5)

    def test_scripts_get_the_same_as_server_sent_events(self):
        meter = self.simulate(METER)
        api = self.serve(meter=(meter.url, METER))
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/live/events?match=meter/Frequency&interval_ms=200", headers=api.headers)
        answer = connection.getresponse()
        self.assertEqual(answer.getheader("Content-Type"), "text/event-stream")
        seen = set()
        while not {"points", "devices", "values"} <= seen:
            line = answer.readline()
            if line.startswith(b"data: "):
                seen.add(json.loads(line[6:])["type"])

    def test_what_asks_for_no_websocket_or_comes_from_another_page_is_refused(self):
        api = self.serve()
        status, _, body = api.send("GET", "/api/v1/live")
        self.assertEqual((status, json.loads(body)["remedy"]), (400, "connect with ws:// or wss://"))
        self.assertEqual(self.listen(api, "Origin: http://evil.example\r\n").status, 403)
        live = self.listen(api)
        live.send(b"x" * 20_000)
        while live.receive() is not None:  # signs of life come before the goodbye
            pass
