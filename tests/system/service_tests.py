"""The gateway under a supervisor that speaks as systemd does (sd_notify(3))."""

import os
import signal
import socket
import subprocess

import harness


class Service(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.systemd.close)
        self.systemd.bind(str(self.folder / "notify"))
        meter = self.simulate("eastron/sdm630")
        config = self.write_file("site.yaml", "api: {enabled: false}\nhistory: {enabled: false}\n"
                                 + harness.site_of(meter=(meter.url, "eastron/sdm630")))
        environment = dict(os.environ, NOTIFY_SOCKET=str(self.folder / "notify"), WATCHDOG_USEC="600000")
        self.gateway = subprocess.Popen([str(harness.binary), "run", "-c", str(config)], env=environment,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.gateway.wait)
        self.addCleanup(self.gateway.kill)

    def hear(self, within):
        self.systemd.settimeout(within)
        try:
            return self.systemd.recv(256).decode()
        except TimeoutError:
            return None

    def test_systemd_hears_that_the_gateway_is_ready_lives_and_ends(self):
        self.assertTrue(self.hear(within=10).startswith("READY=1\nSTATUS="))
        for _ in range(4):
            self.assertEqual(self.hear(within=5), "WATCHDOG=1\n")
        self.gateway.send_signal(signal.SIGTERM)
        heard = self.hear(within=5)
        while heard == "WATCHDOG=1\n":
            heard = self.hear(within=5)
        self.assertEqual(heard, "STOPPING=1\n")
        self.assertEqual(self.gateway.wait(10), 0)
