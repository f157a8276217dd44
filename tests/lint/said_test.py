#!/usr/bin/env python3
"""Proves that said.py misses nothing new: a tree is made, one source or text of it is changed, and it has to be found or not."""

import pathlib
import sys
import tempfile

import said


def tree(folder, sources, forms):
    for name, text in sources.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    texts = folder / said.SAID
    texts.mkdir(parents=True)
    rows = "".join("  ['" + one.replace("'", "\\'") + "', 'auf Deutsch'],\n" for one in forms)
    (texts / "all.ts").write_text(f"const forms = [\n{rows}];\n")
    return folder


# What is in the tree, which forms are known, and what has no translation.
CASES = {
    "a room that nobody has heard of": (
        {"src/room/sub/thing.cpp": 'return fail("the frobnicator is missing", "buy one");'}, [], ["the frobnicator is missing", "buy one"]),
    "a sentence that has its form": (
        {"src/room/thing.cpp": 'fail(fmt::format("there is no {} called \'{}\'", kind, name));'}, ["there is no {kind} called '{name}'"], []),
    "a form that lost its place": (
        {"src/room/thing.cpp": 'fail(fmt::format("there is no {} here", kind));'}, ["there is no thing"], ["there is no {} here"]),
    "a sentence only known behind a name": ({"src/room/thing.cpp": 'fail("expected a list");'}, ["{field}: expected {what}"], ["expected a list"]),
    "a sentence in two literals": ({"src/room/thing.cpp": 'fail("it is "\n     "too long");'}, ["it is too long"], []),
    "a comment": ({"src/room/thing.cpp": 'int a = 1;  // "it is too long"\n'}, [], []),
    "a sentence behind a comment with a quote": (
        {"src/room/thing.cpp": "a();  // don't\nfail(\"it is too long\");"}, [], ["it is too long"]),
    "a log": ({"src/room/thing.cpp": 'log.info("it has begun", 1);'}, [], []),
    "a test": ({"src/room/thing_test.cpp": 'fail("it is too long");', "src/room/testing/thing.cpp": 'fail("it is too long");'}, [], []),
    "the command line": ({"src/gateway/commands/thing.cpp": 'fail("it is too long");'}, [], []),
    "a key that may be left out": ({"src/room/thing.cpp": '.optional("key", &T::key, text(), "what it is (for)").required("b", &T::b, text(), "how long it is")'},
                                   [], ["how long it is"]),
    "a caveat": ({"profiles/maker/model.yaml": 'profile: maker/model\ncaveats:\n  - text: "Mind the: gap."\n  - text: Mind the step.\n    link: x\npoints:\n  - {text: no caveat at all}\n'},
                 ["Mind the step."], ["Mind the: gap."]),
    "a caveat in several lines": ({"profiles/maker/model.yaml": "caveats:\n  - text: >-\n      Mind the gap, and\n      the step.\n  - text: Mind it.\n"},
                                  ["Mind it."], ["Mind the gap, and the step."]),
    "a form that begins with a brace": ({"src/room/thing.cpp": 'fail("it is too long");'}, ["{} stands for the first *"], ["it is too long"]),
    "a form that is there twice": ({}, ["it is too long", "it is too long"], ["twice"]),
}


def main():
    wrong = []
    for title, (sources, forms, expected) in CASES.items():
        with tempfile.TemporaryDirectory() as name:
            found = [one for one in said.wrong_in(tree(pathlib.Path(name), sources, forms)) if not one.endswith("is not there")]
        if len(found) != len(expected) or not all(one in text for one, text in zip(expected, found)):
            wrong.append(f"{title}: {found}, expected {expected}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
