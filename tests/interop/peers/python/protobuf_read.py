"""Reads our stream of Protocol Buffers with Google's Python library, as docs/formats.md says.

    protobuf_read.py <folder> <descriptor set>

One line of JSON for each check.
"""

import json
import math
import pathlib
import sys
import uuid

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def envelope_class(descriptor_set):
    pool = descriptor_pool.DescriptorPool()
    files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(descriptor_set).read_bytes())
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("interwatt.v1.Envelope"))


def delimited(stream):
    at = 0
    while at < len(stream):
        length = shift = 0
        while True:
            byte = stream[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield stream[at : at + length]
        at += length


def samples(batch):
    alias, time = 0, batch.base_ms
    qualities = [bits for count, bits in zip(batch.quality_runs[::2], batch.quality_runs[1::2]) for _ in range(count)]
    mantissas, floats, doubles = iter(batch.mantissas), iter(batch.floats), iter(batch.doubles)
    values = []
    for count, form in zip(batch.value_runs[::2], batch.value_runs[1::2]):
        for _ in range(count):
            if form == 16:
                values.append(math.nan)
            elif form == 32:
                values.append(next(floats))
            elif form == 64:
                values.append(next(doubles))
            else:
                values.append(next(mantissas) / 10**form)
    found = []
    for i, (alias_delta, time_delta) in enumerate(zip(batch.alias_deltas, batch.time_deltas)):
        alias, time = (alias + alias_delta) % 2**32, time + time_delta
        found.append({"alias": alias, "time_ms": time, "value": "NaN" if math.isnan(values[i]) else values[i],
                      "quality": qualities[i] if qualities else 0})
    return found


def check(name, found, wanted):
    ok = found == wanted
    print(json.dumps({"check": name, "ok": ok, "detail": "" if ok else f"{found} instead of {wanted}"}))


def main():
    folder, descriptor_set = sys.argv[1:]
    expected = json.loads(pathlib.Path(folder, "expected.json").read_text())
    envelope = envelope_class(descriptor_set)
    messages = [envelope.FromString(data) for data in delimited(pathlib.Path(folder, "stream.pb").read_bytes())]
    catalog, batch = messages[0].catalog, messages[1].batch
    check("site", catalog.site_name, expected["site_name"])
    check("points", [{"alias": p.alias, "mrid": str(uuid.UUID(bytes=p.mrid)), "path": p.path, "unit": p.unit,
                      "phase": p.phase} for p in catalog.points], expected["points"])
    check("samples", samples(batch), expected["samples"])
    check("texts", [{"alias": t.alias, "text": t.text.decode()} for t in batch.texts], expected["texts"])


main()
