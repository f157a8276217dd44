"""Control over the API: claims, refusals, what a claim would do, the past, stop, and what stands on record of it."""

import json
import time
import urllib.parse

import api_tests
import harness

INVERTER = "huawei/sun2000"
POINT = "pv/ActivePowerLimit"


class ControlApi(api_tests.ApiTest):
    def setUp(self):
        super().setUp()
        self.inverter = self.simulate(INVERTER)
        port = harness.free_port()
        control = {"enabled": True, "settle": "1s",
                   "points": {POINT: {"min": 0, "max": 10000, "default": 9000}},
                   "rights": [{"owner": "dso", "level": "grid", "points": [POINT]}]}
        self.config = self.write_file(
            "site.yaml", f"data: {self.folder}/data\ncontrol: {json.dumps(control)}\nhistory: {{enabled: false}}\n"
            f"api: {{listen: '127.0.0.1:{port}'}}\n" + harness.site_of(pv=(self.inverter.url, INVERTER)))
        self.users = {name: api_tests.Api(port, self.token(name, role))
                      for name, role in (("anna", "operator"), ("dso", "operator"), ("vera", "viewer"), ("emil", "engineer"))}
        self.gateway = self.start("run", "-c", self.config)
        self.gateway.wait_for("pv is online", within=20)

    def ask(self, who, method, path, body=None, status=200):
        headers = {} if body is None else {"Content-Type": "application/json"}
        got, _, answer = self.users[who].send(method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers)
        self.assertEqual(got, status, answer)
        return json.loads(answer)

    def claim(self, who, status=201, **claim):
        return self.ask(who, "POST", "control/claims", {"claims": [{"path": POINT, "for_s": 3600} | claim]}, status)

    def point(self, until=lambda point: True, within=20):
        deadline = time.monotonic() + within
        while True:
            point = self.ask("vera", "GET", "control")["points"][0]
            if until(point):
                return point
            self.assertLess(time.monotonic(), deadline, point)
            time.sleep(0.2)

    def held(self, value):
        return lambda point: (point["value"], point["shown"], point["state"]) == (value, value, "confirmed")

    def test_a_claim_moves_the_device_and_everybody_sees_who_made_it(self):
        self.assertEqual(self.point(self.held(9000))["unit"], "W")
        made = self.claim("anna", value=4000, reason="test")["claims"][0]["claim"]
        point = self.point(self.held(4000))
        self.assertEqual((point["winner"], point["claims"][0]["owner"]), (made["id"], "anna"))
        released = self.ask("anna", "DELETE", f"control/claims/{made['id']}")["released"]
        self.assertEqual(released["owner"], "anna")
        self.point(self.held(9000))

    def test_who_may_not_is_refused_and_that_is_on_record(self):
        self.claim("vera", value=1, status=403)
        self.claim("dso", value=1, status=403)  # as the configuration says, whatever the role
        self.claim("anna", value=1, level="protection", status=403)
        self.claim("anna", value=20000, status=400)
        self.claim("anna", value=1, owner="dso", status=400)
        self.claim("dso", demand="at_most", value=5000, level="grid")
        mixed = self.ask("dso", "POST", "control/claims",
                         {"claims": [{"path": POINT, "for_s": 60, "value": 1, "level": level} for level in ("grid", "operator")]})
        self.assertEqual([sorted(one) for one in mixed["claims"]], [["claim", "path"], ["error", "path"]])
        audit = self.ask("emil", "GET", "audit?action=claim&limit=2")
        self.assertEqual([(one["actor"], one["outcome"]) for one in audit["items"]], [("dso", "refused"), ("dso", "accepted")])
        older = self.ask("emil", "GET", f"audit?action=claim&before={audit['next']}")["items"]
        self.assertIn(("anna", "refused"), {(one["actor"], one["outcome"]) for one in older})
        self.assertTrue(self.ask("emil", "GET", "audit/verify")["good"])
        self.ask("anna", "GET", "audit", status=403)

    def test_what_a_claim_would_do_is_told_before_it_is_made(self):
        self.claim("dso", demand="at_most", value=5000, level="grid")
        would = self.ask("anna", "POST", "control/preview", {"path": POINT, "value": 8000, "for_s": 60})
        self.assertEqual((would["value"], would["code"]), (5000, "limited_by_claim"))
        self.assertEqual(len(self.point()["claims"]), 1)

    def test_a_past_minute_is_explained(self):
        self.point(self.held(9000))
        began = time.time()
        self.claim("anna", value=3000)
        self.point(self.held(3000))
        query = urllib.parse.urlencode({"point": POINT, "from": "10min"})
        deadline = time.monotonic() + 10
        while True:  # the diary is written a moment later
            decisions = self.ask("vera", "GET", f"control/decisions?{query}")["items"]
            if any(one["owner"] == "anna" and one["state"] == "confirmed" for one in decisions):
                break
            self.assertLess(time.monotonic(), deadline, decisions)
            time.sleep(0.2)
        self.assertLess(time.time() - began, 60)
        self.ask("vera", "GET", "control/decisions?from=90d", status=400)

    def test_stop_all_turns_everything_off(self):
        self.point(self.held(9000))
        self.ask("vera", "POST", "control/stop-all", {"for_s": 60}, status=403)
        self.ask("anna", "POST", "control/stop-all", {"for_s": -1}, status=400)
        self.ask("anna", "POST", "control/stop-all", {"for_s": 60, "reason": "work on the roof"}, status=201)
        point = self.point(self.held(0))
        self.assertEqual((point["claims"][0]["demand"], point["claims"][0]["reason"]), ("off", "work on the roof"))

    def test_controllers_are_listed_for_all_and_switched_by_operators_only(self):
        self.assertEqual(self.ask("vera", "GET", "controllers")["items"], [])
        self.ask("vera", "PUT", "controllers/none/mode", {"mode": "act"}, status=403)
        self.ask("anna", "PUT", "controllers/none/mode", {"mode": "go"}, status=400)
        self.ask("anna", "PUT", "controllers/none/mode", {"mode": "act"}, status=404)
