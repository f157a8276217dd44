"""BACnet as an integrator meets it: from a device to a profile to a gateway."""

import json
import socket
import threading

import harness

EDE = """PROJECT_NAME;Hall
VERSION_OF_LAYOUT;2.3
# keyname;device obj.-instance;object-name;object-type;object-instance;description;default;min;max;settable;cov;hi;lo;state-text-reference;unit-code
ahu;1001;AHU 1;8;1001
sat;1001;Supply Temperature;0;1;;;;;N;Y;;;;62
"""


class Losing:
    """Between a client and a device, on loopback: the first request of a service is lost on the way."""

    def __init__(self, url, service):
        host, port = url.split("/")[2].split("?")[0].split(":")
        self.device, self.service, self.lost = (host, int(port)), service, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.url = url.replace(f":{port}", f":{self.socket.getsockname()[1]}")
        self.thread = threading.Thread(target=self.relay)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())  # which is nobody's
        self.thread.join()
        self.socket.close()

    def relay(self):
        client = None
        while datagram := self.socket.recvfrom(2048):
            data, sender = datagram
            if not data:
                return
            if sender == self.device:
                self.socket.sendto(data, client)
                continue
            confirmed = data[6] >> 4 == 0  # no routing on loopback: the APDU begins at 6
            service = data[9] if confirmed else data[7]
            if service in ((1, 2) if confirmed else (2, 3)):  # a notification for whoever had this port before
                continue
            client = client or sender
            if sender != client:
                continue
            if confirmed and service == self.service and not self.lost:
                self.lost += 1
                continue
            self.socket.sendto(data, self.device)


class BacnetProfiles(harness.SystemTest):
    def test_a_device_writes_its_own_profile_which_a_gateway_runs_with(self):
        device = self.simulate("bacnet/air-handler")
        profile = self.folder / "own" / "hall" / "ahu.yaml"
        profile.parent.mkdir(parents=True)
        objects = self.json_of("scan", device.url, "--save-profile", str(profile), "--json")
        again = harness.interwatt("scan", device.url, "--save-profile", str(profile), "--json")
        self.assertIn("is there already", again.stdout)
        text = profile.read_text().replace(
            next(line for line in profile.read_text().splitlines() if line.startswith("profile: ")),
            "profile: hall/ahu",
        )
        profile.write_text(text)
        named = self.json_of("scan", device.url, "--profile", str(profile), "--json")
        self.assertEqual([row["point"] for row in named], [row["point"] for row in objects])
        config = self.write_file(
            "interwatt.yaml",
            f"profiles: own\nlines: [{{connect: 'bacnet://', bind: '127.0.0.1:{harness.free_port()}'}}]\n"
            f"devices: [{{name: ahu, connect: '{device.url}', profile: hall/ahu}}]\n",
        )
        self.ended_with(0, harness.interwatt("check", str(config)))
        tail = self.ended_with(
            0, harness.interwatt("tail", "-c", str(config), "--json", "--raw", "--seconds", "6")
        )
        rows = [json.loads(line) for line in tail.stdout.splitlines() if line.startswith("{")]
        self.assertTrue(any("AirTemperature" in json.dumps(row) for row in rows), tail.stdout[:300])

    def test_a_profile_with_a_mistake_is_named_with_its_line(self):
        own = self.folder / "own" / "hall"
        own.mkdir(parents=True)
        (own / "ahu.yaml").write_text(
            "protocol: bacnet\nprofile: hall/ahu\nmanufacturer: Hall\nmodels: [x]\n"
            "assets: [{kind: building_controller}]\npoints:\n  - {object: ai1, name: ActivePowr}\n"
        )
        config = self.write_file(
            "interwatt.yaml",
            "profiles: own\ndevices: [{name: a, connect: 'bacnet://192.0.2.1?device=7', profile: hall/ahu}]\n",
        )
        result = self.ended_with(1, harness.interwatt("check", str(config)))
        self.assertIn("ahu.yaml:7:", result.stdout + result.stderr)

    def test_the_catalogue_has_profiles_of_bacnet_too(self):
        listed = {row["id"]: row for row in self.json_of("profiles", "list", "hvac", "--json")}
        self.assertEqual(listed["bacnet/hvac"]["protocol"], "bacnet")
        shown = self.json_of("profiles", "show", "bacnet/hvac", "--json")
        self.assertIn("AirTemperature.supply-{}", [rule["point"] for rule in shown["rules"]])

    def test_an_object_list_becomes_a_configuration_that_loads(self):
        self.write_file("hall_EDE.csv", EDE)
        site = self.folder / "site"
        report = self.json_of("import", "ede", str(self.folder / "hall_EDE.csv"), "-o", str(site), "--json")
        self.assertEqual(report["devices"][0]["device"], 1001)
        self.ended_with(0, harness.interwatt("check", str(site / "interwatt.yaml")))
        nothing = harness.interwatt("import", "ede", str(site), "-o", str(self.folder / "none"))
        self.assertIn("there are no objects in these files", self.ended_with(1, nothing).stderr)


class BacnetGateway(harness.SystemTest):
    def test_where_devices_are_is_known_after_a_restart(self):
        device = self.simulate("bacnet/air-handler")
        config = self.write_file(
            "interwatt.yaml",
            f"data: {self.folder / 'data'}\n"
            f"lines: [{{connect: 'bacnet://', bind: '127.0.0.1:{harness.free_port()}'}}]\n"
            f"devices: [{{name: ahu, connect: '{device.url}'}}]\n",
        )
        gateway = self.start("run", "-c", str(config))
        gateway.wait_for("ahu is online", within=20)
        gateway.end()
        kept = (self.folder / "data" / "bacnet.state").read_text()
        self.assertIn(f"device\t1001\t0\t{device.url.split('/')[2].split('?')[0]}", kept)


class BacnetTools(harness.SystemTest):
    def test_the_objects_of_a_device_are_browsed_and_all_properties_of_one(self):
        device = self.simulate("bacnet/air-handler")
        objects = self.json_of("bacnet", "browse", device.url, "--json")
        self.assertGreater(len(objects), 5)
        inputs = self.json_of("bacnet", "browse", device.url, "--type", "ai", "--json")
        self.assertTrue(all(row["object"].startswith("analog-input") for row in inputs))
        properties = self.json_of("bacnet", "browse", device.url, "ai1", "--json")
        self.assertEqual(properties["object-name"], inputs[0]["name"])
        self.ended_with(1, harness.interwatt("bacnet", "browse", device.url, "ai999"))
        self.ended_with(2, harness.interwatt("bacnet", "browse", device.url, "nothing"))

    def test_what_a_device_does_not_have_is_said(self):
        device = self.simulate("bacnet/meter")
        url = device.url.replace("device=1001", "device=1")
        wrong = self.ended_with(1, harness.interwatt("bacnet", "alarms", url))
        self.assertIn("1001", wrong.stderr)  # which is there
        silenced = self.ended_with(1, harness.interwatt("bacnet", "silence", device.url, "--minutes", "1"))
        self.assertIn("unrecognized-service", silenced.stderr)

    def test_silence_that_is_lost_on_the_way_is_asked_for_again(self):
        device = self.simulate("bacnet/meter")
        with Losing(device.url, service=17) as relay:
            silenced = self.ended_with(1, harness.interwatt("bacnet", "silence", relay.url, "--minutes", "1"))
        self.assertIn("unrecognized-service", silenced.stderr)
        self.assertEqual(relay.lost, 1)

    def test_a_device_is_told_the_time_and_asked_for_its_alarms(self):
        device = self.simulate("bacnet/air-handler")
        told = self.json_of("bacnet", "time", device.url, "--json")
        self.assertEqual(told["form"], "utc")
        self.assertEqual(self.json_of("bacnet", "alarms", device.url, "--json"), [])
