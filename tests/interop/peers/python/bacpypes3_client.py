"""A BACpypes3 client of our device on loopback: WHERE is its UDP port. Its objects are those of bacnet_served.cpp."""

import asyncio
import json
import socket
import sys

from bacpypes3.apdu import (
    AcknowledgeAlarmRequest,
    ErrorRejectAbortNack,
    GetEventInformationRequest,
    SimpleAckPDU,
    WritePropertyMultipleError,
    WritePropertyMultipleRequest,
)
from bacpypes3.app import Application
from bacpypes3.basetypes import (
    DateTime,
    DaysOfWeek,
    Destination,
    DeviceAddress,
    EventTransitionBits,
    PropertyValue,
    Recipient,
    TimeStamp,
    WriteAccessSpecification,
)
from bacpypes3.constructeddata import Any, ListOf
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import Null, ObjectIdentifier, OctetString, Real, Time

DEVICE = "device,1234"
TYPES = ["device,1234", "analog-input,7", "analog-output,1", "binary-input,1", "binary-output,1",
         "multi-state-value,1", "accumulator,1", "characterstring-value,1", "network-port,1",
         "notification-class,1"]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Listening(Application):
    """Takes event notifications."""

    events = None

    async def do_ConfirmedEventNotificationRequest(self, apdu):
        self.events.put_nowait(apdu)
        await self.response(SimpleAckPDU(context=apdu))


class Client:
    def __init__(self, port):
        own = self.own = free_port()
        device = DeviceObject(objectIdentifier=("device", 999), objectName="Client", vendorIdentifier=999,
                              maxApduLengthAccepted=1024, segmentationSupported="segmentedBoth")
        network_port = NetworkPortObject(f"127.0.0.1/32:{own}", objectIdentifier=("network-port", 1), objectName="IP")
        self.app = Listening.from_object_list([device, network_port])
        self.app.events = asyncio.Queue()
        self.there = Address(f"127.0.0.1:{port}")

    async def read(self, object_id, property_id="present-value", index=None):
        return await self.app.read_property(self.there, ObjectIdentifier(object_id), property_id, index)

    async def write(self, object_id, value, priority=None, property_id="present-value"):
        return await self.app.write_property(self.there, ObjectIdentifier(object_id), property_id, value,
                                             priority=priority)

    async def refused(self, what):
        """What it was refused with: "unknown-object"."""
        try:
            answer = await what
        except ErrorRejectAbortNack as why:
            answer = why
        code = getattr(answer, "errorCode", None) or getattr(answer, "apduAbortRejectReason", None)
        return str(code if code is not None else answer)

    # ---- the checks, named as docs/interop.md names them

    async def who_is(self):
        found = await self.app.who_is(1234, 1234, self.there)
        none = await self.app.who_is(1, 1000, self.there, timeout=0.5)
        assert [str(i.iAmDeviceIdentifier) for i in found] == [DEVICE] and not none, (found, none)

    async def served_list(self):
        objects = await self.read(DEVICE, "object-list")
        assert len(objects) == 1510 and str(objects[0]) == DEVICE, len(objects)

    async def served_array(self):
        texts = await self.read("multi-state-value,1", "state-text")
        assert list(texts) == ["off", "auto", "on"], texts
        assert await self.read("multi-state-value,1", "state-text", 0) == 3
        assert await self.read("multi-state-value,1", "state-text", 3) == "on"

    async def every_property(self):
        for object_id in TYPES:
            listed = await self.read(object_id, "property-list")
            found = await self.app.read_property_multiple(self.there, [object_id, ["all"]])
            wrong = [(str(p), str(value)) for _, p, _, value in found if "rror" in type(value).__name__]
            assert not wrong and len(found) == len(listed) + 3, (object_id, wrong, len(found), len(listed))

    async def per_item_errors(self):
        found = await self.app.read_property_multiple(
            self.there, ["analog-input,7", ["present-value", "priority-array"], "analog-input,9999", ["present-value"]])
        assert float(found[0][3]) == 3.5, found
        assert [str(item[3].errorCode) for item in found[1:]] == ["unknown-property", "unknown-object"], found

    async def refusals(self):
        assert await self.refused(self.read("analog-input,9999")) == "unknown-object"
        assert await self.refused(self.read("analog-input,7", "priority-array")) == "unknown-property"
        assert await self.refused(self.read("multi-state-value,1", "state-text", 4)) == "invalid-array-index"
        assert await self.refused(self.write("analog-input,7", Real(1.0))) == "write-access-denied"
        assert await self.refused(self.write("analog-output,1", Real(101.0))) == "value-out-of-range"
        assert await self.refused(self.write("analog-output,1", Real(1.0), 6)) == "write-access-denied"

    async def priorities(self):
        await self.write("analog-output,1", Real(40.0), 12)
        await self.write("analog-output,1", Real(60.0), 8)
        assert await self.read("analog-output,1") == 60.0
        assert await self.read("analog-output,1", "current-command-priority") is not None
        slots = await self.read("analog-output,1", "priority-array")
        assert slots[7].real == 60.0 and slots[11].real == 40.0 and slots[0].null is not None
        await self.write("analog-output,1", Null(()), 8)
        assert await self.read("analog-output,1") == 40.0
        await self.write("analog-output,1", Null(()), 12)
        assert await self.read("analog-output,1") == 10.0

    async def several_writes(self):
        def of(object_id, value):
            return WriteAccessSpecification(
                objectIdentifier=ObjectIdentifier(object_id),
                listOfProperties=[PropertyValue(propertyIdentifier="present-value", value=Any(value), priority=10)])

        async def send(*writes):
            request = WritePropertyMultipleRequest(listOfWriteAccessSpecs=list(writes))
            request.pduDestination = self.there
            return await self.app.request(request)

        many = [of("analog-output,1", Real(float(i % 100))) for i in range(200)]  # in segments
        await send(*many)
        assert await self.read("analog-output,1") == 99.0
        try:
            answer = await send(of("analog-output,1", Real(5.0)), of("analog-input,7", Real(5.0)))
        except ErrorRejectAbortNack as why:
            answer = why
        assert isinstance(answer, WritePropertyMultipleError), answer
        assert str(answer.firstFailedWriteAttempt.objectIdentifier) == "analog-input,7"
        assert await self.read("analog-output,1") == 5.0
        await self.write("analog-output,1", Null(()), 10)

    async def notified(self, confirmed):
        values = []
        async with self.app.change_of_value(self.there, ObjectIdentifier("analog-input,1"), None, confirmed, 60) as scm:
            while len(values) < 3:
                name, value = await asyncio.wait_for(scm.get_value(), 5)
                if str(name) == "present-value":
                    values.append(float(value))
        assert values == sorted(set(values)), values

    async def cov_unconfirmed(self):
        await self.notified(False)

    async def cov_confirmed(self):
        await self.notified(True)

    async def trend_log(self):
        total = await self.read("trend-log,1", "total-record-count")
        count = await self.read("trend-log,1", "record-count")
        assert count == 100, count
        records = await self.app.read_range(self.there, ObjectIdentifier("trend-log,1"), "log-buffer",
                                            range_params=("s", total - 9, None, None, 10))
        numbers = [record.logDatum.realValue for record in records]
        assert numbers == [(total - 9 + i) % 100 for i in range(10)], numbers
        assert isinstance(records[0].timestamp, DateTime)


    async def alarm_notified(self):
        """We become a recipient; the damper opens too wide; the alarm is listed, and acknowledged."""
        to_us = Destination(
            validDays=DaysOfWeek([1] * 7), fromTime=Time((0, 0, 0, 0)), toTime=Time((23, 59, 59, 99)),
            recipient=Recipient(address=DeviceAddress(
                networkNumber=0,
                macAddress=OctetString(socket.inet_aton("127.0.0.1") + self.own.to_bytes(2, "big")))),
            processIdentifier=7, issueConfirmedNotifications=True, transitions=EventTransitionBits([1, 1, 1]))
        await self.write("notification-class,1", ListOf(Destination)([to_us]), property_id="recipient-list")
        await self.write("analog-output,1", Real(95.0), 8)
        event = await asyncio.wait_for(self.app.events.get(), 5)
        assert (str(event.eventObjectIdentifier), str(event.toState)) == ("analog-input,8", "high-limit"), event
        assert event.processIdentifier == 7 and event.ackRequired and event.messageText, event
        beyond = event.eventValues.outOfRange
        assert (float(beyond.exceedingValue), float(beyond.exceededLimit)) == (95.0, 90.0), beyond

        request = GetEventInformationRequest()
        request.pduDestination = self.there
        listed = (await self.app.request(request)).listOfEventSummaries
        assert [str(one.objectIdentifier) for one in listed] == ["analog-input,8"], listed
        acknowledgement = AcknowledgeAlarmRequest(
            acknowledgingProcessIdentifier=7, eventObjectIdentifier=event.eventObjectIdentifier,
            eventStateAcknowledged="high-limit", timeStamp=event.timeStamp, acknowledgmentSource="interop",
            timeOfAcknowledgment=TimeStamp(dateTime=event.timeStamp.dateTime))
        acknowledgement.pduDestination = self.there
        await self.app.request(acknowledgement)
        seen = await asyncio.wait_for(self.app.events.get(), 5)
        assert str(seen.notifyType) == "ack-notification", seen
        await self.write("analog-output,1", Null(()), 8)
        over = await asyncio.wait_for(self.app.events.get(), 5)
        assert str(over.toState) == "normal", over


CHECKS = ["who_is", "served_list", "served_array", "every_property", "per_item_errors", "refusals", "priorities",
          "several_writes", "cov_unconfirmed", "cov_confirmed", "trend_log", "alarm_notified"]


async def main(port):
    client = Client(port)
    for name in CHECKS:
        try:
            await asyncio.wait_for(getattr(client, name)(), 30)
            print(json.dumps({"check": name, "ok": True, "detail": ""}), flush=True)
        except (Exception, ErrorRejectAbortNack) as why:  # whatever it is, the check did not hold
            detail = repr(why)
            print(json.dumps({"check": name, "ok": False, "detail": detail[:200]}), flush=True)


asyncio.run(main(int(sys.argv[1])))
