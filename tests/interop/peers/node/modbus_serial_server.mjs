// A modbus-serial server (ServerTCP) with the image: modbus_serial_server.mjs PORT

import modbusSerial from 'modbus-serial';
import * as image from './image.mjs';

const { ServerTCP } = modbusSerial;
const illegalAddress = { modbusErrorCode: 2 };
const illegalValue = { modbusErrorCode: 3 };

const tables = {
  coils: image.range(0, image.bits, image.coil),
  discreteInputs: image.range(0, image.bits, image.discreteInput),
  holdingRegisters: image.range(0, image.registers, image.holdingRegister),
  inputRegisters: image.range(0, image.registers, image.inputRegister),
};

function read(table, address) {
  if (address >= table.length) throw illegalAddress;
  return table[address];
}

function write(table, address, value) {
  if (address >= table.length) throw illegalAddress;
  const isLimited = table === tables.holdingRegisters && address === image.limited;
  if (isLimited && value > image.limit) throw illegalValue;
  table[address] = value;
}

const server = new ServerTCP(
  {
    getCoil: (address) => read(tables.coils, address),
    getDiscreteInput: (address) => read(tables.discreteInputs, address),
    getHoldingRegister: (address) => read(tables.holdingRegisters, address),
    getInputRegister: (address) => read(tables.inputRegisters, address),
    setCoil: (address, value) => write(tables.coils, address, value),
    setRegister: (address, value) => write(tables.holdingRegisters, address, value),
    readDeviceIdentification: () => Object.fromEntries(image.objects.map((id) => [id, image.objectText(id)])),
  },
  // To modbus-serial, port 0 is the default port.
  { host: '127.0.0.1', port: Number(process.argv[2]), unitID: image.unit },
);
server.on('initialized', () => image.ready(server._server.address().port));
