#!/bin/sh
# When clocks are put back an hour comes twice. PHP with Debian's time zones (the system's, by Debian's patch) takes 02:30 of that night in Berlin, or
# 01:30 in London, for the second of the two, in New York for the first; and where the same time is set on the day (setTime), in Berlin for the
# first. Python's zoneinfo takes the first everywhere. What an organiser typed is so a moment an hour apart in the two, or in PHP alone by how it is read.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with PHP 8.2 of bookworm, tzdata 2025b) and Python.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
apt-get download -qq "php$version-cli" libargon2-1 libsodium23 libxml2 tzdata >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
cat >read.php <<'PHP'
<?php
echo 'PHP ', PHP_VERSION, "\n";
foreach ([['2026-10-25', '02:30', 'Europe/Berlin'], ['2026-10-25', '01:30', 'Europe/London'], ['2026-11-01', '01:30', 'America/New_York']] as [$day, $time, $name]) {
    $zone = new DateTimeZone($name);
    $typed = new DateTimeImmutable("$day $time", $zone);
    $set = (new DateTimeImmutable($day, $zone))->setTime(...array_map(intval(...), explode(':', $time)));
    echo "$name: typed {$typed->format('H:iP')}, set {$set->format('H:iP')}\n";
}
PHP
"root/usr/bin/php$version" -n read.php > said
"${PYTHON:-python3}" - <<'PYTHON' >> said
import datetime
import zoneinfo

for moment, name in (("2026-10-25 02:30", "Europe/Berlin"), ("2026-10-25 01:30", "Europe/London"), ("2026-11-01 01:30", "America/New_York")):
    print(f"{name}: Python {datetime.datetime.fromisoformat(moment).replace(tzinfo=zoneinfo.ZoneInfo(name)):%H:%M%z}")
PYTHON
cat said
tail -n +2 said > found
cat > expected <<'SAID'
Europe/Berlin: typed 02:30+01:00, set 02:30+02:00
Europe/London: typed 01:30+00:00, set 01:30+01:00
America/New_York: typed 01:30-04:00, set 01:30-04:00
Europe/Berlin: Python 02:30+0200
Europe/London: Python 01:30+0100
America/New_York: Python 01:30-0400
SAID
cmp -s expected found
