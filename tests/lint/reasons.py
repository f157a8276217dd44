#!/usr/bin/env python3
"""Holds the sentences of the controllers against the texts of the dashboard: each has a translation.

A controller says why by say(decision, code, "a sentence with {} places", ...). The same sentence, with names in its places, is in
web/src/lib/texts/reasons.ts; what is not there would be English among German.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXTS = ROOT / "web/src/lib/texts/reasons.ts"
CONTROLLERS = ROOT / "src/control/controllers"

LITERAL = r'"(?:[^"\\]|\\.)*"'
CALL = re.compile(r"\b(?:say|tell)\(")


def call_at(text, start):
    """The arguments of a call whose parenthesis opens just before `start`; parentheses in texts do not count."""
    depth = 1
    for token in re.finditer(LITERAL + r"|[()]", text[start:]):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if depth == 0:
            return text[start:start + token.start()]
    return ""


def sentences():
    """(file, sentence) of each text in such a call that is more than a code or a word."""
    for path in sorted(CONTROLLERS.glob("*.cpp")):
        if path.stem.endswith("_test"):
            continue
        text = path.read_text(encoding="utf-8")
        for call in CALL.finditer(text):
            for parts in re.finditer(rf"{LITERAL}(?:\s*{LITERAL})*", call_at(text, call.end())):
                sentence = "".join(part[1:-1] for part in re.findall(LITERAL, parts.group()))
                if " " in re.sub(r"\{[^}]*\}", "", sentence).strip():
                    yield path.name, sentence


def matcher(form):
    """As the dashboard has it: web/src/lib/reasons.ts."""
    places = re.split(r"(\{\w+\??\})", form)
    parts = ((".*?" if "?" in part else ".+?") if i % 2 else re.escape(part) for i, part in enumerate(places))
    return re.compile("".join(parts) + r"\Z", re.S)


def main():
    forms = [matcher(theirs) for theirs in re.findall(r"\['((?:[^'\\]|\\.)*)', '", TEXTS.read_text(encoding="utf-8"))]

    def is_known(sentence):
        filled = re.sub(r"\{[^}]*\}", "X", sentence)
        # Some stand behind a name, before what is done, or behind it.
        return any(form.match(one) for form in forms for one in (filled, f"X {filled}", f"{filled}: X", f"X{filled}"))

    found = list(sentences())
    if len(found) < 20:
        print(f"reasons.py: only {len(found)} sentences found in {CONTROLLERS}: has say() another form?")
        return 1
    missing = [(name, one) for name, one in found if not is_known(one)]
    for name, one in missing:
        print(f"{name}: no translation of \"{one}\" in {TEXTS.relative_to(ROOT)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
