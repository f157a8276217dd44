// The register image that every server of the interop tests holds (README.md, "The image").

export const unit = 1;
export const bits = 2048;
export const registers = 1000;
export const limited = 900; // a holding register that takes at most `limit`
export const limit = 1000;
export const objects = [0, 1, 2, 3, 4, 5, 6, 0x80, 0x81, 0x82];

export const coil = (i) => i % 3 === 0;
export const discreteInput = (i) => i % 5 === 0;
export const holdingRegister = (i) => (i * 7 + 3) & 0xffff;
export const inputRegister = (i) => (i * 11 + 5) & 0xffff;

// Private objects are long, so that all of them take more than one response.
export const objectText = (id) =>
  id < 0x80 ? `object ${id}` : String.fromCharCode(65 + id - 0x80).repeat(100);

// rule(first), rule(first + 1), ...
export const range = (first, count, rule) => Array.from({ length: count }, (_, i) => rule(first + i));

// A server: says where it listens, ends when stdin closes.
export function ready(port) {
  console.log(`READY ${port}`);
  process.stdin.on('end', () => process.exit(0)).resume();
}

export function expect(got, wanted, what) {
  const [g, w] = [got, wanted].map((value) => JSON.stringify(value) ?? 'nothing');
  if (g !== w) throw new Error(`${what}: expected ${w.slice(0, 60)}, got ${g.slice(0, 60)}`);
}

// A client: runs the checks one after the other, one line of JSON each.
export async function run(checks) {
  for (const [check, body] of Object.entries(checks)) {
    let detail = '';
    try {
      await body();
    } catch (error) {
      detail = String(error?.message ?? error?.err ?? error) || 'failed';
    }
    console.log(JSON.stringify({ check, ok: detail === '', detail }));
  }
}
