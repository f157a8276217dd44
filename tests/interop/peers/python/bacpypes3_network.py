"""BACpypes3 as what makes a BACnet internetwork. WHAT is
    router ADDRESS   between BACnet/IP and the virtual network 2709, on which device 5002 has the address 5
    bbmd ADDRESS     a BBMD that takes foreign devices
    device ADDRESS INSTANCE
Each device holds one analog input, whose value is a thousandth of its instance, in kilowatts, and one analog output."""

import asyncio
import sys

from bacpypes3.app import Application
from bacpypes3.basetypes import BDTEntry, IPMode
from bacpypes3.local.analog import AnalogInputObject, AnalogOutputObject
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.vlan import VirtualNetwork

NETWORK = 2709
ROUTED = 5002
ROUTER = 1000
BBMD = 1001


def application(instance, *ports):
    device = DeviceObject(
        objectIdentifier=("device", instance),
        objectName=f"Device {instance}",
        vendorIdentifier=999,
        vendorName="BACpypes3",
        modelName="network",
        firmwareRevision="1",
        maxApduLengthAccepted=480,
        segmentationSupported="noSegmentation",
    )
    made = Application.from_object_list([device, *ports])
    made.add_object(
        AnalogInputObject(
            objectIdentifier=("analog-input", 1),
            objectName=f"Power {instance}",
            presentValue=instance / 1000,
            units="kilowatts",
            covIncrement=0.1,
            statusFlags=[0, 0, 0, 0],
            eventState="normal",
            outOfService=False,
        )
    )
    made.add_object(
        AnalogOutputObject(
            objectIdentifier=("analog-output", 1),
            objectName=f"Damper {instance}",
            presentValue=10.0,
            relinquishDefault=10.0,
            units="percent",
            covIncrement=0.1,
            statusFlags=[0, 0, 0, 0],
            eventState="normal",
            outOfService=False,
        )
    )
    return made


def virtual(number, mac):
    return NetworkPortObject(
        objectIdentifier=("network-port", number),
        objectName="virtual",
        networkType="virtual",
        networkInterfaceName="vlan",
        networkNumber=NETWORK,
        networkNumberQuality="configured",
        protocolLevel="bacnet-application",
        macAddress=bytes([mac]),
        statusFlags=[0, 0, 0, 0],
        reliability="no-fault-detected",
        outOfService=False,
        changesPending=False,
        linkSpeed=0.0,
    )


def ip(address, **more):
    return NetworkPortObject(address, objectIdentifier=("network-port", 1), objectName="IP", **more)


async def serve(what, address, instance):
    if what == "router":
        VirtualNetwork("vlan")
        kept = [
            application(
                ROUTER, ip(address, networkNumber=100, networkNumberQuality="configured"), virtual(2, 1)
            ),
            application(ROUTED, virtual(1, 5)),
        ]
    elif what == "bbmd":
        port = ip(address)
        port.bacnetIPMode = IPMode.bbmd
        port.bbmdAcceptFDRegistrations = True
        port.bbmdForeignDeviceTable = []
        port.bbmdBroadcastDistributionTable = [BDTEntry(address)]  # itself: its own subnet
        kept = [application(BBMD, port)]
    else:
        kept = [application(instance, ip(address))]
    print("READY 47808", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    del kept


asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
