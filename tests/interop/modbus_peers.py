"""Modbus: foreign servers that our client asks, foreign clients that ask our server."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cases import Case
from processes import OurServer, SerialLine, Server, free_port, run_checks

# What docs/interop.md calls a check: the function, or the exception.
SHORT = {
    "read_coils": "1",
    "read_discrete_inputs": "2",
    "read_holding_registers": "3",
    "read_input_registers": "4",
    "write_single_coil": "5",
    "write_single_register": "6",
    "write_multiple_coils": "15",
    "write_multiple_registers": "16",
    "mask_write_register": "22",
    "read_write_multiple_registers": "23",
    "read_device_identification": "43/14",
    "extended_identification": "43/14 extended",
    "illegal_function": "exception 01",
    "illegal_data_address": "exception 02",
    "illegal_data_address_of_write": "exception 02 of a write",
    "illegal_data_value": "exception 03",
    "device_busy": "exception 06",
    "byte_by_byte": "a reply byte by byte",
    "wrong_transaction": "the reply to another question",
    "late_reply": "a late reply, then 20 right reads",
}
BASIC = list(SHORT)[:8]
ALL = [
    *BASIC,
    "mask_write_register",
    "read_write_multiple_registers",
    "read_device_identification",
    "illegal_data_address",
    "illegal_data_address_of_write",
    "illegal_data_value",
]


SCHEMES = {"tcp": "modbus", "tls": "modbus+tls", "rtu_over_tcp": "modbus+rtu"}


@dataclass(frozen=True)
class Program:
    """A foreign server or client: one set-up, one or more transports."""

    peer: str
    language: str
    set_up: str  # attribute of Setups
    transports: str
    command: Callable  # (setups, transport, where) -> list
    checks: list = field(default_factory=list)  # of a server: what it can be asked


SERVERS = [
    Program(
        "pymodbus",
        "Python",
        "python",
        "tcp tls rtu_over_tcp serial",
        lambda s, t, w: s.python.command("pymodbus_server.py", t, w),
        ALL,
    ),
    Program(
        "modbus-serial",
        "JavaScript",
        "node",
        "tcp",
        lambda s, t, w: s.node.command("modbus_serial_server.mjs", w),
        [*BASIC, "extended_identification", "illegal_data_address", "illegal_data_value"],
    ),
    Program(
        "jsmodbus",
        "JavaScript",
        "node",
        "tcp",
        lambda s, t, w: s.node.command("jsmodbus_server.mjs", w),
        [*BASIC, "read_device_identification", "illegal_data_address_of_write"],
    ),
    Program(
        "tokio-modbus",
        "Rust",
        "rust",
        "tcp rtu_over_tcp",
        lambda s, t, w: s.rust.command("server", t, w),
        ALL,
    ),
    Program(
        "j2mod",
        "Java",
        "java",
        "tcp rtu_over_tcp",
        lambda s, t, w: s.java.command("Server", t, w),
        [
            *BASIC,
            "mask_write_register",
            "read_write_multiple_registers",
            "illegal_function",
            "illegal_data_address",
            "illegal_data_address_of_write",
        ],
    ),
]

CLIENTS = [
    Program(
        "pymodbus",
        "Python",
        "python",
        "tcp tls rtu_over_tcp serial",
        lambda s, t, w: s.python.command("pymodbus_client.py", t, w),
    ),
    Program(
        "modbus-serial",
        "JavaScript",
        "node",
        "tcp rtu_over_tcp",
        lambda s, t, w: s.node.command("modbus_serial_client.mjs", t, w),
    ),
    Program(
        "jsmodbus", "JavaScript", "node", "tcp", lambda s, t, w: s.node.command("jsmodbus_client.mjs", t, w)
    ),
    Program(
        "tokio-modbus", "Rust", "rust", "tcp rtu_over_tcp", lambda s, t, w: s.rust.command("client", t, w)
    ),
    Program("j2mod", "Java", "java", "tcp rtu_over_tcp", lambda s, t, w: s.java.command("Client", t, w)),
    Program(
        "mbpoll", "C", "mbpoll", "tcp serial", lambda s, t, w: s.mbpoll.command("mbpoll_client.py", t, w)
    ),
]


def secrets(bench, transport, name):
    return bench.setups.certificates.options(name) if transport == "tls" else []


def exercise(bench, url, transport, checks, timeout_ms):
    return run_checks(
        bench.ours(
            "modbus_exercise",
            url,
            "--checks",
            ",".join(checks),
            "--timeout-ms",
            str(timeout_ms),
            *secrets(bench, transport, "client"),
        )
    )


def ask_server(bench, command, transport, checks, unit=1, timeout_ms=2000, baud=19200):
    """Our client asks the server that command(where) starts."""
    if transport == "serial":
        with (
            SerialLine() as line,
            Server(command(line.devices[0]), {"PORT": "0", "TTY": line.devices[0]}),
        ):
            url = f"modbus+rtu://{line.devices[1]}?baud={baud}&parity=none&stop=1&unit={unit}"
            return exercise(bench, url, transport, checks, timeout_ms)
    port = str(free_port())
    with Server([*command(port), *secrets(bench, transport, "server")], {"PORT": port}):
        url = f"{SCHEMES[transport]}://127.0.0.1:{port}?unit={unit}"
        return exercise(bench, url, transport, checks, timeout_ms)


def ask_us(bench, command, transport):
    """The client that command(where) starts asks our server."""
    if transport == "serial":
        with SerialLine() as line, OurServer(bench.ours("modbus_served", "serial", line.devices[0])):
            return run_checks(command(line.devices[1]))
    with OurServer(
        bench.ours("modbus_served", transport, "0", *secrets(bench, transport, "server"))
    ) as server:
        return run_checks([*command(str(server.port)), *secrets(bench, transport, "client")])


def cases(bench):
    def bind(program, transport):
        return lambda where: program.command(bench.setups, transport, where)

    for program in SERVERS:
        for transport in program.transports.split():
            yield Case(
                program.peer,
                program.language,
                program.set_up,
                "our client, its server",
                transport,
                lambda p=program, t=transport: ask_server(bench, bind(p, t), t, p.checks),
            )
    for transport, unit, checks in (
        ("tcp", 255, ["device_busy", "byte_by_byte", "wrong_transaction", "late_reply"]),
        ("serial", 17, ["device_busy", "wrong_transaction", "late_reply"]),
    ):
        yield Case(
            "libmodbus",
            "C",
            "libmodbus",
            "our client, its server",
            transport,
            lambda t=transport, u=unit, c=checks: ask_server(
                bench,
                lambda _where: bench.setups.libmodbus.command(t),
                t,
                c,
                u,
                timeout_ms=300,
                baud=115200,
            ),
        )
    for program in CLIENTS:
        for transport in program.transports.split():
            yield Case(
                program.peer,
                program.language,
                program.set_up,
                "its client, our server",
                transport,
                lambda p=program, t=transport: ask_us(bench, bind(p, t), t),
            )
