// Compresses the built dashboard and writes it as C++: node pack.mjs <dist> <assets.cpp>
//
// The compressed files stand beside the C++ file and are embedded by it. Their names are hashes of their content, so that
// the C++ changes whenever one of them does.

import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, extname, join, relative} from 'node:path';
import {gzipSync} from 'node:zlib';

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
  const packed = gzipSync(readFileSync(path), {level: 9});
  const hash = createHash('sha256').update(packed).digest('hex').slice(0, 16);
  writeFileSync(join(folder, `${hash}.gz`), packed);
  const url = '/' + relative(dist, path);
  arrays.push(`constexpr unsigned char file_${i}[] = {\n#embed "packed/${hash}.gz"\n};`);
  rows.push(
    `    {.path = "${url}", .type = "${type}", .etag = "\\"${hash}\\"", ` +
      `.immutable = ${url.startsWith('/assets/')}, .gzip = text(file_${i})},`,
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
