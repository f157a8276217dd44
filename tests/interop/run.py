#!/usr/bin/env python3
"""Interop tests: Interwatt against Modbus, SunSpec and BACnet software that we did not write, both ways.

Needs our programs built (cmake --build BUILD --target interop). Sets the foreign software up in
build/interop, runs every case on loopback and on pseudo-terminals, prints a table, and writes docs/interop.md
when nothing was left out.
"""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bacnet_peers
import modbus_peers
import page
import sunspec_peers
import telemetry_peers
from cases import ROOT, Bench, Setups
from processes import Failed, NotRun

FAMILIES = (modbus_peers, sunspec_peers, bacnet_peers, telemetry_peers)


def set_up(setups, cases):
    """Sets up what the cases need; gives what did not work: {set-up: why}."""
    problems = {}

    def one(name):
        try:
            getattr(setups, name).set_up()
        except Failed as why:
            problems[name] = f"not run: {why}"

    needed = {name for case in cases for name in case.set_up.split()}
    if "mbpoll" in needed:
        needed.add("python")  # which drives it
    if any(case.transport == "tls" for case in cases):
        needed.add("certificates")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, sorted(needed)))
    return problems


def run_case(case, setups, problems):
    requires = case.set_up.split()
    if case.set_up == "mbpoll":
        requires.append("python")
    if case.transport == "tls":
        requires.append("certificates")
    case.problem = next((problems[name] for name in requires if name in problems), "")
    if case.problem:
        return
    try:
        case.version = getattr(setups, requires[0]).version(case.peer)
        case.checks = case.run()
    except NotRun as why:
        case.problem = f"not run: {why}"
    except (Failed, OSError, subprocess.CalledProcessError) as why:
        case.problem = f"failed: {why}"


def print_table(cases):
    rows = [[*case.row, f"{len(case.checks)} checks", case.outcome] for case in cases]
    widths = [max(len(line[i]) for line in rows) for i in range(6)]
    for line in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths)), line[6]]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--build-dir", type=Path, default=ROOT / "build/release", help="where our programs are built"
    )
    parser.add_argument(
        "--cache-dir", type=Path, default=ROOT / "build/interop", help="where the peers are set up"
    )
    parser.add_argument(
        "--only", metavar="PEER", help="only the cases of this peer; leaves docs/interop.md alone"
    )
    parser.add_argument(
        "--update", action="store_true", help="with --only: puts its rows into docs/interop.md"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="a peer that can not be set up is no failure"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON for each case, not a table")
    arguments = parser.parse_args()

    if not (arguments.build_dir / "tests/interop/modbus_exercise").exists():
        sys.exit(f"not built: cmake --build {arguments.build_dir} --target interop")
    cache = arguments.cache_dir.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    setups = Setups(cache)
    bench = Bench(arguments.build_dir.resolve(), cache, setups)
    all_cases = [case for family in FAMILIES for case in family.cases(bench)]
    cases = [case for case in all_cases if arguments.only in (None, case.peer)]
    if not cases:
        sys.exit(
            f"no peer {arguments.only}; there are: {', '.join(sorted({case.peer for case in all_cases}))}"
        )

    problems = set_up(setups, cases)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda case: run_case(case, setups, problems), cases))

    if arguments.json:
        for case in cases:
            print(
                json.dumps(
                    {
                        "peer": case.peer,
                        "version": case.version,
                        "direction": case.direction,
                        "transport": case.transport,
                        "passed": case.passed,
                        "problem": case.problem,
                        "checks": case.checks,
                    }
                )
            )
    else:
        print_table(cases)
    file = ROOT / "docs/interop.md"
    if (arguments.only is None or arguments.update) and not problems:
        file.write_text(page.page(all_cases, cases, file.read_text()))
    missing = [case for case in cases if case.problem.startswith("not run")]
    failed = [case for case in cases if not case.passed and case not in missing]
    return 1 if failed or (missing and not arguments.allow_missing) else 0


if __name__ == "__main__":
    sys.exit(main())
