"""docs/interop.md: what it says beside the rows, and the rows of a run."""

import bacnet_peers
import modbus_peers
import sunspec_peers
import telemetry_peers

SHORT = {**modbus_peers.SHORT, **sunspec_peers.SHORT, **bacnet_peers.SHORT, **telemetry_peers.SHORT}

DOCUMENT = """\
# Interoperability

Interwatt against software that we did not write, in both directions, on real sockets and pseudo-
terminals. This page is written by `./dev interop` (tests/interop/run.py): a row is what happened in that
run.

## Matrix

| peer | version | language | direction | transport | checked | result |
|---|---|---|---|---|---|---|
{rows}

## What is checked

**Functions.** A number is a Modbus function. It is asked with one value, with an odd count across byte
borders, and with the most that the standard allows in one request (2000 bits or 125 registers read, 1968
bits or 123 registers written, 121 written and 125 read by function 23); what was written is read back.
43/14 reads the basic, the regular and the extended identification, where the objects take more than one
response, and a single object; "43/14 extended" leaves the first two out. Exceptions must be recognised by
their code.

**Expectations** are computed, not recorded: every server holds the same registers, which follow from a
rule (tests/interop/README.md).

**TLS** is Modbus/TCP Security: both sides demand a certificate of their authority; we also demand its
role.

**libmodbus** stands for its own unit-test-server, which misbehaves on purpose: it answers another
transaction or for another unit, half a second late, or one byte every 5 ms. "A late reply, then 20 right
reads" means that the question timed out, and that no later question got its answer.

**BACnet.** Our command line and our gateway use devices of 1503 objects: the object-list comes in segments,
values in ReadPropertyMultiple, a command goes to the priority array and back. Foreign clients read, command and subscribe
to a device of ours with 1510 objects, hear of its alarms and acknowledge them; those that can not take a list in segments read
it element by element. rusty-bacnet is driven by its Python bindings. tshark listens meanwhile and has to find every datagram,
ours and the device's, well-formed.

**JSON-LD.** Three processors, without a network, find the same number of triples in a catalogue and in batches
whose every field says something, with the context embedded and with the context named; jsonld.js in its
safe mode, which refuses to drop a term.

**Databases** take twenty values and a staleness marker, and give back the same numbers, times and labels.

**Metrics** of a running gateway are judged by Prometheus' own tool, which also looks at names and units, and read
by its Python client in both formats.

**SunSpec.** pysunspec2 reads our images of all public models as we do, point by point, raw and scaled:
with a value in every point, with repeated groups, and with nothing implemented. And its client discovers
our simulated devices, reads what their physics say, and sets a setpoint.

## What peers can not do

Limits of the peers, found here, that the checks go around.

| peer | limit |
|---|---|
| jsmodbus | as server: no functions 22 and 23; reads past the end are answered short, without exception 02 |
| jsmodbus | as client: a wrong MBAP length in function 16 from 121 registers on; no functions 22 and 23 |
| modbus-serial | as server: no functions 22 and 23; a write past the end is acknowledged |
| modbus-serial | as server: 43/14 gives the objects of all levels whatever is asked |
| modbus-serial | as client over RTU: does not find the end of replies to 22, 23 and 43/14 |
| j2mod | as server: no function 43/14, no exception 03; as client: does not tell which object follows |
| pymodbus | as TLS client: does not check the name in the certificate |
| rusty-bacnet | as client: acknowledges no segment of an answer, which ends there: it reads the object-list element by element |
| node-bacnet | as client: an answer in segments times out: it reads the object-list element by element |
| mbpoll | reads at most 125 bits at a time; no functions 22, 23, 43/14 |
| pysunspec2 | takes 0 of a mandatory accumulator for "not accumulated" |
| pysunspec2 | takes a bit field whose highest bit is set for a value |
"""


def checked(case):
    """Its checks in the words of the page."""
    names = [check["check"] for check in case.checks]
    if names and names[0].startswith("model_"):
        return f"{len(names)} models"
    basic = modbus_peers.BASIC
    if names[: len(basic)] == basic:
        names[: len(basic)] = ["1-6, 15, 16"]
    return ", ".join(SHORT.get(name, name) for name in names)


def key_of(line):
    """Peer, direction and transport of a row of the page."""
    cells = [cell.strip() for cell in line.split("|")]
    return cells[1], cells[4], cells[5]


def page(cases, ran, before):
    """All cases in their order; of one that did not run, what the page said before."""
    kept = {key_of(line): line for line in before.splitlines() if line.count("|") >= 8}
    lines = []
    for case in cases:
        if case in ran:
            cells = [*case.row, checked(case), case.outcome]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        else:
            lines += [line for key, line in kept.items() if key == key_of(f"| {' | '.join(case.row)} |")]
    return DOCUMENT.format(rows="\n".join(lines))
