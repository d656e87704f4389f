#!/bin/sh
# Every JSON is YAML, so that one reader does for both; with PyYAML it does not. JSON that is indented by tabs is an error to it ("found character '\t' that cannot start any token"), while its C loader reads the same file: whether it is one
# hangs on which of the two somebody took. 1e3 is the text "1e3" to either, as YAML 1.1 wants a dot in it, and a key of more than 1,024 characters is an error. A character beyond the first 65,536, which Python's own json writes as \ud834\udd1e, becomes
# two halves that no file in UTF-8 can take, and to the C loader an error. The packages yaml and js-yaml of npm read all of it as JSON has it.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --only-binary :all: PyYAML==6.0.3
npm install --silent --no-audit --no-fund --prefix "$folder" yaml@2.9.1 js-yaml@5.5.0
cat > "$folder/read.js" <<'JS'
const written = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const name of ["yaml", "js-yaml"]) {
    const library = require(name);
    const read = library.parse ?? library.load;
    const same = written.map((text) => JSON.stringify(read(text)) === JSON.stringify(JSON.parse(text)));
    console.log(`${name} ${require(`${name}/package.json`).version}: ${same.map((each) => (each ? "as JSON" : "otherwise")).join(", ")}`);
    if (!same.every(Boolean)) process.exitCode = 1;
}
JS
cat > "$folder/read.py" <<'PYTHON'
import json
import subprocess
import sys

import yaml

WRITTEN = {
    "tabs": json.dumps({"phases": {"build": 1}}, indent="\t"),
    "1e3": '{"size": 1e3}',
    "a long key": json.dumps({"k" * 1100: 1}),
    "a clef": json.dumps({"sign": "\U0001d11e"}),
}


def read(text, loader):
    try:
        found = yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        return f"{type(error).__name__}"
    return "as JSON" if found == json.loads(text) else ascii(found)


found = {loader.__name__: [read(text, loader) for text in WRITTEN.values()] for loader in (yaml.SafeLoader, yaml.CSafeLoader)}
print(f"of {', '.join(WRITTEN)}")
for name, answers in found.items():
    print(f"PyYAML {yaml.__version__}, {name}: {', '.join(answers)}")
others = subprocess.run(["node", "read.js"], cwd=sys.argv[1], input=json.dumps(list(WRITTEN.values())), text=True)
text = "{'size': '1e3'}"
halves = ascii({"sign": "\ud834\udd1e"})
right = {
    "SafeLoader": ["ScannerError", text, "ParserError", halves],
    "CSafeLoader": ["as JSON", text, "ParserError", "ScannerError"],
}
sys.exit(found != right or others.returncode)
PYTHON
"$folder/venv/bin/python" "$folder/read.py" "$folder"
