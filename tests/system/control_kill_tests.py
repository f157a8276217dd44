"""interwatt run is killed in every state that a command can be in: its claim goes on or is over, and the record is whole."""

import json
import signal
import socket
import struct
import threading
import time

import harness

INVERTER = "huawei/sun2000"
POINT = "pv/ActivePowerLimit"
DEFAULT = 9000


class KilledInTheMiddle(harness.SystemTest):
    def site(self):
        self.port = harness.free_port()
        url = f"modbus://127.0.0.1:{self.port}?unit=1"
        control = {"enabled": True, "settle": "1s", "points": {POINT: {"min": 0, "max": 10000, "default": DEFAULT}},
                   "rights": [{"owner": "anna", "level": "operator", "points": ["*"]}]}
        self.config = self.write_file(
            "site.yaml", f"control: {json.dumps(control)}\nhistory: {{enabled: false}}\n"
            f"lines: [{{connect: \"modbus://127.0.0.1:{self.port}\", timeout: 6s}}]\n" + harness.site_of(pv=(url, INVERTER)))

    def device(self, *faults):
        return self.simulate(INVERTER, *faults, port=self.port)

    def gateway(self, online=True):
        gateway = self.start("run", "-c", self.config)
        gateway.wait_for("pv is online" if online else "pv is offline", within=30)
        return gateway

    def control(self, *arguments):
        return self.json_of("control", *arguments, "--json", "-c", self.config)

    def claim(self, value, life):
        self.control("claim", POINT, "set", value, "--for", life, "--by", "anna")

    def point(self, until, within=30):
        deadline = time.monotonic() + within
        while True:
            point = self.control("list")["points"][0]
            if until(point):
                return point
            self.assertLess(time.monotonic(), deadline, point)
            time.sleep(0.05)

    def in_state(self, *states):
        return lambda point: point["state"] in states

    def holds(self, value):
        return lambda point: point["value"] == value and point["state"] == "confirmed"

    def device_shows(self, value):
        read = self.json_of("read", f"modbus://127.0.0.1:{self.port}?unit=1", "holding", "40126", "--type", "u32", "--json")
        self.assertIn(str(value), json.dumps(read))

    def assert_record_is_whole(self, *wanted):
        """The chain verifies, and these come to be on record soon: action and outcome."""
        deadline = time.monotonic() + 5
        while True:
            self.assertTrue(self.json_of("audit", "verify", "--json", "-c", self.config)["good"])
            lines = self.ended_with(0, harness.interwatt("audit", "--json", "-c", self.config)).stdout.splitlines()
            entries = [json.loads(line) for line in lines]
            seen = {(entry["action"], entry["outcome"]) for entry in entries}
            if set(wanted) <= seen or time.monotonic() > deadline:
                return self.assertLessEqual(set(wanted), seen)
            time.sleep(0.05)

    def assert_goes_on(self, value):
        """After the next start the claim stands, and the device holds it."""
        self.gateway()
        point = self.point(self.holds(value))
        self.assertEqual([claim["owner"] for claim in point["claims"]], ["anna"])
        self.device_shows(value)
        self.assert_record_is_whole(("claim", "accepted"), ("restore", "accepted"), ("command", "confirmed"))

    def test_requested_while_the_device_is_away(self):
        self.site()
        gateway = self.gateway(online=False)
        self.claim(3001, "1h")
        self.point(self.in_state("requested", "unknown"))
        gateway.end(signal.SIGKILL)
        self.device()
        self.assert_goes_on(3001)

    def test_sent_and_not_yet_answered(self):
        self.site()
        slow = self.device("--faults", "delay=2s")
        gateway = self.gateway()
        self.claim(3002, "1h")
        self.point(self.in_state("sent"))
        gateway.end(signal.SIGKILL)
        slow.end()
        self.device()
        self.assert_goes_on(3002)

    def test_confirmed(self):
        self.site()
        self.device()
        gateway = self.gateway()
        self.claim(3003, "1h")
        self.point(self.holds(3003))
        gateway.end(signal.SIGKILL)
        self.device_shows(3003)
        self.assert_goes_on(3003)

    def test_unknown_because_the_device_fell_silent(self):
        self.site()
        device = self.device()
        gateway = self.gateway()
        self.point(self.holds(DEFAULT))
        device.end(signal.SIGKILL)
        self.claim(3004, "1h")
        self.point(self.in_state("unknown", "refused"))
        gateway.end(signal.SIGKILL)
        self.device()
        self.assert_goes_on(3004)

    def test_over_while_nobody_ran(self):
        self.site()
        self.device()
        gateway = self.gateway()
        self.claim(3005, "4s")
        self.point(self.holds(3005))
        gateway.end(signal.SIGKILL)
        time.sleep(4)
        self.gateway()
        self.assertEqual(self.point(self.holds(DEFAULT))["claims"], [])
        self.device_shows(DEFAULT)
        self.assert_record_is_whole(("claim", "accepted"), ("restore", "expired"), ("command", "confirmed"))

    def test_expired_with_its_command_still_under_way(self):
        self.site()
        slow = self.device("--faults", "delay=2s")
        gateway = self.gateway()
        self.claim(3006, "1s")
        self.point(self.in_state("sent"))
        time.sleep(1.5)
        gateway.end(signal.SIGKILL)
        slow.end()
        self.device()
        self.gateway()
        self.assertEqual(self.point(self.holds(DEFAULT))["claims"], [])
        self.device_shows(DEFAULT)
        self.assert_record_is_whole(("claim", "accepted"))


class Between(threading.Thread):
    """Passes all on between a gateway and a device, until the device has done a write of these words there: then it
    calls, and the gateway never hears of it."""

    def __init__(self, device_port, address, words):
        super().__init__(daemon=True)
        self.device_port = device_port
        self.wanted = struct.pack(f">BHHB{len(words)}H", 16, address, len(words), 2 * len(words), *words)
        self.then = None
        self.done = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while not self.done.is_set():
            gateway, _ = self.listener.accept()
            with gateway, socket.create_connection(("127.0.0.1", self.device_port)) as device:
                try:
                    self.relay(gateway, device)
                except OSError:
                    pass  # one of them hung up
        self.listener.close()

    def relay(self, gateway, device):
        while True:
            request = self.frame(gateway)
            device.sendall(request)
            answer = self.frame(device)
            if request[7:] == self.wanted:
                self.then()
                self.done.set()
                return
            gateway.sendall(answer)

    @staticmethod
    def frame(stream):
        head = Between.exactly(stream, 6)
        return head + Between.exactly(stream, struct.unpack(">H", head[4:])[0])

    @staticmethod
    def exactly(stream, count):
        taken = b""
        while len(taken) < count:
            more = stream.recv(count - len(taken))
            if not more:
                raise ConnectionResetError
            taken += more
        return taken


class FallsBackByItself(harness.SystemTest):
    """The gateway is killed and nobody starts it again: what the device was told is over by itself."""

    WSET_ENA, WSET = 40299, 40301  # of model 704 of the simulated battery
    WMAXLIM_ENA = 40159  # of model 123 of the simulated inverter

    def gateway_of(self, profile, point, settings, between=None):
        device = self.simulate(profile)
        url = device.url
        if between:
            self.between = Between(device.port, *between)
            self.between.start()
            url = url.replace(str(device.port), str(self.between.port))
        control = {"enabled": True, "settle": "1s", "points": {point: settings},
                   "rights": [{"owner": "anna", "level": "operator", "points": ["*"]}]}
        self.config = self.write_file("site.yaml", f"control: {json.dumps(control)}\nhistory: {{enabled: false}}\n"
                                      + harness.site_of(unit=(url, "sunspec")))
        gateway = self.start("run", "-c", self.config)
        gateway.wait_for("unit is online", within=30)
        return device, gateway

    def confirmed(self, value):
        deadline = time.monotonic() + 20
        while True:
            point, = self.json_of("control", "list", "--json", "-c", self.config)["points"]
            if point["value"] == value and point["state"] == "confirmed":
                return point
            self.assertLess(time.monotonic(), deadline, point)
            time.sleep(0.1)

    def claim(self, point, value):
        self.json_of("control", "claim", point, "set", "--for", "1h", "--by", "anna", "--json", "-c", self.config, "--", value)

    def holds(self, device, address, kind="u16"):
        """What the device itself says: the oracle is not the gateway."""
        value, = self.json_of("read", device.url, "holding", address, "--type", kind, "--json")["values"]
        return value["value"]

    def test_a_battery_goes_to_its_fail_safe_value(self):
        point = "unit/ActivePowerSetpoint"
        device, gateway = self.gateway_of("sunspec-battery", point, {
            "min": -5000, "max": 5000, "default": 0, "fail_safe": 500, "revert": "4s"})
        self.claim(point, "-3000")
        without = self.confirmed(-3000)["without_gateway"]
        self.assertEqual((without["after_s"], without["value"], without["trouble"]), (4, 500, ""))
        time.sleep(6)
        self.confirmed(-3000)  # refreshed as long as the gateway lives
        self.assertEqual(self.holds(device, self.WSET, "i32"), 3000)
        gateway.end(signal.SIGKILL)
        time.sleep(5)
        self.assertEqual(self.holds(device, self.WSET, "i32"), -500)
        self.assertEqual(self.holds(device, self.WSET_ENA), 1)

    def test_a_gateway_that_ends_right_after_the_first_value_leaves_none_behind(self):
        point = "unit/ActivePowerSetpoint"
        device, gateway = self.gateway_of("sunspec-battery", point, {
            "min": -5000, "max": 5000, "default": 0, "fail_safe": 500, "revert": "4s"},
            between=(self.WSET, (0, 3000)))
        self.confirmed(0)
        self.between.then = lambda: gateway.send(signal.SIGKILL)
        self.claim(point, "-3000")
        self.assertTrue(self.between.done.wait(10), "the value was never written")
        self.assertEqual(self.holds(device, self.WSET, "i32"), 3000)
        self.assertEqual(self.holds(device, self.WSET_ENA), 1)  # it obeys
        time.sleep(5)
        self.assertEqual(self.holds(device, self.WSET, "i32"), -500)

    def test_an_inverter_goes_to_what_is_set_in_it(self):
        point = "unit/ActivePowerLimit"
        device, gateway = self.gateway_of("sunspec", point, {"min": 0, "max": 8000, "default": 8000, "revert": "4s"})
        self.claim(point, "2000")
        without = self.confirmed(2000)["without_gateway"]
        self.assertEqual((without["after_s"], without["value"]), (4, None))
        self.assertEqual(self.holds(device, self.WMAXLIM_ENA), 1)
        gateway.end(signal.SIGKILL)
        time.sleep(5)
        self.assertEqual(self.holds(device, self.WMAXLIM_ENA), 0)
