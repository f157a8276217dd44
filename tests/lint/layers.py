#!/usr/bin/env python3
"""Holds the source against the house rules that the compiler can not see.

1. A room includes only rooms that its CMakeLists.txt links (directly or through those it links).
2. Protocol codecs and sessions know no IO: only the files that wait (client, server, driver, line, write) may include io/ and
   bus/, besides plain values (endpoints, serial settings).
3. Nothing outside the real IO asks the operating system for time, bytes or chance.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

# Where the operating system may be asked; the rest goes through the interfaces of src/io.
REAL_IO = ("io/posix/", "io/tls/")

# What asking the operating system looks like.
FORBIDDEN = {
    r"\b(system|steady|high_resolution|utc|file)_clock::now": "ask an io::Clock",
    r"\bclock_gettime\b|\bgettimeofday\b|\btime\(nullptr\)|\btime\(NULL\)": "ask an io::Clock",
    r"\bsleep_for\(std::|\bthis_thread\b|\busleep\(|\bnanosleep\(": "await io::sleep_until",
    r"\bstd::j?thread\b|\bpthread_create\b|\bstd::async\b": "threads live in the real IO",
    r"\brandom_device\b|\bstd::mt19937|\bs?rand\(\)|\bgetrandom\b": "ask an io::Random",
    r"#include <(fstream|filesystem|sys/socket\.h|netinet/[^>]*|termios\.h|sys/epoll\.h|thread|random)>": "use src/io",
    r"\bstd::[io]?fstream\b|\bfopen\(|(?<![\w>])::(open|socket|connect|bind|recv|send)\(": "use io::Files or io::Network",
}

# Files of a protocol that may wait: all others are plain synchronous code.
WAITING = re.compile(r"(client|server|driver|line|write|catalogue)(_test)?\.(hpp|cpp)$|/testing/")
# Plain values of src/io that codecs and configurations may know.
IO_VALUES = {"io/endpoint.hpp", "io/serial.hpp"}


def rooms():
    """name -> (folder, linked names), from the iw_room() calls."""
    found = {}
    for cmake in SRC.rglob("CMakeLists.txt"):
        text = re.sub(r"#.*", "", cmake.read_text())
        for name, body in re.findall(r"iw_room\(\s*(\w+)([^)]*)\)", text):
            words = body.split()
            kind, links, test_links = None, [], []
            for word in words:
                if word in ("LINKS", "TEST_LINKS"):
                    kind = word
                elif kind == "LINKS":
                    links.append(word)
                elif kind == "TEST_LINKS":
                    test_links.append(word)
            found[name] = (cmake.parent.relative_to(SRC).as_posix(), links, test_links)
    return found


def reachable(name, all_rooms, seen=None):
    seen = set() if seen is None else seen
    if name in all_rooms and name not in seen:
        seen.add(name)
        for link in all_rooms[name][1]:
            reachable(link, all_rooms, seen)
    return seen


def room_of(path, all_rooms):
    """The room whose folder is the longest prefix of the path."""
    best = None
    for name, (folder, _, _) in all_rooms.items():
        if path.startswith(folder + "/") and (best is None or len(folder) > len(all_rooms[best][0])):
            best = name
    return best


def check(path, all_rooms):
    relative = path.relative_to(SRC).as_posix()
    room = room_of(relative, all_rooms)
    if room is None:
        return
    is_test = relative.endswith("_test.cpp") or relative.endswith("_test.hpp") or "/testing" in relative
    allowed = reachable(room, all_rooms)
    if is_test:
        for link in all_rooms[room][2] + ["base"]:
            allowed |= reachable(link, all_rooms)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"src/{relative}:{number}"
        include = re.match(r'\s*#include "([^"]+)"', line)
        if include:
            target = include.group(1)
            target_room = room_of(target, all_rooms)
            if target_room is not None and target_room not in allowed:
                yield f"{where}: room '{room}' may not include '{target}': add '{target_room}' to its LINKS, or do without"
            waits = target.startswith(("io/", "bus/")) and target not in IO_VALUES
            if relative.startswith("protocols/") and waits and not is_test and not WAITING.search(relative):
                yield f"{where}: a codec or session may not include '{target}'"
        if relative.startswith(REAL_IO):
            continue
        code = line.split("//")[0]
        for pattern, remedy in FORBIDDEN.items():
            if re.search(pattern, code) and not (is_test and relative.startswith("io/")):
                yield f"{where}: {code.strip()}: {remedy}"


def main():
    all_rooms = rooms()
    findings = []
    for path in sorted(SRC.rglob("*.[ch]pp")):
        findings += check(path, all_rooms)
    print("\n".join(findings))
    print(f"{len(findings)} findings in {len(all_rooms)} rooms", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
