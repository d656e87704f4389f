#!/bin/sh
# wrk's latencies are not those of the answers that came. Since version 4 it adds to each answer that took longer than the mean the ones that would have been asked for meanwhile
# (against coordinated omission), and its report does not say so: of one connection, on which one answer in a hundred or two takes 1.5 s, the distribution holds dozens of
# values above half a second, more values than there were requests, and a 90th percentile that one visitor met. An answer of 2.5 s makes all fast again: what takes longer than
# --timeout (two seconds unless told otherwise) is in no latency, though it counts as a request; "Socket errors: timeout 1" is all that is said. An answer that never
# comes is in nothing: no request, no time-out, exit 0.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with wrk 4.1.0) and Python.
set -eu
folder=$(mktemp -d)
server=''
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq wrk libluajit-5.1-2 libluajit-5.1-common >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
library=$(find "$folder/root" -name 'libluajit-5.1.so.2')
cat >server.py <<'PYTHON'
import asyncio
import sys

answers = 0


async def answer(reader, writer):
    global answers
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            answers += 1
            await asyncio.sleep(float(sys.argv[2]) if answers == int(sys.argv[3]) else 0.01)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with open(sys.argv[1], "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


asyncio.run(main())
PYTHON
cat >report.lua <<'LUA'
done = function(summary, latency)
   local values, slow = 0, 0
   for place = 1, #latency do
      local value, count = latency(place)
      values = values + count
      if value > 500000 then slow = slow + count end
   end
   io.write(string.format("FOUND %d %d %d %d %d\n", summary.requests, values, slow, latency:percentile(90) / 1000, summary.errors.timeout))
end
LUA
held=yes
# The answer of a number takes so many seconds; the others take ten milliseconds.
measure() {
    rm -f port
    python3 server.py port "$1" "$2" &
    server=$!
    for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
    found=$(LD_LIBRARY_PATH=${library%/*} root/usr/bin/wrk --threads 1 --connections 1 --duration 4s --script report.lua "http://127.0.0.1:$(cat port)/" |
        sed -n 's/^FOUND //p')
    kill "$server"
    echo "$found" | awk -v delay="$1" '{
        printf "  one answer of %s s: %d requests, %d latencies, %d of them above 500 ms, p90 %d ms; time-outs: %d\n", delay, $1, $2, $3, $4, $5 }'
}
ls wrk_*.deb
measure 1.5 50
echo "$found" | awk '{ exit !($1 > 60 && $2 > $1 + 10 && $3 > 10 && $4 > 500 && $5 == 0) }' || held=no
measure 2.5 50
echo "$found" | awk '{ exit !($1 > 60 && $2 < $1 + 10 && $3 == 0 && $4 < 500 && $5 == 1) }' || held=no
measure 100 1
[ "$found" = "0 0 0 0 0" ] || held=no
[ "$held" = yes ]
