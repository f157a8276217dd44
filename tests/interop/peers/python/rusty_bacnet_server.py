"""A device of the Rust stack rusty-bacnet: WHERE is its UDP port. Its objects are those of bacpypes3_server.py, and
analog input 8 is above its limit."""

import asyncio
import sys

from rusty_bacnet import (
    BACnetServer,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
    Segmentation,
)

DEVICE = 1234
INPUTS = 1500
PASSWORD = "quiet please"
KILOWATTS, PERCENT = 48, 98
COMMUNICATION_FAILURE = 12


def object_of(name):
    """analog-input,7"""
    kind, instance = name.split(",")
    return ObjectIdentifier(getattr(ObjectType, kind.upper().replace("-", "_")), int(instance))


async def fill(server):
    async def put(name, property_name, value, index=None):
        await server.write_property_local(
            object_of(name), getattr(PropertyIdentifier, property_name), value, None, index, source_object=None
        )

    await put("analog-output,1", "RELINQUISH_DEFAULT", PropertyValue.real(10.0))
    for index, text in enumerate(("off", "auto", "on"), 1):
        await put("multi-state-value,1", "STATE_TEXT", PropertyValue.character_string(text), index)
    await put("multi-state-value,1", "RELINQUISH_DEFAULT", PropertyValue.unsigned(2))
    # It takes a reliability from outside only when it is out of service.
    await put("binary-input,1", "OUT_OF_SERVICE", PropertyValue.boolean(True))
    await put("binary-input,1", "RELIABILITY", PropertyValue.enumerated(COMMUNICATION_FAILURE))
    await put("analog-input,8", "HIGH_LIMIT", PropertyValue.real(3.0))
    await put("analog-input,8", "LIMIT_ENABLE", PropertyValue.bit_string(6, bytes([0xC0])))
    await put("analog-input,8", "EVENT_ENABLE", PropertyValue.bit_string(5, bytes([0xE0])))
    await server.set_present_value_local(object_of("analog-input,8"), PropertyValue.real(4.0))


async def serve(port):
    server = BACnetServer(
        DEVICE,
        "Peer",
        interface="127.0.0.1",
        port=port,
        broadcast_address="127.0.0.1",
        segmentation_supported=Segmentation.BOTH,
        dcc_policy="require_password",
        dcc_password=PASSWORD,
    )
    for i in range(1, INPUTS + 1):
        server.add_analog_input(i, f"Feeder {i} Power", units=KILOWATTS, present_value=i / 2)
    server.add_analog_output(1, "Damper", units=PERCENT)
    server.add_multistate_value(1, "Mode", 3)
    server.add_binary_input(1, "Fan Alarm")
    server.add_notification_class(0, "Alarms", 0)
    await server.start()
    await fill(server)
    print(f"READY {port}", flush=True)
    # "set analog-input,7 4.5" changes a value, as the plant would.
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        _, name, value = line.split()
        await server.set_present_value_local(object_of(name), PropertyValue.real(float(value)))
    await server.stop()


asyncio.run(serve(int(sys.argv[1])))
