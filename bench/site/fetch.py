"""One page, or the first good one. Standard library alone: runs in the load's container.

``python3 -m bench.site.fetch`` with
``PORT HOST PATH ENCODING SECONDS TOKEN`` prints one line of JSON: status, the time of the answer (Unix seconds), the
head, the body as sent (base64). It asks until a 200 comes, for at most so many seconds, and prints the last answer.
"""

from __future__ import annotations

import base64
import http.client
import json
import sys
import time

POLL = 0.02


def fetch(port: int, path: str, headers: dict[str, str], patience: float) -> tuple[int, str, bytes]:
    """Return status, head and body of one GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, str(response.headers), response.read()
    finally:
        connection.close()


def main() -> None:
    """Ask until it is good, or time is up."""
    port, host, path, encoding, seconds, token = sys.argv[1:]
    headers = {"Host": host, "Accept-Encoding": encoding, "X-Floodgate-Storm": token, "X-Floodgate-Person": "visitor"}
    deadline = time.monotonic() + float(seconds)
    while True:
        try:
            status, head, body = fetch(int(port), path, headers, max(deadline - time.monotonic(), 1))
        except (OSError, http.client.HTTPException) as error:
            status, head, body = 0, f"{type(error).__name__}: {error}", b""
        if status == http.HTTPStatus.OK or time.monotonic() > deadline:
            print(json.dumps([status, time.time(), head, base64.b64encode(body).decode()]))
            return
        time.sleep(POLL)


if __name__ == "__main__":
    main()
