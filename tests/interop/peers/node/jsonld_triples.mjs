// How many triples jsonld.js finds in our JSON-LD, without a network and without dropping a term:
// {document: number} as JSON.
//
//   node jsonld_triples.mjs <folder> <context file>

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import jsonld from "jsonld";

const [folder, contextFile] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const iri = read(join(folder, "named.jsonld"))["@context"];

const documentLoader = async (url) => {
  if (url !== iri) throw new Error(`${url} was to be fetched`);
  return { contextUrl: null, documentUrl: url, document: read(contextFile) };
};

const counts = {};
for (const name of readdirSync(folder).filter((name) => name.endsWith(".jsonld")).sort()) {
  const document = read(join(folder, name));
  await jsonld.expand(document, { documentLoader, safe: true });
  const quads = await jsonld.toRDF(document, { documentLoader, safe: true });
  counts[basename(name, ".jsonld")] = quads.length;
}
console.log(JSON.stringify(counts));
