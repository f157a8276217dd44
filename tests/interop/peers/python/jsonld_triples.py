"""How many triples PyLD or rdflib finds in our JSON-LD, without a network: {document: number} as JSON.

    jsonld_triples.py pyld|rdflib <folder> <context file>

A document that names its context is given the file: by a loader (PyLD), or before parsing (rdflib).
"""

import json
import pathlib
import sys


def named_context(iri, context):
    def load(url, _options=None):
        if url != iri:
            raise RuntimeError(f"{url} was to be fetched")
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": context}

    return load


def by_pyld(document, iri, context):
    from pyld import jsonld

    jsonld.set_document_loader(named_context(iri, context))
    quads = jsonld.to_rdf(document, {"format": "application/n-quads"})
    return len([line for line in quads.splitlines() if line])


def by_rdflib(document, iri, context):
    import rdflib

    if document["@context"] == iri:
        document = {**document, "@context": context["@context"]}
    graph = rdflib.Graph()
    graph.parse(data=json.dumps(document), format="json-ld")
    return len(graph)


def main():
    peer, folder, context_file = sys.argv[1:]
    context = json.loads(pathlib.Path(context_file).read_text())
    iri = json.loads(pathlib.Path(folder, "named.jsonld").read_text())["@context"]
    count = {"pyld": by_pyld, "rdflib": by_rdflib}[peer]
    print(json.dumps({path.stem: count(json.loads(path.read_text()), iri, context)
                      for path in sorted(pathlib.Path(folder).glob("*.jsonld"))}))


main()
