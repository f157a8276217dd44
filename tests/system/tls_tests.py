"""The API with TLS: what is refused without it, what a browser is told, and who must log in from elsewhere."""

import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import stat
import time

import api_tests
import harness


class TlsApi(api_tests.Api):
    """Requests by HTTPS, which believes one certificate only."""

    def __init__(self, port, certificate, token=None):
        super().__init__(port, token)
        self.context = ssl.create_default_context(cafile=str(certificate))

    def send(self, method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=10, context=self.context)
        try:
            connection.request(method, path, body, self.headers | (headers or {}))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


class Tls(api_tests.ApiTest):
    def make_certificate(self, *arguments, status=0):
        return self.ended_with(status, harness.interwatt("cert", "localhost", "127.0.0.1", "--certificate",
                                                         self.folder / "server.pem", "--key", self.folder / "server.key", *arguments))

    def serve_tls(self, host="127.0.0.1"):
        self.make_certificate()
        self.port = harness.free_port()
        self.config = self.write_file(
            "site.yaml", f"data: {self.folder}/data\napi:\n  listen: {host}:{self.port}\n"
            "  tls: {certificate: server.pem, key: server.key}\n")
        self.viewer = self.token("tests", "viewer")
        self.gateway = self.start("run", "-c", self.config)
        self.gateway.wait_for(f"dashboard at https://{host}:{self.port}/", within=20)
        return TlsApi(self.port, self.folder / "server.pem", self.viewer)

    def test_cert_makes_a_pair_that_others_can_not_read_and_does_not_overwrite(self):
        said = self.make_certificate().stdout
        self.assertIn("SHA-256 ", said)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "server.key").st_mode), 0o600)
        self.assertIn("--force", self.make_certificate(status=1).stderr)
        self.make_certificate("--force")
        self.ended_with(2, harness.interwatt("cert", "two words"))

    def test_a_browser_is_told_to_stay_with_https_and_its_cookie_is_secure(self):
        api = self.serve_tls()
        status, headers, _ = api.send("GET", "/api/v1/site")
        self.assertEqual((status, headers["Strict-Transport-Security"]), (200, "max-age=31536000"))
        password = "a quiet river"
        self.ended_with(0, harness.interwatt("user", "add", "anna", "-c", self.config, stdin=password + "\n"))
        body = json.dumps({"name": "anna", "password": password})
        end = time.monotonic() + 10
        while True:  # the gateway notices the new user within seconds
            status, headers, _ = api.send("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
            if status == 200 or time.monotonic() > end:
                break
            time.sleep(1)
        self.assertEqual(status, 200)
        for word in ("__Host-iw_session=", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"):
            self.assertIn(word, headers["Set-Cookie"])

    def test_old_versions_and_plain_http_are_refused_and_cost_nothing(self):
        api = self.serve_tls()
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertNotIn(b"200 OK", plain.recv(4096))
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                old.wrap_socket(connection)
        self.assertEqual(api.send("GET", "/api/v1/site")[0], 200)

    def test_the_live_stream_comes_over_tls(self):
        api = self.serve_tls()
        connection = api.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=10), server_hostname="localhost")
        with connection:
            connection.sendall((f"GET /api/v1/live/events HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
                                f"Authorization: Bearer {self.viewer}\r\n\r\n").encode())
            received = b""
            while b'"type":"alarms"' not in received:
                received += connection.recv(4096)

    def test_from_elsewhere_metrics_and_catalogue_take_a_login_too(self):
        api = self.serve_tls(host="0.0.0.0")
        nobody = TlsApi(self.port, self.folder / "server.pem")
        for path in ("/metrics", "/catalog.jsonld", "/context/v1.jsonld"):
            self.assertEqual(nobody.send("GET", path)[0], 401, path)
            self.assertEqual(api.send("GET", path)[0], 200, path)

    def test_on_this_machine_metrics_are_open(self):
        self.serve_tls()
        self.assertEqual(TlsApi(self.port, self.folder / "server.pem").send("GET", "/metrics")[0], 200)

    def shown(self):
        """The fingerprint of the certificate that the port shows now."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            with context.wrap_socket(connection) as secured:
                digest = hashlib.sha256(secured.getpeercert(binary_form=True)).hexdigest().upper()
        return ":".join(digest[i:i + 2] for i in range(0, len(digest), 2))

    def until_shown(self, wanted):
        end = time.monotonic() + 10
        while (shown := self.shown()) != wanted:
            self.assertLess(time.monotonic(), end, f"{shown} is still shown")
            time.sleep(0.1)

    def another_pair(self):
        """PEM texts of a new certificate and its key, and the fingerprint."""
        files = [self.folder / "next.pem", self.folder / "next.key"]
        made = self.json_of("cert", "localhost", "--certificate", files[0], "--key", files[1], "--force", "--json")
        return files[0].read_text(), files[1].read_text(), made["sha256"]

    def test_a_certificate_is_replaced_over_the_api_without_a_restart(self):
        api = self.serve_tls()
        admin = TlsApi(self.port, self.folder / "server.pem", self.token("boss", "admin"))
        [item] = json.loads(api.send("GET", "/api/v1/certificates")[2])["items"]
        self.assertEqual((item["state"], item["used_by"]), ("good", [{"user": "api", "name": ""}]))
        self.assertEqual(item["certificates"][0]["sha256"], self.shown())
        self.assertEqual(item["certificates"][0]["names"], ["localhost", "127.0.0.1"])
        path = f"/api/v1/certificates?file={item['file']}"
        certificate, key, sha256 = self.another_pair()
        _, strange_key, _ = self.another_pair()
        as_json = {"Content-Type": "application/json"}
        whole = json.dumps({"certificate": certificate, "key": key})
        self.assertEqual(api.send("PUT", path, whole, as_json)[0], 403)
        end = time.monotonic() + 10
        while admin.send("GET", "/api/v1/users")[0] != 200:  # the gateway notices the new token within seconds
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
        for wrong in ({"certificate": certificate, "key": strange_key}, {"certificate": certificate}, {"certificate": "nothing", "key": key}):
            status, _, body = admin.send("PUT", path, json.dumps(wrong), as_json)
            self.assertEqual((status, bool(json.loads(body)["remedy"])), (400, True), wrong)
        self.assertEqual(admin.send("PUT", "/api/v1/certificates?file=/etc/passwd", whole, as_json)[0], 404)
        self.assertEqual(self.shown(), item["certificates"][0]["sha256"])
        status, _, body = admin.send("PUT", path, whole, as_json)
        self.assertEqual((status, json.loads(body)["certificates"][0]["sha256"]), (200, sha256), body)
        self.until_shown(sha256)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "server.key").st_mode), 0o600)
        audit = self.ended_with(0, harness.interwatt("audit", "--access", "-c", self.config)).stdout
        self.assertIn(sha256, audit)
        self.assertNotIn("PRIVATE", audit)

    def test_a_certificate_that_is_replaced_by_hand_is_taken_and_a_wrong_one_is_an_alarm(self):
        self.serve_tls()
        certificate, key, sha256 = self.another_pair()
        (self.folder / "server.pem").write_text(certificate, encoding="utf-8")
        before = self.shown()
        self.gateway.send(signal.SIGHUP)  # it looks each minute by itself, and at once when it is told
        self.gateway.wait_for("configuration reloaded", within=10)

        def troubles():
            said = self.ended_with(0, harness.interwatt("events", "--json", "-c", self.config, "--kind", "certificate_bad")).stdout
            return [json.loads(line) for line in said.splitlines()]

        end = time.monotonic() + 10
        while not troubles():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
        self.assertIn("does not belong", troubles()[0]["message"])
        self.assertEqual(self.shown(), before)  # what is served stays until there is something better
        (self.folder / "server.key").write_text(key, encoding="utf-8")
        self.gateway.send(signal.SIGHUP)
        self.until_shown(sha256)

    def test_a_key_that_others_can_read_is_refused_and_costs_the_api_only(self):
        self.make_certificate()
        os.chmod(self.folder / "server.key", 0o644)
        config = self.write_file("site.yaml", f"data: {self.folder}/data\napi:\n  listen: 127.0.0.1:{harness.free_port()}\n"
                                 "  tls: {certificate: server.pem, key: server.key}\n")
        gateway = self.start("run", "-c", config)
        line = gateway.wait_for("no API at", within=5)
        self.assertIn("server.key", line)
        self.assertEqual(gateway.end()[0], 0)


class Pressure(api_tests.ApiTest):
    def test_two_thousand_connections_are_turned_away_beyond_the_limit_and_harm_nobody(self):
        api = self.serve()
        first = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
        first.request("GET", "/api/v1/site", headers=api.headers)
        first.getresponse().read()
        crowd = []
        try:
            for _ in range(2000):
                crowd.append(socket.create_connection(("127.0.0.1", api.port), timeout=10))
            first.request("GET", "/api/v1/site", headers=api.headers)  # who is in is served
            self.assertEqual(first.getresponse().status, 200)
        finally:
            for connection in crowd:
                connection.close()
            first.close()
        end = time.monotonic() + 10
        while True:
            try:
                api.get("/api/v1/site")
                break
            except (OSError, http.client.HTTPException):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.2)
