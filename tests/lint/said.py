#!/usr/bin/env python3
"""Holds what the gateway says to people against the texts of the dashboard: events, problems, remedies, findings in a configuration,
staged tests, and what is known of devices (the caveats of profiles).

Each sentence of the sources has its form, with names in its places, and its translation in web/src/lib/texts/said/; what is not
there would be English among German. Every source speaks to people unless SILENT says to whom else, so that a new one is not missed.
"""

import pathlib
import re
import sys

import reasons
from reasons import LITERAL, ROOT, call_at, matcher

SAID = pathlib.Path("web/src/lib/texts/said")

# Sources whose words are not seen in the dashboard, with the reason. A folder ends with "/".
SILENT = {
    "gateway/commands/": "the command line, which is in English",
    "gateway/control_door.cpp": "the command line",
    "gateway/drill_plan.cpp": "the command line: interwatt drill",
    "gateway/fail_safe_plan.cpp": "the command line: interwatt drill",
    "gateway/live_table.cpp": "the command line: interwatt tail",
    "gateway/plot.cpp": "the command line: interwatt query",
    "gateway/event_table.cpp": "the command line: interwatt events",
    "historian/inspection.cpp": "the command line: interwatt historian",
    "config/shape.cpp": "the documentation",
    "control/arbiter.cpp": "ruling() in web/src/lib/reasons.ts",
    "model/quantity.cpp": "names of quantities in other standards",
    "protocols/modbus/pdu.cpp": "words of the standard for frames",
    "protocols/sunspec/tables_inverter.cpp": "units, in words of the standard",
    "protocols/sunspec/image.cpp": "simulated devices",
    "protocols/bacnet/profile_writing.cpp": "a file that is proposed",
    "protocols/bacnet/server/device.hpp": "objects of our BACnet device",
    "protocols/bacnet/server/server.cpp": "objects of our BACnet device",
    "bms/settings.cpp": "objects of our BACnet device",
    "bms/site_alarms.cpp": "objects of our BACnet device",
    "bms/site_device.cpp": "objects of our BACnet device",
    "importers/": "the command line: interwatt import",
    "transfer/": "the command line: interwatt export, interwatt historian import",
    "formats/": "other programs, and the command line where it reads them",
    "gateway/metrics.cpp": "Prometheus",
    "program/": "the command line",
    "sim/": "simulated devices",
    "io/world/": "tests",
    "io/testing/": "tests",
    "protocols/bacnet/explain.cpp": "words of the standard for frames",
    "protocols/modbus/explain.cpp": "words of the standard for frames",
    "protocols/modbus/pdu_request.cpp": "words of the standard for frames",
    "wire/http/message.cpp": "status lines of HTTP",
}
# For machines: SQL, headers, names of files.
NOT_FOR_PEOPLE = re.compile(
    r"SELECT|INSERT |DELETE FROM|PRAGMA|VACUUM|BEGIN |ORDER BY|IS (NOT )?NULL|[=<>!]+ \?|cleared_by != |^NOT |asset_mrid|instr\(|"
    r"CREATE |ALTER |UPDATE |DROP |HttpOnly|max-age|default-src|camera=|Precondition Required|charset=|^HTTP/1|"
    # keys and examples of addresses; titles of schemas; what stands behind the register of a point
    r"^api: tls$|^(?:modbus|bacnet)://\S+\?|^Interwatt (?:site configuration|device profile)|^, (?:revert|heartbeat|then|held|enabled)"
)
# For the log, which is in English.
LOGGED = re.compile(r"\blog\w*(?:\(\))?(?:\.|->)\w+\([^;]*$")
# Of a format, in which "{{" is a brace; "{enabled: true}" is text.
PLACE = re.compile(r"(?<!\{)\{\w*(?::(?:%[^}]*|[^ }]*))?\}(?!\})")
# What a key of the configuration is for: in the documentation; only what is required is asked for in a finding. What controllers say
# has a lint of its own (reasons.py).
ELSEWHERE = re.compile(r"\.optional\(|\b(?:say|tell)\(")
COMMENT = re.compile(rf"{LITERAL}|R\"\(.*?\)\"|//[^\n]*|^\s*#include[^\n]*|\bstatic_assert\([^;]*;", re.S | re.M)


def plain(source):
    """The source without comments, characters and raw strings."""
    source = re.sub(r"'\\?\"'", "' '", source)
    source = COMMENT.sub(lambda found: found.group() if found.group().startswith('"') else "", source)
    kept, at = [], 0
    for call in ELSEWHERE.finditer(source):
        if call.start() < at:
            continue
        kept.append(source[at:call.end()])
        at = call.end() + len(call_at(source, call.end()))
    return "".join(kept) + source[at:]


def sentences(path):
    """Each text of the source that is more than a word."""
    source = plain(path.read_text(encoding="utf-8"))
    for parts in re.finditer(rf"{LITERAL}(?:\s*{LITERAL})*", source):
        sentence = "".join(part[1:-1] for part in re.findall(LITERAL, parts.group()))
        sentence = sentence.replace('\\"', '"').replace("\\n", "").strip()
        words = PLACE.sub("", sentence)
        if len(re.findall(r"[A-Za-z]{2,}", words)) < 2 or " " not in words.strip() or NOT_FOR_PEOPLE.search(sentence):
            continue
        if not LOGGED.search(source[max(0, parts.start() - 120):parts.start()]):
            yield sentence


def caveats(path):
    """What a profile warns of. Its texts stand in one line, plain or in double quotes, or folded behind ">-"."""
    text = path.read_text(encoding="utf-8")
    block = re.search(r"^caveats:\n((?:[ -].*\n)+)", text, flags=re.M)
    for one in re.finditer(r"text: (?:>-\n((?:      .*\n)+)|\"((?:[^\"\\]|\\.)*)\"|(.*))", block.group(1) if block else ""):
        yield " ".join((one.group(1) or one.group(2) or one.group(3)).split())


def is_silent(name):
    return "/testing/" in name or name.endswith(("_test.cpp", "_test.hpp")) or any(
        name.startswith(one) if one.endswith("/") else name == one for one in SILENT)


def said_by(root):
    """(file, sentence) of all sources and profiles."""
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        if not is_silent(path.relative_to(root / "src").as_posix()):
            yield from ((path.relative_to(root), one) for one in sentences(path))
    for path in sorted((root / "profiles").rglob("*.yaml")):
        yield from ((path.relative_to(root), one) for one in caveats(path))


def is_known(sentence, theirs, forms):
    """It is a form, a part of one, or stands with others around it; several may be said by one."""
    plain = PLACE.sub("X", sentence).replace("{{", "{").replace("}}", "}")
    ways = (plain, plain.replace("X", ""), f"X {plain}", f"X{plain}", f"{plain} X")
    if any(form.match(one) for form in forms for one in ways):
        return True
    says = re.compile(".+".join(re.escape(part) for part in re.split(r"X", plain)))
    return any(says.search(re.sub(r"\{\w+\??\}", "X", one)) for one in theirs)


def known(*paths):
    """The forms in texts, in the words of the gateway."""
    texts = "".join(path.read_text(encoding="utf-8") for path in paths)
    return [one.replace("\\'", "'") for one in re.findall(r"\['((?:[^'\\]|\\.)*)', '", texts)]


def wrong_in(root):
    theirs = known(*sorted((root / SAID).glob("*.ts")))
    yield from (f"{one}: twice in {SAID}" for one in sorted(set(theirs)) if theirs.count(one) > 1)
    theirs += known(reasons.TEXTS)
    forms = [matcher(one) for one in theirs]
    yield from (f"said.py: {one} is not there" for one in SILENT if not (root / "src" / one).exists())
    for path, sentence in said_by(root):
        if not is_known(sentence, theirs, forms):
            yield f'{path}: no translation of "{sentence}" in {SAID}'


def main():
    wrong = list(wrong_in(ROOT))
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
