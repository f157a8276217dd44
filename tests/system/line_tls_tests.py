"""A line with TLS: where its files are, and that a renewed certificate of the gateway is taken up while it runs."""

import hashlib
import json
import socket
import ssl
import struct
import subprocess
import threading
import time

import api_tests


class TlsMeter:
    """Modbus/TCP Security as a device has it: whoever asks must show a certificate. All registers are 0."""

    def __init__(self, certificate, key, trusted):
        self.trusted = trusted  # files, read for each connection
        self.files = (certificate, key)
        self.shown = []  # SHA-256 of what each client showed
        self._open = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        context.verify_mode = ssl.CERT_REQUIRED
        for file in self.trusted:
            context.load_verify_locations(file)
        try:
            with context.wrap_socket(connection, server_side=True) as stream:
                self.shown.append(hashlib.sha256(stream.getpeercert(True)).hexdigest())
                self._open.append(stream)
                while head := stream.recv(6):
                    pdu = stream.recv(struct.unpack(">H", head[4:])[0])
                    if pdu[1] in (3, 4):
                        count, = struct.unpack(">H", pdu[4:6])
                        answer = pdu[:2] + bytes([2 * count]) + bytes(2 * count)
                    else:
                        answer = bytes([pdu[0], pdu[1] | 0x80, 1])
                    stream.sendall(head[:4] + struct.pack(">H", len(answer)) + answer)
        except OSError:
            pass

    def hang_up(self):
        for stream in self._open:
            try:
                stream.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._open.clear()

    def close(self):
        self._listener.close()
        self.hang_up()


class LineWithTls(api_tests.ApiTest):
    def certificate(self, name, *hosts, usage="serverAuth"):
        """NAME.pem and NAME.key in the folder of the configuration; its fingerprint as plain hexadecimal digits."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        names = ",".join(f"IP:{host}" if host[0].isdigit() else f"DNS:{host}" for host in hosts)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", f"/CN={hosts[0]}", "-addext", f"subjectAltName={names}", "-addext", f"extendedKeyUsage={usage}",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        key.chmod(0o600)
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()

    def test_a_renewed_certificate_of_a_line_that_runs_is_taken_up_from_files_beside_the_configuration(self):
        self.certificate("meter", "localhost", "127.0.0.1")
        first = self.certificate("client", "gateway.lan", usage="clientAuth")
        second = self.certificate("next", "gateway.lan.renewed", usage="clientAuth")  # two of one name could not both be trusted
        meter = TlsMeter(self.folder / "meter.pem", self.folder / "meter.key",
                         [self.folder / "client.pem", self.folder / "next.pem"])
        self.addCleanup(meter.close)
        next_certificate = (self.folder / "next.pem").read_text()
        next_key = (self.folder / "next.key").read_text()
        url = f"modbus+tls://127.0.0.1:{meter.port}"
        # The gateway runs in another folder than that of its configuration.
        api = self.serve(f"lines:\n  - connect: {url}\n    tls: {{ca: meter.pem, certificate: client.pem, key: client.key}}\n",
                         vault=(f"{url}?unit=1", "eastron/sdm630"))
        self.gateway.wait_for("vault is online", within=20)
        self.assertEqual(meter.shown, [first])

        admin = api_tests.Api(api.port, self.token("boss", "admin"))
        end = time.monotonic() + 10
        while admin.send("GET", "/api/v1/users")[0] != 200:  # the gateway notices the new token within seconds
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
        files = {item["file"]: item for item in admin.get("/api/v1/certificates")["items"]}
        ours = str(self.folder / "client.pem")
        self.assertEqual(files[ours]["used_by"], [{"user": "line", "name": url}])
        status, _, body = admin.send("PUT", f"/api/v1/certificates?file={ours}",
                                     json.dumps({"certificate": next_certificate, "key": next_key}),
                                     {"Content-Type": "application/json"})
        self.assertEqual(status, 200, body)
        # What is connected stays; the next connection shows the new one.
        time.sleep(1)
        self.assertEqual(meter.shown, [first])
        meter.hang_up()
        end = time.monotonic() + 20
        while len(meter.shown) < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assertEqual(meter.shown, [first, second])
        while api.get("/api/v1/devices/vault")["state"] != "online":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)

    def test_a_scan_of_a_line_with_tls_finds_its_files_too(self):
        self.certificate("meter", "localhost", "127.0.0.1")
        self.certificate("client", "gateway.lan", usage="clientAuth")
        meter = TlsMeter(self.folder / "meter.pem", self.folder / "meter.key", [self.folder / "client.pem"])
        self.addCleanup(meter.close)
        api = self.serve()
        engineer = api_tests.Api(api.port, self.token("anna", "engineer"))
        end = time.monotonic() + 10
        while engineer.send("GET", "/api/v1/jobs")[0] != 200:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
        status, headers, body = engineer.send(
            "POST", "/api/v1/commissioning/test",
            json.dumps({"connect": f"modbus+tls://127.0.0.1:{meter.port}?unit=1", "profile": "eastron/sdm630",
                        "tls": {"ca": "meter.pem", "certificate": "client.pem", "key": "client.key"}}),
            {"Content-Type": "application/json"})
        self.assertEqual(status, 202, body)
        while (job := engineer.get(headers["Location"]))["state"] == "running":
            self.assertLess(time.monotonic(), end + 20)
            time.sleep(0.2)
        self.assertTrue(job["result"]["ok"], job)
