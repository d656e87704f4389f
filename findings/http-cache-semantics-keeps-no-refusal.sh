#!/bin/sh
# http-cache-semantics (npm) answers for many caches what HTTP's standard lets them keep. By RFC 9111 an answer that says how long it is good for may be kept
# whatever its status, if the cache understands that. One would have guessed that a cache with this library spares a site whose refusals say "max-age=10". It keeps 200, 404, 410 and 501 for as long as they say, and no 429, 500, 502, 503 or 504: each visitor's request goes on to
# the site that has just said that it is full.
# Exit 0: as described. Exit 1: another behaviour. Needs npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" http-cache-semantics@4.3.0
cat > "$folder/kept.js" <<'JS'
const CachePolicy = require("http-cache-semantics");
const kept = (status) => {
    const policy = new CachePolicy({ method: "GET", url: "/", headers: {} }, { status, headers: { "cache-control": "public, max-age=10" } });
    return policy.storable() && policy.timeToLive() > 9000;
};
const found = [200, 404, 410, 501, 429, 500, 502, 503, 504].map((status) => [status, kept(status)]);
found.forEach(([status, is]) => console.log(`${status} with max-age=10: ${is ? "kept" : "not kept"}`));
process.exit(found.every(([, is], place) => is === place < 4) ? 0 : 1);
JS
node "$folder/kept.js"
