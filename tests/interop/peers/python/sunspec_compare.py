"""Does pysunspec2 read the same in an image as we do? sunspec_compare.py IMAGES DECODED

IMAGES is what sunspec_images wrote, DECODED what sunspec_decode made of it, line by line. One line of JSON
for each model.
"""

import json
import math
import struct
import sys

import image
from sunspec2 import device

NUMBERS = ("int", "uint", "count", "acc", "enum", "sunssf", "float")


def points_of(group, prefix=""):
    """Yields (path, point); groups that repeat count from 1."""
    for name, point in group.points.items():
        yield prefix + name, point
    for name, part in group.groups.items():
        if isinstance(part, list):
            for number, repetition in enumerate(part, 1):
                yield from points_of(repetition, f"{prefix}{name}[{number}].")
        else:
            yield from points_of(part, f"{prefix}{name}.")


def as_text(point):
    """The value before scaling, as sunspec_decode writes it."""
    kind, value = point.pdef["type"], point.value
    if kind.startswith("bitfield"):
        return f"0x{value:0{4 * point.len}X}"
    if kind == "ipaddr":
        return ".".join(str(byte) for byte in value.to_bytes(4, "big"))
    if kind == "ipv6addr":
        digits = value.replace(":", "")
        return ":".join(f"{int(digits[i : i + 4], 16):x}" for i in range(0, 32, 4))
    if kind == "string":
        return value.rstrip(" ")
    return str(value)


def difference(point, ours):
    """What differs in one point; none: nothing."""
    kind = point.pdef["type"]
    if kind.startswith("acc") and ours["raw"] == "0":
        return None  # pysunspec2 takes 0 for "not accumulated" in mandatory points too
    if (point.value is not None) != ours["implemented"]:
        return f"pysunspec2 reads {point.value}, we read {ours['raw']} ({ours['implemented'] = })"
    if point.value is None:
        return None
    if not kind.startswith("float") and as_text(point) != ours["raw"]:
        return f"pysunspec2 reads {as_text(point)}, we read {ours['raw']}"
    if kind.startswith(NUMBERS) and not math.isclose(point.cvalue, ours["value"], rel_tol=1e-9):
        return f"pysunspec2 scales to {point.cvalue}, we to {ours['value']}"
    return None


def compare(filled, ours):
    registers = filled["registers"]
    data = struct.pack(f">{len(registers)}H", *registers)
    model = device.Model(registers[0], model_len=registers[1], data=data)
    if model.error_info:
        return model.error_info.strip()
    theirs = {
        path: point
        for path, point in points_of(model)
        if path not in ("ID", "L") and point.pdef["type"] != "pad"
    }
    missing = sorted(theirs.keys() - ours.keys())
    if missing:
        return f"we do not read {', '.join(missing[:5])}"
    for path, point in theirs.items():
        differs = difference(point, ours[path])
        if differs:
            return f"{path}: {differs}"
    return None


def main():
    results = {}
    with open(sys.argv[1], encoding="utf-8") as images, open(sys.argv[2], encoding="utf-8") as decoded:
        for filled, ours in zip(map(json.loads, images), map(json.loads, decoded), strict=True):
            differs = compare(filled, ours["points"])
            name = f"model_{filled['model']}"
            results.setdefault(name, [])
            if differs:
                results[name].append(f"{filled['case']}: {differs}")
    for name, found in results.items():
        image.report(name, not found, "; ".join(found))


if __name__ == "__main__":
    main()
