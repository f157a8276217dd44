// A simulated site with its gateway, as long as the tests last.

import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export async function startDemo(binary) {
  const folder = mkdtempSync(join(tmpdir(), 'interwatt-web-'));
  const demo = spawn(binary, ['demo', '--seconds', '600', '--day', '30'], {cwd: folder, stdio: ['ignore', 'pipe', 'pipe']});
  let said = '';
  const url = await new Promise((found, lost) => {
    const look = (bytes) => {
      said += bytes;
      const address = /https?:\/\/[\d.]+:\d+\//.exec(said);
      if (address) found(address[0]);
    };
    demo.stdout.on('data', look);
    demo.stderr.on('data', look);
    demo.on('exit', (code) => lost(new Error(`the demo ended with ${code}: ${said}`)));
    setTimeout(() => lost(new Error(`the demo names no address: ${said}`)), 20_000).unref();
  });
  return {
    url,
    // As a gateway whose machine hangs: nothing is closed, nothing is answered.
    freeze: () => demo.kill('SIGSTOP'),
    thaw: () => demo.kill('SIGCONT'),
    stop: () =>
      new Promise((ended) => {
        demo.removeAllListeners('exit');
        demo.on('exit', () => {
          rmSync(folder, {recursive: true, force: true});
          ended();
        });
        demo.kill('SIGTERM');
      }),
  };
}
