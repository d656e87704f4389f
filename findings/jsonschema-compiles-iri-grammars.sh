#!/bin/sh
# `import jsonschema`, where it was installed with all its formats (`jsonschema[format-nongpl]`, as moto's server asks for it), compiles
# dozens of Lark grammars before any schema is read: rfc3987-syntax makes a parser for each rule of an IRI at its import. That is a second
# of processor for every process that imports moto's CloudFormation, whose API Gateway imports jsonschema. Refused
# (`sys.modules["rfc3987_syntax"] = None`), jsonschema imports without a word and leaves the format out.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    "jsonschema[format-nongpl]==4.26.0" rfc3987-syntax==1.1.0 lark==1.3.1
for refused in no yes; do
    "$folder/venv/bin/python" - "$refused" <<'PYTHON'
import sys
import time

import lark

made = []
build = lark.Lark.__init__


def counted(self, *words, **more):
    made.append(self)
    build(self, *words, **more)


lark.Lark.__init__ = counted
if sys.argv[1] == "yes":
    sys.modules["rfc3987_syntax"] = None
began = time.process_time()
import jsonschema

took = time.process_time() - began
jsonschema.validate({"a": 1}, {"type": "object"})
iri = "iri" in jsonschema.FormatChecker.checkers
print(f"jsonschema 4.26.0, rfc3987-syntax refused: {sys.argv[1]}: {len(made)} grammars, {took:.2f} s of processor, checks iri: {iri}")
sys.exit(not (len(made) > 30 and iri if sys.argv[1] == "no" else not made and not iri))
PYTHON
done
