"""A client on the Rust stack rusty-bacnet of our device on loopback: WHERE is its UDP port. Its objects are those of
bacnet_served.cpp."""

import asyncio
import datetime
import json
import sys

from rusty_bacnet import (
    BACnetClient,
    BacnetError,
    EnableDisable,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

PASSWORD = "quiet please"


def object_of(kind, instance):
    return ObjectIdentifier(getattr(ObjectType, kind), instance)


DEVICE, INPUT, RISING = object_of("DEVICE", 1234), object_of("ANALOG_INPUT", 7), object_of("ANALOG_INPUT", 1)
DAMPER, MODE = object_of("ANALOG_OUTPUT", 1), object_of("MULTI_STATE_VALUE", 1)
PRESENT_VALUE = PropertyIdentifier.PRESENT_VALUE


class Client:
    def __init__(self, port, client):
        self.there, self.client = f"127.0.0.1:{port}", client

    async def read(self, object_id, name="PRESENT_VALUE", index=None):
        value = await self.client.read_property(self.there, object_id, getattr(PropertyIdentifier, name), index)
        return value.value

    async def write(self, value, priority):
        wanted = PropertyValue.null() if value is None else PropertyValue.real(value)
        await self.client.write_property(self.there, DAMPER, PRESENT_VALUE, wanted, priority)

    async def refused(self, what):
        try:
            await what
        except BacnetError as why:
            return str(why)
        return "nothing"

    # ---- the checks, named as docs/interop.md names them

    async def list_by_element(self):
        """It acknowledges no segment, so that the whole list can not come."""
        assert await self.read(DEVICE, "OBJECT_LIST", 0) == 1510
        objects = {repr(await self.read(DEVICE, "OBJECT_LIST", i)) for i in range(1, 1511)}
        assert len(objects) == 1510, len(objects)

    async def served_array(self):
        assert await self.read(MODE, "STATE_TEXT", 0) == 3
        assert await self.read(MODE, "STATE_TEXT", 3) == "on"

    async def per_item_errors(self):
        found = await self.client.read_property_multiple(
            self.there,
            [(INPUT, [(PRESENT_VALUE, None), (PropertyIdentifier.PRIORITY_ARRAY, None)]),
             (object_of("ANALOG_INPUT", 9999), [(PRESENT_VALUE, None)])])
        items = [item for one in found for item in one["results"]]
        assert items[0]["value"].value == 3.5 and all(item["error"] for item in items[1:]), found

    async def priorities(self):
        await self.write(40.0, 12)
        await self.write(60.0, 8)
        assert await self.read(DAMPER) == 60.0
        await self.write(None, 8)
        assert await self.read(DAMPER) == 40.0
        await self.write(None, 12)
        assert await self.read(DAMPER) == 10.0
        assert "class=2 code=40" in await self.refused(self.write(1.0, 6))
        assert "class=2 code=37" in await self.refused(self.write(101.0, 8))

    async def notified(self, confirmed):
        notifications = await self.client.cov_notifications()
        await self.client.subscribe_cov(self.there, 5, RISING, confirmed, 60)
        values = []
        async for one in notifications:
            values.append(one.values[0]["value"].value)
            if len(values) == 3:
                break
        await self.client.unsubscribe_cov(self.there, 5, RISING)
        assert values == sorted(set(values)), values

    async def cov_unconfirmed(self):
        await self.notified(False)

    async def cov_confirmed(self):
        await self.notified(True)

    async def silenced(self):
        def control(state, password):
            return self.client.device_communication_control(self.there, state, 1, password)

        assert "class=4 code=26" in await self.refused(control(EnableDisable.DISABLE_INITIATION, "wrong"))
        assert "class=5 code=29" in await self.refused(control(EnableDisable.DISABLE, PASSWORD))
        await control(EnableDisable.DISABLE_INITIATION, PASSWORD)
        assert await self.read(INPUT) == 3.5
        await control(EnableDisable.ENABLE, PASSWORD)

    async def time_told(self):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=3)
        date = (now.year, now.month, now.day, now.isoweekday())
        await self.client.utc_time_synchronization(self.there, date, (now.hour, now.minute, now.second, 0))
        shown = await self.read(DEVICE, "LOCAL_TIME")
        assert shown[0] != now.hour, (shown, now)  # our clock is the system's

    async def added_recipient(self):
        # Device 999, every day at any time, process 3, unconfirmed, all transitions.
        recipient = bytes.fromhex("8201fe b400000000 b4173b3b63 0c020003e7 2103 10 8205e0")
        alarms, recipients = object_of("NOTIFICATION_CLASS", 1), PropertyIdentifier.RECIPIENT_LIST
        before = await self.read(alarms, "RECIPIENT_LIST")
        await self.client.add_list_element(self.there, alarms, recipients, recipient)
        assert len(await self.read(alarms, "RECIPIENT_LIST")) == len(before) + 1
        await self.client.remove_list_element(self.there, alarms, recipients, recipient)
        assert await self.read(alarms, "RECIPIENT_LIST") == before
        again = await self.refused(self.client.remove_list_element(self.there, alarms, recipients, recipient))
        assert "code=81" in again, again


CHECKS = ["list_by_element", "served_array", "per_item_errors", "priorities", "cov_unconfirmed", "cov_confirmed",
          "silenced", "time_told", "added_recipient"]


async def main(port):
    async with BACnetClient(interface="127.0.0.1", port=0, broadcast_address="127.0.0.1") as client:
        for name in CHECKS:
            try:
                await asyncio.wait_for(getattr(Client(port, client), name)(), 30)
                print(json.dumps({"check": name, "ok": True, "detail": ""}), flush=True)
            except Exception as why:  # whatever it is, the check did not hold
                print(json.dumps({"check": name, "ok": False, "detail": repr(why)[:200]}), flush=True)


asyncio.run(main(int(sys.argv[1])))
