#!/bin/sh
# autocannon's percentiles of latency are those of the answers that came. A request that ran into --timeout is counted under "timeouts" and is
# in no percentile, not even as the length of the time-out, and the command ends 0. Of a site that leaves each tenth request unanswered, with a
# time-out of one second, p99 and the maximum are far below that second: who gates on p99 alone lets it pass.
# Exit 0: as described. Exit 1: another behaviour. Needs npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" autocannon@8.0.0
cat > "$folder/site.js" <<'JS'
let count = 0;
const site = require("http").createServer((_, response) => { if (++count % 10) response.end("ok"); });
site.listen(0, "127.0.0.1", () => console.log(site.address().port));
setTimeout(() => process.exit(), 15000);
JS
node "$folder/site.js" > "$folder/port" &
until [ -s "$folder/port" ]; do sleep 0.1; done
code=0
"$folder/node_modules/.bin/autocannon" --connections 10 --duration 5 --timeout 1 --json "http://127.0.0.1:$(cat "$folder/port")/" \
    > "$folder/result.json" 2> /dev/null || code=$?
wait
node - "$folder" "$code" <<'JS'
const [folder, code] = process.argv.slice(2);
const { latency, timeouts } = require(`${folder}/result.json`);
const { version } = require(`${folder}/node_modules/autocannon/package.json`);
console.log(`autocannon ${version}: ${timeouts} time-outs of 1000 ms; p99 ${latency.p99} ms, maximum ${latency.max} ms; exit ${code}`);
process.exit(timeouts > 0 && latency.max < 1000 && code === "0" ? 0 : 1);
JS
