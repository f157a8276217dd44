// Compresses the built dashboard and writes it as C++: node pack.mjs <dist> <assets.cpp>
//
// The compressed files, each as gzip and as Brotli, stand beside the C++ file and are embedded by it. Their names are hashes
// of their content, so that the C++ changes whenever one of them does.

import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, extname, join, relative} from 'node:path';
import {brotliCompressSync, gzipSync} from 'node:zlib';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const [dist, output] = process.argv.slice(2);
const files = readdirSync(dist, {recursive: true})
  .map((name) => join(dist, name))
  .filter((path) => statSync(path).isFile())
  .sort();

const folder = join(dirname(output), 'packed');
rmSync(folder, {recursive: true, force: true});
mkdirSync(folder, {recursive: true});

const arrays = [];
const rows = [];
for (const [i, path] of files.entries()) {
  const type = types[extname(path)];
  if (!type) throw new Error(`${path}: what type of media is ${extname(path)}? Add it to the table of pack.mjs.`);
  const content = readFileSync(path);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  for (const [ending, packed] of [['gz', gzipSync(content, {level: 9})], ['br', brotliCompressSync(content)]]) {
    writeFileSync(join(folder, `${hash}.${ending}`), packed);
    arrays.push(`constexpr unsigned char ${ending}_${i}[] = {\n#embed "packed/${hash}.${ending}"\n};`);
  }
  const url = '/' + relative(dist, path);
  rows.push(
    `    {.path = "${url}", .type = "${type}", .etag = "W/\\"${hash}\\"", ` +
      `.immutable = ${url.startsWith('/assets/')}, .gzip = text(gz_${i}), .brotli = text(br_${i})},`,
  );
}

writeFileSync(
  output,
  `// Written by web/pack.mjs.
#include <array>

#include "dashboard/assets.hpp"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed

namespace iw::dashboard {
namespace {

${arrays.join('\n')}

template <std::size_t Size>
std::string_view text(const unsigned char (&file)[Size]) {
  return {reinterpret_cast<const char*>(file), Size};
}

}  // namespace

std::span<const Asset> assets() {
  static const std::array<Asset, ${rows.length}> all{{
${rows.join('\n')}
  }};
  return all;
}

}  // namespace iw::dashboard
`,
);
