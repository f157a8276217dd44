"""Outputs of interwatt run, and the formats of tail: what others get."""

import http.server
import json
import os
import re
import signal
import threading
import time

import harness

METER = "eastron/sdm630"


class Receiver:
    """Another system: keeps what it was sent; answers with `status`."""

    def __init__(self):
        self.status = 204
        self.requests = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((receiver.status, self.path, dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self):
        return [(path, headers, body) for status, path, headers, body in self.requests if status == 204]

    def wait_for(self, count, within):
        until = time.monotonic() + within
        while len(self.taken()) < count:
            if time.monotonic() > until:
                raise AssertionError(f"{len(self.taken())} of {count} messages within {within} s")
            time.sleep(0.05)

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Outputs(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.end)
        self.meter = self.simulate(METER)

    def run_with(self, outputs):
        token = self.write_file("token", "s3cret\n")
        os.chmod(token, 0o600)
        site = "site: {name: Mill}\n" + harness.site_of(meter=(self.meter.url, METER)) + outputs
        return self.start("run", "-c", self.write_file("site.yaml", site))

    def times(self):
        """Of the samples of one point, in the order in which they came."""
        lines = b"".join(body for _, _, body in self.receiver.taken()).decode().splitlines()
        return [int(line.rsplit(" ", 1)[1]) for line in lines if "point=Frequency" in line]

    def has_all_since(self, ms):
        """Polled once a second: at least the first four of the time when the other side was away."""
        times = sorted(set(self.times()))
        after = [time for time in times if time > ms - 1500][:5]
        return len(after) == 5 and after[-1] < ms + 6000

    def test_an_influxdb_gets_every_value_and_none_twice_although_it_was_away(self):
        self.receiver.status = 503
        gateway = self.run_with(
            f"outputs: [{{influx: {{url: '{self.receiver.url}', database: site, token: token}}, every: 200ms}}]\n")
        gateway.wait_for("output influx: ", within=8)
        time.sleep(1)
        self.receiver.status = 204
        gateway.wait_for("output influx: all is well again, 0 samples dropped", within=10)
        self.receiver.wait_for(5, within=10)
        path, headers, body = self.receiver.taken()[0]
        self.assertEqual(path, "/write?db=site&precision=ms")
        self.assertEqual(headers["Authorization"], "Token s3cret")
        self.assertRegex(body.decode(), r"Frequency,site=Mill,asset=meter,point=Frequency,unit=Hz value=[\d.]+,")
        times = self.times()
        self.assertEqual(times, sorted(set(times)))
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        self.assertLess(max(gaps), 1900, gaps)  # polled once a second, the time without it included
        self.assertEqual(gateway.end()[0], 0)

    def test_what_came_while_the_other_side_was_away_is_there_in_the_end_although_the_gateway_was_killed(self):
        output = (f"outputs: [{{influx: {{url: '{self.receiver.url}', database: site, token: token}}, "
                  "points: ['*/Frequency'], every: 200ms, queue: 1000}]\n")
        gateway = self.run_with(output)
        self.receiver.wait_for(3, within=10)
        self.receiver.status = 503
        away = time.time() * 1000
        gateway.wait_for("output influx: ", within=8)
        time.sleep(5)
        gateway.end(signal.SIGKILL)
        self.receiver.status = 204
        gateway = self.run_with(output)
        until = time.monotonic() + 40  # it begins a quarter of a minute after the start
        while time.monotonic() < until and not self.has_all_since(away):
            time.sleep(0.5)
        self.assertTrue(self.has_all_since(away), (away, sorted(set(self.times()))))
        self.assertEqual(gateway.end()[0], 0)

    def lost(self, times, is_over, within):
        """The newest event of an output that is lost, once there are so many and it is over or not."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            told = harness.interwatt("events", "--json", "--kind", "output_lost", "-c", self.folder / "site.yaml")
            lines = told.stdout.splitlines() if told.returncode == 0 else []  # at first there is no file of events
            found = sorted(map(json.loads, lines), key=lambda event: event["id"])
            if len(found) == times and (found[-1]["cleared"] is not None) == is_over:
                return found[-1]
            time.sleep(0.2)
        raise AssertionError(f"no such event: {told}")

    def test_an_output_that_is_lost_is_an_event_until_it_is_back_or_configured_no_more(self):
        self.receiver.status = 503
        output = f"outputs: [{{name: plant, influx: {{url: '{self.receiver.url}', database: site}}, every: 200ms}}]\n"
        gateway = self.run_with(output)
        lost = self.lost(1, is_over=False, within=20)
        self.assertEqual((lost["path"], lost["severity"]), ("plant", "warning"))
        self.assertRegex(lost["message"], "output plant: .* answers 503")
        gateway.end(signal.SIGKILL)
        gateway = self.run_with(output)
        gateway.wait_for("output plant: ", within=8)
        self.receiver.status = 204
        self.assertEqual(self.lost(1, is_over=True, within=30)["id"], lost["id"])

        self.receiver.status = 503
        self.lost(2, is_over=False, within=20)
        config = self.folder / "site.yaml"
        config.write_text(config.read_text().replace(output, ""))
        gateway.send(signal.SIGHUP)
        self.lost(2, is_over=True, within=10)
        self.assertEqual(gateway.end()[0], 0)

    def test_remote_write_is_what_the_protocol_says(self):
        gateway = self.run_with(
            f"outputs: [{{prometheus: {{url: '{self.receiver.url}/api/v1/write', token: token}}}}]\n")
        self.receiver.wait_for(2, within=10)
        path, headers, body = self.receiver.taken()[0]
        self.assertEqual(path, "/api/v1/write")
        self.assertEqual(headers["Content-Encoding"], "snappy")
        self.assertEqual(headers["Content-Type"], "application/x-protobuf")
        self.assertEqual(headers["X-Prometheus-Remote-Write-Version"], "0.1.0")
        self.assertEqual(headers["Authorization"], "Bearer s3cret")
        self.assertIn(b"frequency_hertz", body)  # Snappy refers back to "interwatt_"
        self.assertEqual(gateway.end()[0], 0)

    def test_a_token_that_others_can_read_is_a_mistake_of_the_configuration(self):
        token = self.write_file("token", "s3cret\n")
        os.chmod(token, 0o644)
        site = harness.site_of(meter=(self.meter.url, METER))
        config = self.write_file("site.yaml", site + "outputs: [{prometheus: {url: 'http://a/w', token: token}}]\n")
        result = self.ended_with(1, harness.interwatt("check", config))
        self.assertRegex(result.stdout + result.stderr, r"outputs\[0\].*token")


class TailFormats(harness.SystemTest):
    def test_json_ld_has_the_catalogue_first_and_then_batches_of_its_points(self):
        meter = self.simulate(METER)
        config = self.write_file("site.yaml", harness.site_of(meter=(meter.url, METER)))
        result = self.ended_with(0, harness.interwatt(
            "tail", "--format", "jsonld", "--seconds", 2, "-c", config, "meter/Frequency"))
        documents = [json.loads(line) for line in result.stdout.splitlines()]
        catalogue, batches = documents[0], documents[1:]
        self.assertEqual(catalogue["type"], "Catalog")
        self.assertEqual([point["path"] for point in catalogue["points"]], ["meter/Frequency"])
        self.assertGreaterEqual(len(batches), 1)
        for batch in batches:
            self.assertEqual(batch["type"][0], "ValueBatch")
            for value in batch["values"]:
                self.assertEqual(value["measurement"], catalogue["points"][0]["id"])
                self.assertTrue(49 < value["value"] < 51, value)

    def test_protocol_buffers_come_as_a_stream_and_not_on_a_terminal(self):
        meter = self.simulate(METER)
        config = self.write_file("site.yaml", harness.site_of(meter=(meter.url, METER)))
        out = self.write_file("out.pb", "")
        with out.open("wb") as stream:
            harness.subprocess.run([harness.binary, "tail", "--format", "protobuf", "--seconds", "2", "-c",
                                    str(config)], stdout=stream, check=True, timeout=30)
        data = out.read_bytes()
        length = data[0] & 0x7F | data[1] << 7  # a catalogue takes two bytes to say its length
        self.assertEqual(data[2], 0x0A)  # Envelope.catalog
        self.assertIn(b"meter/ActivePower", data[2 : 2 + length])
        self.assertGreater(len(data), 2 + length + 20)

    def test_json_and_format_exclude_each_other_and_an_unknown_format_is_wrong_use(self):
        self.ended_with(2, harness.interwatt("tail", "--json", "--format", "text"))
        result = self.ended_with(2, harness.interwatt("tail", "--format", "xml"))
        self.assertTrue(re.search("jsonld", result.stderr + result.stdout))
