#!/bin/sh
# Whoever writes YAML by a library expects that it quotes what else would be read as another type: PyYAML does so with "0x1f" and "017". It asks its own reader, of
# YAML 1.1, to which 12e4567 is a text for want of a dot and a sign, as are 7e10, 0o17 and 08. To YAML 1.2 they are numbers. So the short name of a commit that happens
# to be 12e4567 goes out bare, and comes in as Infinity (yaml, npm), or as a text (js-yaml); an image's tag 7e10 is 70000000000 to both, the month "08" is 8. What both
# sides read alike, they quote: a text in quotes that the writer sets, or JSON.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check PyYAML==6.0.3
npm install --silent --no-audit --no-fund --prefix "$folder" yaml@2.9.1 js-yaml@5.5.0
cd "$folder"
venv/bin/python - >written.yaml <<'PYTHON'
import yaml

written = yaml.safe_dump({"commit": "12e4567", "tag": "7e10", "month": "08", "mode": "0o17", "mask": "0x1f"})
assert set(map(type, yaml.safe_load(written).values())) == {str}
print(written, end="")
PYTHON
cat written.yaml
cat > read.js <<'JS'
const assert = require("assert");
const text = require("fs").readFileSync("written.yaml", "utf8");
const byYaml = require("yaml").parse(text), byJsYaml = require("js-yaml").load(text);
console.log(byYaml, byJsYaml);
assert.deepStrictEqual(byYaml, { commit: Infinity, mask: "0x1f", mode: 15, month: 8, tag: 70000000000 });
assert.deepStrictEqual({ ...byJsYaml }, { commit: "12e4567", mask: "0x1f", mode: 15, month: 8, tag: 70000000000 });
JS
node read.js
