"""pysunspec2 discovers a device: sunspec_client.py PORT EXPECTED

EXPECTED is what sunspec_served said. One line of JSON for each check.
"""

import json
import sys

import image
from image import expect
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP
from sunspec_compare import points_of

# A setpoint of each model that has one, and what enables it.
SETPOINTS = {123: ("WMaxLimPct", 50, "WMaxLim_Ena"), 704: ("WSet", 1500, "WSetEna")}


def discovery(device, expected):
    device.scan(connect=False)
    expect([model.model_id for model in device.model_list], expected["models"], "models")
    for model in device.model_list:
        expect(model.error_info, "", f"model {model.model_id}")


def values(device, expected):
    for path, wanted in expected["points"].items():
        model, _, name = path.partition(".")
        point = dict(points_of(device.models[int(model)][0]))[name]
        got = point.cvalue
        if abs(got - wanted) > 10.0 ** (point.sf_value or 0):
            raise AssertionError(f"{path}: expected {wanted}, got {got}")


def setpoints(device, _expected):
    for number in SETPOINTS.keys() & device.models.keys():
        name, value, enable = SETPOINTS[number]
        model = device.models[number][0]
        model.points[name].cvalue = value
        model.points[enable].value = 1
        model.write()
        model.read()
        expect(model.points[name].cvalue, value, name)
        expect(model.points[enable].value, 1, enable)


def main():
    expected = json.loads(sys.argv[2])
    device = SunSpecModbusClientDeviceTCP(slave_id=image.UNIT, ipaddr="127.0.0.1", ipport=int(sys.argv[1]))
    device.connect()
    checks = [discovery, values]
    if SETPOINTS.keys() & set(expected["models"]):
        checks.append(setpoints)
    for check in checks:
        try:
            check(device, expected)
            image.report(check.__name__, True)
        except Exception as why:  # whatever it is, it is the result of this check
            image.report(check.__name__, False, f"{type(why).__name__}: {why}")
    device.disconnect()


if __name__ == "__main__":
    main()
