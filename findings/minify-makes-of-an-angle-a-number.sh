#!/bin/sh
# In CSS a length of nothing may be written 0; an angle may not, but inside of rotate(), skew() and gradients. minify, by tdewolff, the minifier that Debian packages, takes the unit away from any angle of nothing: rotate:0deg, which undoes a rule's
# turn, becomes rotate:0, and that is no value: a browser leaves the declaration out, and the turn stays. So with offset-rotate, a ray in offset-path, font-style: oblique 0deg. css-tree, which knows the grammar of each property, takes
# what went in and refuses what came out. 0s, whose unit may not go either, keeps it.
# Exit 0: as described. Exit 1: another behaviour. Needs npm, and Linux on x86-64, for which the package has its binary.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @tdewolff/minify@2.24.8 css-tree@3.2.1
cat > "$folder/minified.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { minify } from "@tdewolff/minify";
import { lexer, parse, walk } from "css-tree";

const isValid = (css) => {
    let valid = true;
    walk(parse(css), (node) => {
        valid &&= node.type !== "Declaration" || lexer.matchDeclaration(node).error === null;
    });
    return valid;
};
const spoiled = ["rotate: 0deg", "rotate: x 0deg", "offset-rotate: auto 0deg", "offset-path: ray(0deg)", "font-style: oblique 0deg"];
const kept = ["transform: rotate(0deg)", "background: linear-gradient(0deg, red, blue)", "transition: all 0s", "width: 0px"];
const { version } = JSON.parse(readFileSync(new URL("node_modules/@tdewolff/minify/package.json", import.meta.url)));
console.log(`minify ${version}`);
for (const declaration of [...spoiled, ...kept]) {
    const css = `a{${declaration}}`;
    const minified = await minify({ type: "text/css", data: css });
    console.log(`${css} (${isValid(css) ? "valid" : "none"}): ${minified} (${isValid(minified) ? "valid" : "none"})`);
    if (!isValid(css) || isValid(minified) !== kept.includes(declaration)) process.exitCode = 1;
}
JS
node "$folder/minified.mjs"
