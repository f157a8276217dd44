// Programs that the tests look at, as long as the tests last: INTERWATT names the built program.

import {spawn, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const built = process.env.INTERWATT ?? new URL('../../build/release/src/program/interwatt', import.meta.url).pathname;

// A process, once it has said what it is waited for.
function start(folder, args, said) {
  const child = spawn(built, args, {cwd: folder, stdio: ['ignore', 'pipe', 'pipe']});
  let text = '';
  const ready = new Promise((found, lost) => {
    const look = (bytes) => {
      text += bytes;
      const match = said.exec(text);
      if (match) found(match);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => lost(new Error(`interwatt ${args[0]} ended with ${code}: ${text}`)));
    setTimeout(() => lost(new Error(`interwatt ${args[0]} does not say ${said}: ${text}`)), 30_000).unref();
  });
  return {
    ready,
    kill: (signal) => child.kill(signal),
    stop: () =>
      new Promise((ended) => {
        child.removeAllListeners('exit');
        if (child.exitCode !== null) return ended();
        child.on('exit', ended);
        child.kill('SIGTERM');
      }),
  };
}

// A simulated site with its gateway, which lets everybody in.
export async function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), 'interwatt-web-'));
  const demo = start(folder, ['demo', '--seconds', '900', '--day', '30'], /https?:\/\/[\d.]+:\d+\//);
  const [url] = await demo.ready;
  return {
    url,
    // As a gateway whose machine hangs: nothing is closed, nothing is answered.
    freeze: () => demo.kill('SIGSTOP'),
    thaw: () => demo.kill('SIGCONT'),
    stop: async () => {
      await demo.stop();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => found(port));
    });
  });

export const password = 'a quiet river';

// A certificate for these hosts, and its key: NAME.pem and NAME.key in the folder.
export function certificate(folder, name, ...hosts) {
  const files = ['--certificate', join(folder, `${name}.pem`), '--key', join(folder, `${name}.key`)];
  const made = spawnSync(built, ['cert', ...hosts, ...files]);
  if (made.status !== 0) throw new Error(`cert: ${made.stderr}`);
}

// A gateway with one simulated inverter that may be controlled, and with users of these names and roles. `extra`: more
// devices, and other sections, in which FOLDER is its folder; `prepare` puts there what they need.
export async function startGateway(users, extra = '', prepare = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'interwatt-web-'));
  prepare(folder);
  const device = await freePort();
  const port = await freePort();
  const config = join(folder, 'interwatt.yaml');
  writeFileSync(
    config,
    `site: {name: Test site}
data: ${folder}/data
rates: {normal: 1s, slow: 2s}
api: {listen: "127.0.0.1:${port}"}
control:
  enabled: true
  settle: 1s
  points: {pv/ActivePowerLimit: {min: 0, max: 10000, default: 9000}}
  rights: [{owner: dso, level: grid, points: ["*"]}]
devices:
  - {name: pv, connect: "modbus://127.0.0.1:${device}?unit=1", profile: huawei/sun2000}
${extra.replaceAll('FOLDER', folder)}`,
  );
  for (const [name, role] of Object.entries(users)) {
    const added = spawnSync(built, ['user', 'add', name, '--role', role, '-c', config], {cwd: folder, input: `${password}\n`});
    if (added.status !== 0) throw new Error(`user add ${name}: ${added.stderr}`);
  }
  const inverter = start(folder, ['simulate', 'huawei/sun2000', '--listen', `127.0.0.1:${device}`], / at modbus/);
  await inverter.ready;
  const gateway = start(folder, ['run', '-c', config], /pv is online/);
  await gateway.ready;
  return {
    url: `http://127.0.0.1:${port}/`,
    config,
    folder,
    device: `modbus://127.0.0.1:${device}?unit=1`,
    stop: async () => {
      await gateway.stop();
      await inverter.stop();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

// What `interwatt check` says of a site in a folder of its own, with one device of a profile of the site's.
export function check(connect, profile, text) {
  const folder = mkdtempSync(join(tmpdir(), 'interwatt-web-'));
  const [maker, model] = profile.split('/');
  mkdirSync(join(folder, 'profiles', maker), {recursive: true});
  writeFileSync(join(folder, 'profiles', maker, `${model}.yaml`), text);
  writeFileSync(join(folder, 'interwatt.yaml'), `profiles: profiles\ndevices:\n  - {name: meter, connect: "${connect}", profile: ${profile}}\n`);
  const {status, stdout, stderr} = spawnSync(built, ['check', 'interwatt.yaml'], {cwd: folder, encoding: 'utf8'});
  rmSync(folder, {recursive: true, force: true});
  return {status, says: stdout + stderr};
}

// A simulated device of a profile, and its address without the unit.
export async function simulate(profile) {
  const port = await freePort();
  const device = start(tmpdir(), ['simulate', profile, '--listen', `127.0.0.1:${port}`], / at modbus/);
  await device.ready;
  return {url: `modbus://127.0.0.1:${port}`, stop: device.stop};
}

// A simulated BACnet device, and its address with the instance.
export async function simulateBacnet(kind) {
  const device = start(tmpdir(), ['simulate', kind, '--listen', '127.0.0.1:0'], / at (bacnet:\S+)/);
  const [, url] = await device.ready;
  return {url, stop: device.stop};
}

// A gateway that was never started before, with nothing but its API.
export async function startEmptyGateway() {
  const folder = mkdtempSync(join(tmpdir(), 'interwatt-web-'));
  const port = await freePort();
  const config = join(folder, 'interwatt.yaml');
  writeFileSync(config, `# An empty site.\nsite:\n  name: Hall 3\nrates:\n  slow: 2s\napi:\n  listen: 127.0.0.1:${port}\n`);
  const gateway = start(folder, ['run', '-c', config], /with the code ([A-Z2-9-]+)/);
  const [, code] = await gateway.ready;
  return {
    url: `http://127.0.0.1:${port}/`,
    code,
    config: () => readFileSync(config, 'utf8'),
    stop: async () => {
      await gateway.stop();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}
