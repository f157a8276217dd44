#!/usr/bin/env python3
"""The system tests: every class of the *_tests.py beside this file, side by side, on one binary.

    run.py --binary build/release/src/program/interwatt [words of the tests wanted]
    run.py --binary build/release/src/program/interwatt --kills 1000 kill
"""

import argparse
import importlib
import pathlib
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import harness


class Report(unittest.TestResult):
    """Says every test in one line as it ends."""

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def say(self, mark, test):
        name = test.id().rpartition(".test_")[2].replace("_", " ")
        print(f"{mark} {time.monotonic() - self.started:5.1f} s  {name}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say("ok  ", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("FAIL", test)

    def addError(self, test, err):
        self.started = getattr(self, "started", time.monotonic())  # setUpClass comes before any start
        super().addError(test, err)
        self.say("FAIL", test)


def tests_in(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_in(test)
        else:
            yield test


def suites(words):
    """One suite a class: what the tests of a class share is theirs alone, so the classes need no order."""
    classes = {}
    for file in sorted(pathlib.Path(__file__).parent.glob("*_tests.py")):
        module = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(file.stem))
        for test in tests_in(module):
            if all(word in test.id() for word in words):
                classes.setdefault(type(test), unittest.TestSuite()).addTest(test)
    return list(classes.values())


def run(suite):
    report = Report()
    suite.run(report)
    return report


def main():
    parser = argparse.ArgumentParser(description="the system tests")
    parser.add_argument("--binary", type=pathlib.Path, required=True, help="the interwatt to test")
    parser.add_argument("--kills", type=int, default=harness.kills, help="of each crash test")
    parser.add_argument("--seed", type=int, default=harness.seed, help="of what the tests draw by chance")
    parser.add_argument("words", nargs="*", help="only tests with all of these in their name")
    arguments = parser.parse_args()
    harness.binary = arguments.binary.resolve(strict=True)
    harness.kills, harness.seed = arguments.kills, arguments.seed

    # Most of a test is waiting. All of them at once would be a storm at the start that leaves no gateway its time.
    with ThreadPoolExecutor(max_workers=16) as pool:
        reports = list(pool.map(run, suites(arguments.words)))
    failed = [problem for report in reports for problem in report.failures + report.errors]
    for test, trace in failed:
        print(f"\n{test.id()}\n{trace}")
    ran = sum(report.testsRun for report in reports)
    print(f"{ran} tests, {len(failed)} failed")
    return 0 if ran and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
