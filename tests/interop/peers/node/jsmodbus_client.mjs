// jsmodbus asks a server with the image: jsmodbus_client.mjs tcp PORT

import net from 'node:net';
import { once } from 'node:events';
import jsmodbus from 'jsmodbus';
import * as image from './image.mjs';
import { expect, range } from './image.mjs';

const socket = net.connect(Number(process.argv[3]), '127.0.0.1');
const client = new jsmodbus.client.TCP(socket, image.unit, 2000);
await once(socket, 'connect');

async function expectException(asked, code) {
  try {
    await asked;
  } catch (error) {
    return expect(error.response?.body?.code, code, error.message);
  }
  throw new Error(`expected exception ${code}, got an answer`);
}

async function values(asked) {
  return Array.from((await asked).response.body.valuesAsArray);
}

async function readBits(read, rule) {
  for (const [first, count] of [[0, 1], [7, 13], [48, 2000]]) {
    const got = (await values(client[read](first, count))).slice(0, count).map(Boolean);
    expect(got, range(first, count, rule), `${count} bits from ${first}`);
  }
}

async function readRegisters(read, rule) {
  for (const [first, count] of [[0, 1], [5, 10], [875, 125]]) {
    const got = await values(client[read](first, count));
    expect(got, range(first, count, rule), `${count} registers from ${first}`);
  }
}

async function identification(level, first) {
  const objects = {};
  for (let next = first, more = true; more;) {
    const { body } = (await client.readDeviceIdentification(level, next)).response;
    for (const { id, value } of body.objects) objects[id] = value.toString();
    next = body.nextObjectId;
    more = body.moreFollows === 0xff;
  }
  return objects;
}

const texts = (ids) => Object.fromEntries(ids.map((id) => [id, image.objectText(id)]));

await image.run({
  read_coils: () => readBits('readCoils', image.coil),
  read_discrete_inputs: () => readBits('readDiscreteInputs', image.discreteInput),
  read_holding_registers: () => readRegisters('readHoldingRegisters', image.holdingRegister),
  read_input_registers: () => readRegisters('readInputRegisters', image.inputRegister),

  write_single_coil: async () => {
    for (const value of [true, false]) {
      await client.writeSingleCoil(10, value);
      expect((await values(client.readCoils(10, 1)))[0], Number(value), 'coil 10');
    }
  },
  write_single_register: async () => {
    for (const value of [0xbeef, 0]) {
      await client.writeSingleRegister(100, value);
      expect(await values(client.readHoldingRegisters(100, 1)), [value], 'register 100');
    }
  },
  write_multiple_coils: async () => {
    for (const count of [1, 9, 1968]) {
      const wanted = range(0, count, (i) => i % 7 === 0);
      await client.writeMultipleCoils(40, wanted);
      const got = (await values(client.readCoils(40, count))).slice(0, count).map(Boolean);
      expect(got, wanted, `${count} coils`);
    }
  },
  write_multiple_registers: async () => {
    // From 121 registers on jsmodbus 5.0.0 sends a wrong MBAP length.
    for (const count of [1, 2, 120]) {
      const wanted = range(0, count, (i) => (i * 257 + count) & 0xffff);
      await client.writeMultipleRegisters(200, wanted);
      expect(await values(client.readHoldingRegisters(200, count)), wanted, `${count} registers`);
    }
  },
  read_device_identification: async () => {
    expect(await identification(1, 0), texts([0, 1, 2]), 'objects of level 1');
    expect(await identification(2, 0), texts([0, 1, 2, 3, 4, 5, 6]), 'objects of level 2');
    expect(await identification(3, 0), texts(image.objects), 'objects of level 3');
    expect(await identification(4, 0x81), texts([0x81]), 'single object');
  },

  illegal_data_address: () => expectException(client.readHoldingRegisters(image.registers - 1, 2), 2),
  illegal_data_value: () => expectException(client.readHoldingRegisters(0, 126), 3),
});
socket.destroy();
