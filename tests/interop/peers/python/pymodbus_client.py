"""pymodbus asks a server with the image.

TRANSPORT is tcp, tls or rtu_over_tcp (WHERE: a port) or serial (WHERE: a device). One line of JSON for each
check.
"""

import argparse
import ssl

import image
from image import expect
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient, ModbusTcpClient, ModbusTlsClient
from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU


def connect(arguments):
    if arguments.transport == "serial":
        return ModbusSerialClient(arguments.where, baudrate=19200, timeout=2)
    port = int(arguments.where)
    if arguments.transport == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(arguments.ca)
        context.load_cert_chain(arguments.cert, arguments.key)
        context.check_hostname = False  # the blocking client of pymodbus does not say whom it expects
        return ModbusTlsClient("localhost", port=port, sslctx=context, timeout=5)
    framer = FramerType.RTU if arguments.transport == "rtu_over_tcp" else FramerType.SOCKET
    return ModbusTcpClient("127.0.0.1", port=port, framer=framer, timeout=2)


def answered(response):
    if response.isError():
        raise AssertionError(str(response))
    return response


def expect_exception(response, code):
    if not isinstance(response, ExceptionResponse) or response.exception_code != code:
        raise AssertionError(f"expected {code.name}, got {response}")


class Checks:
    def __init__(self, client):
        self.client = client

    def read_bits(self, ask, rule):
        for first, count in ((0, 1), (7, 13), (48, 2000)):
            got = answered(ask(first, count=count)).bits[:count]
            expect(got, [rule(i) for i in range(first, first + count)], f"{count} bits from {first}")

    def read_registers(self, ask, rule):
        for first, count in ((0, 1), (5, 10), (875, 125)):
            got = answered(ask(first, count=count)).registers
            expect(got, [rule(i) for i in range(first, first + count)], f"{count} registers from {first}")

    def read_coils(self):
        self.read_bits(self.client.read_coils, image.coil)

    def read_discrete_inputs(self):
        self.read_bits(self.client.read_discrete_inputs, image.discrete_input)

    def read_holding_registers(self):
        self.read_registers(self.client.read_holding_registers, image.holding_register)

    def read_input_registers(self):
        self.read_registers(self.client.read_input_registers, image.input_register)

    def write_single_coil(self):
        for value in (True, False):
            answered(self.client.write_coil(10, value))
            expect(answered(self.client.read_coils(10, count=1)).bits[0], value, "coil 10")

    def write_single_register(self):
        for value in (0xBEEF, 0):
            answered(self.client.write_register(100, value))
            expect(answered(self.client.read_holding_registers(100)).registers, [value], "register 100")

    def write_multiple_coils(self):
        for count in (1, 9, 1968):
            values = [i % 7 == 0 for i in range(count)]
            answered(self.client.write_coils(40, values))
            expect(answered(self.client.read_coils(40, count=count)).bits[:count], values, f"{count} coils")

    def write_multiple_registers(self):
        for count in (1, 2, 123):
            values = [(i * 257 + count) % 65536 for i in range(count)]
            answered(self.client.write_registers(200, values))
            got = answered(self.client.read_holding_registers(200, count=count)).registers
            expect(got, values, f"{count} registers")

    def mask_write_register(self):
        answered(self.client.write_register(110, 0x0012))
        answered(self.client.mask_write_register(address=110, and_mask=0x00F2, or_mask=0x0025))
        expect(answered(self.client.read_holding_registers(110)).registers, [0x0017], "register 110")

    def read_write_multiple_registers(self):
        values = [0x1000 + i for i in range(121)]
        response = answered(
            self.client.readwrite_registers(
                read_address=400, read_count=125, write_address=402, values=values
            )
        )
        wanted = [
            image.holding_register(400),
            image.holding_register(401),
            *values,
            image.holding_register(523),
            image.holding_register(524),
        ]
        expect(response.registers, wanted, "registers after the write")

    def read_device_identification(self):
        for level, wanted in ((1, range(3)), (2, range(7)), (3, image.OBJECTS)):
            objects, following = {}, 0
            while True:
                response = answered(self.client.read_device_information(read_code=level, object_id=following))
                objects |= response.information
                if not response.more_follows:
                    break
                following = response.next_object_id
            got = {i: text.decode() for i, text in objects.items()}
            expect(got, {i: image.object_text(i) for i in wanted}, f"objects of level {level}")
        single = answered(self.client.read_device_information(read_code=4, object_id=0x81))
        expect(single.information, {0x81: image.object_text(0x81).encode()}, "single object")

    def illegal_function(self):
        expect_exception(self.client.read_fifo_queue(address=0), ExcCodes.ILLEGAL_FUNCTION)

    def illegal_data_address(self):
        expect_exception(
            self.client.read_holding_registers(image.REGISTERS - 1, count=2), ExcCodes.ILLEGAL_ADDRESS
        )
        expect_exception(self.client.read_holding_registers(65535, count=2), ExcCodes.ILLEGAL_ADDRESS)

    def illegal_data_value(self):
        expect_exception(self.client.execute(False, TooManyRegisters(dev_id=1)), ExcCodes.ILLEGAL_VALUE)


class TooManyRegisters(ModbusPDU):
    """Read Holding Registers with a count that pymodbus itself would not send."""

    function_code = 3
    rtu_frame_size = 8

    def encode(self):
        return bytes([0, 0, 0, 126])


CHECKS = [
    name for name in vars(Checks) if not name.startswith("_") and name not in ("read_bits", "read_registers")
]


def main(arguments):
    client = connect(arguments)
    if not client.connect():
        image.report("connect", False, f"can not connect to {arguments.where}")
        return
    checks = Checks(client)
    for name in CHECKS:
        try:
            getattr(checks, name)()
            image.report(name, True)
        except Exception as why:  # whatever it is, it is the result of this check
            image.report(name, False, f"{type(why).__name__}: {why}")
    client.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transport", choices=["tcp", "tls", "rtu_over_tcp", "serial"])
    parser.add_argument("where")
    for name in ("cert", "key", "ca"):
        parser.add_argument(f"--{name}")
    main(parser.parse_args())
