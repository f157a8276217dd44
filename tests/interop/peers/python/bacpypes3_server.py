"""A BACpypes3 device: WHERE is its UDP port. It holds 1500 analog inputs, so that its object-list comes in
segments, a commandable output, states, and an object whose value is not to be trusted."""

import asyncio
import sys

from bacpypes3.app import Application
from bacpypes3.local.analog import AnalogInputObject, AnalogOutputObject
from bacpypes3.local.binary import BinaryInputObject
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.multistate import MultiStateValueObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.primitivedata import ObjectIdentifier

DEVICE = 1234
INPUTS = 1500

SOUND = {"statusFlags": [0, 0, 0, 0], "eventState": "normal", "outOfService": False}


def objects():
    for i in range(1, INPUTS + 1):
        yield AnalogInputObject(
            objectIdentifier=("analog-input", i),
            objectName=f"Feeder {i} Power",
            presentValue=i / 2,
            units="kilowatts",
            covIncrement=0.1,
            **SOUND,
        )
    yield AnalogOutputObject(
        objectIdentifier=("analog-output", 1),
        objectName="Damper",
        presentValue=10.0,
        relinquishDefault=10.0,
        units="percent",
        covIncrement=0.1,
        **SOUND,
    )
    yield MultiStateValueObject(
        objectIdentifier=("multi-state-value", 1),
        objectName="Mode",
        presentValue=2,
        numberOfStates=3,
        stateText=["off", "auto", "on"],
        **SOUND,
    )
    yield BinaryInputObject(
        objectIdentifier=("binary-input", 1),
        objectName="Fan Alarm",
        presentValue="inactive",
        polarity="normal",
        inactiveText="ok",
        activeText="alarm",
        reliability="communicationFailure",
        **{**SOUND, "statusFlags": [0, 1, 0, 0]},
    )


async def serve(port):
    device = DeviceObject(
        objectIdentifier=("device", DEVICE),
        objectName="Peer",
        vendorIdentifier=999,
        vendorName="BACpypes3",
        modelName="interop",
        firmwareRevision="1",
        maxApduLengthAccepted=1024,
        segmentationSupported="segmentedBoth",
    )
    network_port = NetworkPortObject(
        f"127.0.0.1/32:{port}", objectIdentifier=("network-port", 1), objectName="IP"
    )
    application = Application.from_object_list([device, network_port])
    for each in objects():
        application.add_object(each)
    print(f"READY {port}", flush=True)
    # "set analog-input,7 4.5" changes a value, as the plant would.
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        _, name, value = line.split()
        application.objectIdentifier[ObjectIdentifier(name)].presentValue = float(value)


asyncio.run(serve(int(sys.argv[1])))
