#!/bin/sh
# The npm package loadtest says of twenty answers 503 that they were twenty errors "-1", as of connections that never came about: by its report nobody can
# tell a site that refuses from one that is gone. It follows no redirect, so that a page that has moved counts as served, by default it opens
# a connection for each request, and it ends 0 whatever came.
# Exit 0: as described. Exit 1: another behaviour. Needs npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" loadtest@8.2.1
cd "$folder"
cat >site.js <<'JS'
let connections = 0;
const site = require("http").createServer((request, response) => {
    if (request.url === "/connections") return response.end(String(connections));
    response.writeHead({ "/full": 503, "/moved": 302 }[request.url] ?? 200, { Location: "/page" });
    response.end("ok");
});
site.on("connection", () => (connections += 1));
site.listen(0, "127.0.0.1", () => console.log(site.address().port));
setTimeout(() => process.exit(), 60000);
JS
node site.js >port &
site=$!
trap 'kill $site 2>/dev/null || true; rm -rf "$folder"' EXIT
until [ -s port ]; do sleep 0.1; done
for path in /full /moved; do
    code=0
    node_modules/.bin/loadtest -n 20 -c 2 --cores 1 "http://127.0.0.1:$(cat port)$path" >report || code=$?
    echo "$path: $(sed -n 's/^ *\(Total errors\|-1\|503\|302\): *\([0-9]*\).*/\1 \2/p' report | paste -sd' '), exit $code"
done | tee said
cat >expected <<'SAID'
/full: Total errors 20 -1 20, exit 0
/moved: Total errors 0, exit 0
SAID
cat >connections.js <<'JS'
fetch(`http://127.0.0.1:${require("fs").readFileSync("port", "utf8").trim()}/connections`).then(async (answer) => {
    const count = Number(await answer.text());
    console.log(`connections for 40 requests: ${count - 1}`);
    process.exit(count - 1 >= 40 ? 0 : 1);
});
JS
node connections.js
cmp -s expected said
