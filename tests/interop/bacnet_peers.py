"""BACnet: foreign devices that our tools and our gateway use, foreign clients of our device."""

import bacnet
import bacnet_networks
import peers
from cases import Case
from processes import OurServer, Server, free_port, run_checks

SHORT = {
    "try": "connection test",
    "object_list": "1503 objects, in segments",
    "objects": "names, units, priority arrays",
    "reliability": "Reliability",
    "array": "an array",
    "unknown_object": "unknown-object",
    "write": "write at a priority",
    "write_below": "write below a higher priority",
    "relinquish": "Null",
    "polled": "polled by the gateway",
    "subscribed": "subscribed by the gateway",
    "notified": "notified within 3 s, unconfirmed",
    "notified_confirmed": "and confirmed",
    "resubscribed": "subscribed again after its restart",
    "write_multiple": "WritePropertyMultiple",
    "browse": "all properties browsed",
    "silence": "a service that it does not have is named",
    "silence_password": "DeviceCommunicationControl with its password, not without",
    "told_time": "UTCTimeSynchronization",
    "alarms": "GetEventInformation, AcknowledgeAlarm",
    "saved_profile": "proposed profile",
    "routed_discovery": "found behind a router",
    "routed_read": "read behind it",
    "routed_write": "written and released behind it",
    "routed_objects": "its objects",
    "routed_gateway": "polled and subscribed by the gateway",
    "foreign_device": "found through a BBMD as a foreign device",
    "bbmd_restart": "registered again after the BBMD's restart",
    "who_is": "Who-Is",
    "served_list": "1510 objects, in segments",
    "list_by_element": "1510 objects, element by element",
    "served_array": "an array, its length and elements",
    "every_property": "every property of every type",
    "per_item_errors": "errors within ReadPropertyMultiple",
    "refusals": "errors as the standard names them",
    "priorities": "the priority array",
    "several_writes": "WritePropertyMultiple, in segments, up to the first error",
    "cov_unconfirmed": "unconfirmed COV",
    "cov_confirmed": "confirmed COV",
    "trend_log": "ReadRange of a Trend Log",
    "alarm_notified": "Recipient_List written, alarm notified, listed, acknowledged, over",
    "silenced": "DeviceCommunicationControl with its password, not without",
    "time_told": "UTCTimeSynchronization taken in silence",
    "added_recipient": "AddListElement, RemoveListElement",
    "frames": "tshark finds nothing malformed in any datagram",
}

DEVICES = [
    ("bacpypes3", "Python", "bacpypes3_server.py", bacnet.Peer()),
    ("rusty-bacnet", "Rust", "rusty_bacnet_server.py", bacnet.Peer(password="quiet please")),
]


def ask_device(bench, script, peer):
    peers.need("tshark")
    return bacnet.run(
        bench.interwatt,
        free_port(),
        lambda port: Server(bench.setups.python.command(script, str(port)), timeout=60),
        peer,
    )


def cross_networks(bench):
    return bacnet_networks.run(
        bench.interwatt, lambda *a: bench.setups.python.command("bacpypes3_network.py", *a)
    )


def ask_our_device(bench, command):
    """The client that command(port) starts asks our device."""
    peers.need("tshark")
    port = free_port()
    with bacnet.Judge(port) as judge, OurServer(bench.ours("bacnet_served", str(port))):
        checks = run_checks(command(str(port)))
    return [*checks, judge.verdict()]


def cases(bench):
    for peer, language, script, what in DEVICES:
        yield Case(
            peer,
            language,
            "python",
            "our client, its device",
            "udp",
            lambda s=script, w=what: ask_device(bench, s, w),
        )
    yield Case(
        "bacpypes3",
        "Python",
        "python",
        "our client, its router and BBMD",
        "udp",
        lambda: cross_networks(bench),
    )
    yield Case(
        "bacpypes3",
        "Python",
        "python",
        "its client, our device",
        "udp",
        lambda: ask_our_device(
            bench, lambda port: bench.setups.python.command("bacpypes3_client.py", port)
        ),
    )
    yield Case(
        "rusty-bacnet",
        "Rust",
        "python",
        "its client, our device",
        "udp",
        lambda: ask_our_device(
            bench, lambda port: bench.setups.python.command("rusty_bacnet_client.py", port)
        ),
    )
    for library in ("@bacnet-js/client", "node-bacnet"):
        yield Case(
            library,
            "JavaScript",
            "node",
            "its client, our device",
            "udp",
            lambda name=library: ask_our_device(
                bench, lambda port: bench.setups.node.command("bacnet_client.mjs", name, port)
            ),
        )
