"""A pymodbus server with the image.

TRANSPORT is tcp, tls or rtu_over_tcp (WHERE: a port, 0 for any) or serial (WHERE: a device).
"""

import argparse
import asyncio
import ssl

import image
from pymodbus import FramerType, ModbusDeviceIdentification
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer
from pymodbus.simulator import DataType, SimData, SimDevice

WRITES_REGISTERS = (6, 16, 22, 23)


async def refuse_above_limit(function, _start, address, _count, _registers, values):
    if function in WRITES_REGISTERS and values is not None:
        at = image.LIMITED - address
        if 0 <= at < len(values) and values[at] > image.LIMIT:
            return ExcCodes.ILLEGAL_VALUE
    return None


def bits(rule):
    return [SimData(0, values=[rule(i) for i in range(image.BITS)], datatype=DataType.BITS)]


def registers(rule):
    return [SimData(0, values=[rule(i) for i in range(image.REGISTERS)], datatype=DataType.UINT16)]


def device():
    tables = (
        bits(image.coil),
        bits(image.discrete_input),
        registers(image.holding_register),
        registers(image.input_register),
    )
    return SimDevice(image.UNIT, simdata=tables, action=refuse_above_limit)


def tls_context(arguments):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.cert, arguments.key)
    context.load_verify_locations(arguments.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def server(arguments):
    identity = ModbusDeviceIdentification(info={i: image.object_text(i) for i in image.OBJECTS})
    if arguments.transport == "serial":
        return ModbusSerialServer(device(), identity=identity, port=arguments.where, baudrate=19200)
    address = ("127.0.0.1", int(arguments.where))
    if arguments.transport == "tls":
        return ModbusTlsServer(device(), identity=identity, address=address, sslctx=tls_context(arguments))
    framer = FramerType.RTU if arguments.transport == "rtu_over_tcp" else FramerType.SOCKET
    return ModbusTcpServer(device(), identity=identity, address=address, framer=framer)


async def main(arguments):
    serving = server(arguments)
    await serving.serve_forever(background=True)
    is_serial = arguments.transport == "serial"
    image.ready(0 if is_serial else serving.transport.sockets[0].getsockname()[1])
    await asyncio.to_thread(image.until_stdin_closes)
    await serving.shutdown()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transport", choices=["tcp", "tls", "rtu_over_tcp", "serial"])
    parser.add_argument("where")
    for name in ("cert", "key", "ca"):
        parser.add_argument(f"--{name}")
    asyncio.run(main(parser.parse_args()))
