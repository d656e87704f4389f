#!/bin/sh
# PHP's dates follow Debian's tzdata, which Debian keeps up to date; dates in words, by IntlDateFormatter, follow the rules inside ICU, which stay
# those of the day on which ICU was packaged. In Debian 12 they are those of 2022: the same moment in Almaty, Nuuk or Asunción reads an hour later
# or earlier in a sentence than in a table, and of a zone that is newer, which DateTimeZone knows, IntlDateFormatter makes an exception.
# Formatting the local date and time as if it were UTC is right in both.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with PHP 8.2 and ICU 72 of bookworm).
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
cat >dates.php <<'PHP'
<?php
echo 'PHP ', PHP_VERSION, ', ICU ', INTL_ICU_VERSION, ' with time zones ', IntlTimeZone::getTZDataVersion(), "\n";
$apart = [];
foreach (['Europe/Berlin', 'Asia/Almaty', 'America/Nuuk', 'America/Asuncion', 'America/Ciudad_Juarez'] as $name) {
    $at = new DateTimeImmutable('2026-07-01 10:00', new DateTimeZone($name));
    try {
        $said = (new IntlDateFormatter('de_DE', IntlDateFormatter::NONE, IntlDateFormatter::SHORT, $name))->format($at);
    } catch (IntlException) {
        $said = 'an exception';
    }
    echo "$name: {$at->format('H:i')}, in words $said\n";
    $apart[] = $said;
}
exit($apart === ['10:00', '11:00', '09:00', '09:00', 'an exception'] ? 0 : 1);
PHP
"root/usr/bin/php$version" -n -d extension="$(find "$folder/root" -name intl.so)" dates.php
