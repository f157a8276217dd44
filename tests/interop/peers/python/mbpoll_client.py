"""mbpoll asks a server with the image: mbpoll_client.py TRANSPORT WHERE

TRANSPORT is tcp (WHERE: a port) or serial (WHERE: a device). mbpoll is a program: each question is one run.
"""

import re
import subprocess
import sys

import image
from image import expect

COILS, DISCRETE_INPUTS, INPUT_REGISTERS, HOLDING_REGISTERS = "0", "1", "3", "4"


class Mbpoll:
    def __init__(self, transport, where):
        mode = (
            ["-m", "tcp", "-p", where] if transport == "tcp" else ["-m", "rtu", "-b", "19200", "-P", "none"]
        )
        self.command = ["mbpoll", *mode, "-a", str(image.UNIT), "-0", "-1", "-o", "2"]
        self.target = "127.0.0.1" if transport == "tcp" else where

    def ask(self, table, first, *count, write=()):
        done = subprocess.run(
            [*self.command, "-t", table, "-r", str(first), *count, self.target, *write],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=10,
        )
        return done.stdout + done.stderr

    def read(self, table, first, count):
        said = self.ask(table, first, "-c", str(count))
        values = re.findall(r"^\[\d+\]:\s+(\d+)", said, re.MULTILINE)
        if not values:
            raise AssertionError(said.strip().splitlines()[-1])
        return [int(value) for value in values]

    def write(self, table, first, values):
        said = self.ask(table, first, write=[str(value) for value in values])
        if not re.search(r"Written \d+ references", said):
            raise AssertionError(said.strip().splitlines()[-1])


def checks(mbpoll):
    def reads(table, rule, parts):
        for first, count in parts:
            wanted = [int(rule(i)) for i in range(first, first + count)]
            expect(mbpoll.read(table, first, count), wanted, f"{count} from {first}")

    def writes(table, first, values):
        mbpoll.write(table, first, values)
        expect(mbpoll.read(table, first, len(values)), values, f"{len(values)} written at {first}")

    def illegal_data_address():
        said = mbpoll.ask(HOLDING_REGISTERS, image.REGISTERS - 1, "-c", "2")
        if "Illegal data address" not in said:
            raise AssertionError(said.strip().splitlines()[-1])

    # mbpoll reads at most 125 at a time, of bits too.
    bits = ((0, 1), (7, 13), (48, 125))
    registers = ((0, 1), (5, 10), (875, 125))
    return {
        "read_coils": lambda: reads(COILS, image.coil, bits),
        "read_discrete_inputs": lambda: reads(DISCRETE_INPUTS, image.discrete_input, bits),
        "read_holding_registers": lambda: reads(HOLDING_REGISTERS, image.holding_register, registers),
        "read_input_registers": lambda: reads(INPUT_REGISTERS, image.input_register, registers),
        "write_single_coil": lambda: writes(COILS, 10, [1]),
        "write_single_register": lambda: writes(HOLDING_REGISTERS, 100, [0xBEEF]),
        "write_multiple_coils": lambda: writes(COILS, 40, [int(i % 7 == 0) for i in range(20)]),
        "write_multiple_registers": lambda: writes(HOLDING_REGISTERS, 200, [i * 257 for i in range(123)]),
        "illegal_data_address": illegal_data_address,
    }


def main():
    for name, check in checks(Mbpoll(*sys.argv[1:3])).items():
        try:
            check()
            image.report(name, True)
        except Exception as why:  # whatever it is, it is the result of this check
            image.report(name, False, f"{type(why).__name__}: {why}")


if __name__ == "__main__":
    main()
