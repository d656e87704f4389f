#!/bin/sh
# fputcsv and fgetcsv of PHP take a backslash for an escape, which CSV (RFC 4180) does not have: a quote after one is not doubled. Of a field that
# ends in a backslash fgetcsv makes one with all that follows; Python's csv parts a field with \" in it at the wrong comma. Neither says a word. With
# escape: '' in both functions each reads what was written.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with PHP 8.2 of bookworm) and Python.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
apt-get download -qq "php$version-cli" libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
cat >write.php <<'PHP'
<?php
const PEOPLE = [['Ada', '5\\" wide, red', 'first'], ['Bob', 'C:\\', 'second']];
foreach (['as-it-is' => [], 'no-escape' => ['escape' => '']] as $name => $options) {
    $file = fopen("$name.csv", 'w+');
    foreach (PEOPLE as $person) {
        fputcsv($file, $person, ...$options);
    }
    rewind($file);
    $read = [];
    while ($person = fgetcsv($file, ...$options)) {
        $read[] = $person;
    }
    echo "$name, by PHP: ", $read === PEOPLE ? 'what was written' : json_encode($read), "\n";
}
PHP
cat >read.py <<'PYTHON'
import csv
import json

PEOPLE = [["Ada", '5\\" wide, red', "first"], ["Bob", "C:\\", "second"]]
for name in ("as-it-is", "no-escape"):
    with open(f"{name}.csv", newline="") as file:
        read = list(csv.reader(file))
    print(f"{name}, by Python:", "what was written" if read == PEOPLE else json.dumps(read))
PYTHON
"root/usr/bin/php$version" -n -v | head -1
"root/usr/bin/php$version" -n write.php >said
"${PYTHON:-python3}" read.py >>said
cat as-it-is.csv said
cat >expected <<'SAID'
as-it-is, by PHP: [["Ada","5\\\" wide, red","first"],["Bob","C:\\\",second\n"]]
no-escape, by PHP: what was written
as-it-is, by Python: [["Ada", "5\\ wide", " red\"", "first"], ["Bob", "C:\\", "second"]]
no-escape, by Python: what was written
SAID
cmp -s expected said
