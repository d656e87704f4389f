#!/bin/sh
# docker run --mount=type=bind,src=/srv/site,dst=/site looks like fields with commas between them. It is a line of CSV, as Go reads one: of a folder called "site, new" the option is refused, since " new" is no pair. One would have put quotes around the path, as in a
# shell, or around all of it, or a backslash before the comma, and each is refused too: CSV wants them around a whole field, "src=/srv/site, new", its key within, and a quote in the path doubled. Whatever a script puts into the option
# unlooked at works until somebody's folder has a comma. --volume takes commas, and has the colon for its own; --mount takes colons.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with Docker 20.10.24); what the client would tell a daemon is heard by a server on loopback.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq docker.io libdevmapper1.02.1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
cat >ask.py <<'PYTHON'
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Daemon(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(b"")

    def do_GET(self):
        self.answer(b"{}")

    def do_POST(self):
        told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(json.dumps({"Id": "a" * 64, "Warnings": []}).encode())

    def answer(self, body):
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Api-Version", "1.41")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def mounted(option):
    """What a daemon is told of an option; None: the client refuses it."""
    told.clear()
    done = subprocess.run([client, "create", option, "image"], env=environment, capture_output=True, text=True)
    if done.returncode:
        refusal.append(done.stderr.splitlines()[0].rpartition("flag: ")[2])
        return None
    host = told[-1]["HostConfig"]
    return host["Binds"][0] if host.get("Binds") else host["Mounts"][0]["Source"]


told, refusal, client = [], [], "root/usr/bin/docker"
server = ThreadingHTTPServer(("127.0.0.1", 0), Daemon)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = {**os.environ, "DOCKER_HOST": f"tcp://127.0.0.1:{server.server_address[1]}", "DOCKER_CONFIG": os.getcwd()}
print(subprocess.run([client, "--version"], capture_output=True, text=True).stdout.strip())
OPTIONS = {
    "--mount=type=bind,src=/srv/site, new,dst=/site": None,
    '--mount=type=bind,src="/srv/site, new",dst=/site': None,
    '--mount="type=bind,src=/srv/site, new,dst=/site"': None,
    "--mount=type=bind,src=/srv/site\\, new,dst=/site": None,
    '--mount=type=bind,src=/srv/the "site",dst=/site': None,
    '--mount=type=bind,"src=/srv/site, new",dst=/site': "/srv/site, new",
    '--mount=type=bind,"src=/srv/the ""site""",dst=/site': '/srv/the "site"',
    "--mount=type=bind,src=/srv/site: new,dst=/site": "/srv/site: new",
    "--volume=/srv/site, new:/site": "/srv/site, new:/site",
}
found = {}
for option in OPTIONS:
    found[option] = mounted(option)
    print(f"{option}: {found[option] or f'refused, {refusal[-1]}'}")
sys.exit(found != OPTIONS)
PYTHON
"${PYTHON:-python3}" ask.py
