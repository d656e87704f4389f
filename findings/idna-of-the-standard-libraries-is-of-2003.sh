#!/bin/sh
# What Python and PHP bring for names with other letters follows the rules of 2003: straße.de is strasse.de, another domain, whose owner may be somebody else. Python's
# codec "idna" does so, and with it the Host that http.client names; so does PHP's idn_to_ascii without its flag for nontransitional processing. Browsers, the package
# idna and Node's URL go to xn--strae-oqa.de. A mail, or a check of an address by Python's own means, goes elsewhere than the visitor's browser.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI, Debian's packages (seen with PHP 8.2 and ICU 72 of bookworm) and Node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
icu=$(apt-cache depends --important "php$version-intl" | sed -n 's/.*Depends: \(libicu[0-9]*\)$/\1/p')
apt-get download -qq "php$version-cli" "php$version-intl" "$icu" libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: idna==3.20
cat >names.py <<'PYTHON'
import http.client

import idna


class Line(list):
    """What is sent, kept."""

    sendall = list.append


print("Python, its codec:", "straße.de".encode("idna").decode())
connection = http.client.HTTPConnection("straße.de")
connection.sock = Line()
connection.request("GET", "/")
print("Python, http.client:", connection.sock[0].split(b"Host: ")[1].split(b"\r")[0].decode())
print("Python, the package idna:", idna.encode("straße.de").decode())
PYTHON
cat >names.php <<'PHP'
<?php
echo 'PHP, without a flag: ', idn_to_ascii('straße.de'), "\n";
echo 'PHP, nontransitional: ', idn_to_ascii('straße.de', IDNA_NONTRANSITIONAL_TO_ASCII), "\n";
PHP
{
    venv/bin/python names.py
    "root/usr/bin/php$version" -n -d extension="$(find "$folder/root" -name intl.so)" names.php
    # shellcheck disable=SC2016 # JavaScript's own
    node -p '`Node, a URL: ${new URL("https://straße.de").hostname}`'
} >said
"${PYTHON:-python3}" --version
"root/usr/bin/php$version" -n -v | head -1
cat said
cat >expected <<'SAID'
Python, its codec: strasse.de
Python, http.client: strasse.de
Python, the package idna: xn--strae-oqa.de
PHP, without a flag: strasse.de
PHP, nontransitional: xn--strae-oqa.de
Node, a URL: xn--strae-oqa.de
SAID
cmp -s expected said
