#!/bin/sh
# A site with too many people answers 503 with Retry-After. got and ky, two HTTP clients of npm by one author, have an option of one name for the longest that they
# heed, retry.maxRetryAfter; so one would have guessed that it means one thing. With an answer that asks for 3 s and a maximum of 1 s, got gives up at once, though
# it has a try left; ky asks again after the 1 s, two seconds before the site wanted to see it. For a crowd of programs these are opposites: nobody comes back, or
# everybody comes too soon.
# Exit 0: as described. Exit 1: another behaviour. Needs npm; asks a server of its own on loopback three times.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" got@14.6.6 ky@1.14.3
cat > "$folder/ask.mjs" <<'JS'
import { createServer } from "node:http";
import got from "got";
import ky from "ky";

const moments = { "/got": [], "/ky": [] };
const server = createServer((request, response) => {
    const asked = moments[request.url];
    asked.push(Date.now());
    response.writeHead(asked.length > 1 ? 200 : 503, { "Retry-After": "3" }).end();
});
server.listen(0, "127.0.0.1", async () => {
    const site = `http://127.0.0.1:${server.address().port}`;
    const retry = { limit: 1, maxRetryAfter: 1000 };
    const ends = await Promise.all([got, ky].map((client) => client(`${site}/${client === got ? "got" : "ky"}`, { retry }).then(() => "200", () => "given up")));
    const [first, second] = moments["/ky"];
    console.log(`got 14.6.6: asked ${moments["/got"].length} times, ${ends[0]}`);
    console.log(`ky 1.14.3: asked ${moments["/ky"].length} times, after ${second - first} ms, ${ends[1]}`);
    server.close();
    server.closeAllConnections();
    const asDescribed = moments["/got"].length === 1 && ends[0] === "given up" && moments["/ky"].length === 2 && second - first < 2900;
    process.exit(asDescribed && ends[1] === "200" ? 0 : 1);
});
JS
timeout 60 node "$folder/ask.mjs"
