// A jsmodbus server with the image: jsmodbus_server.mjs PORT

import net from 'node:net';
import jsmodbus from 'jsmodbus';
import * as image from './image.mjs';

function packBits(rule) {
  const packed = Buffer.alloc(image.bits / 8);
  for (let i = 0; i < image.bits; ++i) if (rule(i)) packed[i >> 3] |= 1 << (i & 7);
  return packed;
}

function packRegisters(rule) {
  const packed = Buffer.alloc(image.registers * 2);
  for (let i = 0; i < image.registers; ++i) packed.writeUInt16BE(rule(i), i * 2);
  return packed;
}

const listener = net.createServer();
const server = new jsmodbus.server.TCP(listener, {
  coils: packBits(image.coil),
  discrete: packBits(image.discreteInput),
  holding: packRegisters(image.holdingRegister),
  input: packRegisters(image.inputRegister),
});

// jsmodbus leaves identification to its user: which objects of the level, from which one on, as many as fit.
server.on('readDeviceIdentification', (request, reply) => {
  const { readDeviceIdCode: level, objectId } = request.body;
  const last = { 1: 2, 2: 6, 3: 0xff, 4: objectId }[level];
  const wanted = image.objects.filter((id) => id >= objectId && id <= last);
  const objects = [];
  let size = 0;
  for (const id of wanted) {
    const value = Buffer.from(image.objectText(id));
    size += 2 + value.length;
    if (size > 246) break;
    objects.push({ id, value });
  }
  const next = wanted[objects.length];
  const body = new jsmodbus.responses.ReadDeviceIdentificationResponseBody(
    level, 0x83, next === undefined ? 0 : 0xff, next ?? 0, objects);
  reply(jsmodbus.ModbusTCPResponse.fromRequest(request, body).createPayload());
});
listener.listen(Number(process.argv[2]), '127.0.0.1', () => image.ready(listener.address().port));
