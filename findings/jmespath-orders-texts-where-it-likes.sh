#!/bin/sh
# JMESPath is one language for `aws --query`, for Ansible and for libraries of many languages, with a specification and its tests; so one would have guessed that
# a query for the snapshots since November finds the same in each. By the specification < and >= order numbers alone, and anything else is null. The Python library
# (of the AWS CLI) and npm's jmespath order texts, too, as days are written; @jmespath-community/jmespath finds none. max_by of texts is the newest in Python, and
# null in both of npm's. sort_by(…)[-1] is the newest in all three.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check jmespath==1.1.0
npm install --silent --no-audit --no-fund --prefix "$folder" jmespath@0.16.0 @jmespath-community/jmespath@1.3.0
cat > "$folder/query.js" <<'JS'
const [queries, data] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const libraries = [require("jmespath"), require("@jmespath-community/jmespath")];
console.log(JSON.stringify(libraries.map((library) => queries.map((query) => library.search(data, query)))));
JS
cat > "$folder/query.py" <<'PYTHON'
import json
import subprocess
import sys

import jmespath

DATA = {"Snapshots": [{"At": "2026-11-30", "Id": "new"}, {"At": "2026-10-01", "Id": "old"}]}
QUERIES = ["Snapshots[?At>='2026-11-01'].Id", "max_by(Snapshots, &At).Id", "sort_by(Snapshots, &At)[-1].Id"]
asked = subprocess.run(["node", "query.js"], cwd=sys.argv[1], input=json.dumps([QUERIES, DATA]), capture_output=True, text=True, check=True)
by_npm, by_community = json.loads(asked.stdout)
found = list(zip([jmespath.search(query, DATA) for query in QUERIES], by_npm, by_community))
print("query: jmespath 1.1.0 (PyPI), jmespath 0.16.0 (npm), @jmespath-community/jmespath 1.3.0 (npm)")
for query, answers in zip(QUERIES, found):
    print(f"{query}: {', '.join(map(json.dumps, answers))}")
sys.exit(found != [(["new"], ["new"], []), ("new", None, None), ("new", "new", "new")])
PYTHON
"$folder/venv/bin/python" "$folder/query.py" "$folder"
