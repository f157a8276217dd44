#!/usr/bin/env python3
"""Holds what the gateway says to people against the texts of the dashboard: events, problems, remedies, staged tests.

Each sentence in the sources below has its form, with names in its places, and its translation in web/src/lib/texts/said.ts;
what is not there would be English among German. What is configured, and findings in it, stay in the words of the file.
"""

import pathlib
import re
import sys

from reasons import LITERAL, ROOT, matcher

TEXTS = ROOT / "web/src/lib/texts/said.ts"

SOURCES = """
api/access_resources api/answers api/audit_resources api/body api/certificate_resources api/commissioning
api/commissioning_resources api/config_change api/config_resources api/control_resources api/device_editing_resources
api/device_resources api/device_rows api/doorkeeper api/dry_run api/dry_run_resources api/event_resources api/field_target
api/gatekeeper api/history_resources api/job_answers api/jobs api/live_resources api/pages api/parameters
api/request_resources api/site_resources api/system_resources api/tools api/tools_resources
base/nearest commissioning/arguments commissioning/bacnet_browse commissioning/bacnet_link commissioning/bacnet_trial
commissioning/link commissioning/readings commissioning/survey commissioning/trial
control/actuator control/claim_book control/rights driver/catalogue events/alarms events/event events/event_log
events/event_store gateway/certificate_files gateway/config_changes gateway/config_store gateway/config_versions
gateway/control_alarms gateway/control_desk gateway/control_desk_claims gateway/controlled_points gateway/controller_desk
gateway/device_edits gateway/field gateway/gateway gateway/time_span io/posix/errors io/posix/resolver io/posix/serial_port
io/tls/certificate io/tls/context io/tls/credentials io/tls/errors io/tls/stream model/fresh_value model/quality
protocols/bacnet/client protocols/bacnet/discovery_client protocols/bacnet/error protocols/bacnet/ip_link
protocols/bacnet/line protocols/bacnet/line_alarms protocols/bacnet/line_write protocols/bacnet/session protocols/bacnet/url
protocols/modbus/address protocols/modbus/client protocols/modbus/companion_write protocols/modbus/exception
protocols/modbus/line protocols/modbus/line_answers protocols/modbus/planned_line protocols/modbus/rtu_frame protocols/modbus/tcp_frame
protocols/modbus/value protocols/modbus/write protocols/sunspec/discovery protocols/sunspec/driver
security/access security/password
""".split()

# For machines: SQL, headers, names of files.
NOT_FOR_PEOPLE = re.compile(
    r"SELECT|INSERT |DELETE FROM|PRAGMA|ORDER BY|IS (NOT )?NULL|[=<>!]+ \?|cleared_by != |^NOT |asset_mrid|instr\(|"
    r"HttpOnly|max-age|default-src|camera=|Precondition Required"
)
# For the log, which is in English.
LOGGED = re.compile(r"\blog\w*(?:\(\))?(?:\.|->)\w+\([^;]*$")
# Of a format, in which "{{" is a brace; "{enabled: true}" is text.
PLACE = re.compile(r"(?<!\{)\{\w*(?::[^ }]*)?\}(?!\})")


def sentences(path):
    """Each text of the source that is more than a word."""
    source = re.sub(r"^\s*(?://|#include|static_assert).*$", "", path.read_text(encoding="utf-8"), flags=re.M)
    source = re.sub(r"'\\?\"'|R\"\(.*?\)\"", "' '", source, flags=re.S)
    for parts in re.finditer(rf"{LITERAL}(?:\s*{LITERAL})*", source):
        sentence = "".join(part[1:-1] for part in re.findall(LITERAL, parts.group()))
        sentence = sentence.replace('\\"', '"').replace("\\n", "").strip()
        words = PLACE.sub("", sentence)
        if len(re.findall(r"[A-Za-z]{2,}", words)) < 2 or " " not in words.strip() or NOT_FOR_PEOPLE.search(sentence):
            continue
        if not LOGGED.search(source[max(0, parts.start() - 120):parts.start()]):
            yield sentence


def is_known(sentence, theirs, forms):
    """It is a form, a part of one, or stands with others around it; several may be said by one."""
    plain = PLACE.sub("X", sentence).replace("{{", "{").replace("}}", "}")
    ways = (plain, plain.replace("X", ""), f"X {plain}", f"X{plain}", f"{plain}: X", f"{plain} X", f"X: {plain}")
    if any(form.match(one) for form in forms for one in ways):
        return True
    says = re.compile(".+".join(re.escape(part) for part in re.split(r"X", plain)))
    return any(says.search(re.sub(r"\{\w+\??\}", "X", one)) for one in theirs)


def main():
    text = TEXTS.read_text(encoding="utf-8")
    theirs = [one.replace("\\'", "'") for one in re.findall(r"\['((?:[^'\\]|\\.)*)', '", text)]
    forms = [matcher(one) for one in theirs]
    wrong = [f"{one}: twice in {TEXTS.name}" for one in sorted(set(theirs)) if theirs.count(one) > 1]
    total = 0
    for name in SOURCES:
        found = list(sentences(ROOT / "src" / f"{name}.cpp"))
        total += len(found)
        wrong += [
            f'{name}.cpp: no translation of "{one}" in {TEXTS.relative_to(ROOT)}' for one in found if not is_known(one, theirs, forms)
        ]
    if total < 300:
        wrong.append(f"said.py: only {total} sentences found: have the sources another form?")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
