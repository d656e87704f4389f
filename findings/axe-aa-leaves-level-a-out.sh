#!/bin/sh
# axe-core's tags wcag2aa, wcag21aa and wcag22aa, one would have guessed, are what WCAG asks of a site at level AA, which begins with all of level A. They are the rules of that
# level in that version alone: wcag22aa is one rule, the three together are six, and a page without a language, with an image without a text and a button,
# a field and a link without a name has no violation. Those are level A (wcag2a, wcag21a). A tag that there is none of (WCAG2AA, wcag22a) is no error: nothing is
# looked at, and nothing is found. The result's lists say so, all four being empty.
# Exit 0: as described. Exit 1: another behaviour. Needs npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" axe-core@4.14.1 jsdom@31.0.1 >/dev/null
cat >"$folder/check.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { JSDOM, VirtualConsole } from "jsdom";

const PAGE = `<!doctype html><html><head><title>A course</title></head><body><main>
    <h1>A course</h1><img src="a.png"><input type="text"><button></button><a href="#"></a></main></body></html>`;
const AXE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
const EXPECTED = new Map([
    ["wcag22aa", [1, 0]],
    ["wcag2aa wcag21aa wcag22aa", [6, 0]],
    ["WCAG2AA", [0, 0]],
    ["wcag22a", [0, 0]],
    ["wcag2a wcag21a wcag2aa wcag21aa wcag22aa", [64, 5]],
]);
let held = true;
console.log(`axe-core ${JSON.parse(readFileSync("node_modules/axe-core/package.json")).version}`);
for (const [tags, expected] of EXPECTED) {
    const { window } = new JSDOM(PAGE, { runScripts: "outside-only", virtualConsole: new VirtualConsole() });
    window.eval(AXE);
    const result = await window.axe.run({ runOnly: tags.split(" ") });
    const rules = ["passes", "violations", "incomplete", "inapplicable"].reduce((sum, list) => sum + result[list].length, 0);
    const broken = result.violations.map((rule) => rule.id);
    console.log(`  ${tags}: ${rules} rules, broken: ${broken.join(", ") || "none"}`);
    held &&= rules === expected[0] && broken.length === expected[1];
}
process.exit(held ? 0 : 1);
JAVASCRIPT
cd "$folder"
node check.mjs
