"""Somebody who works in the dashboard. Standard library alone: runs in the load's container.

``python3 -m bench.site.editor`` with ``PORT HOST USER PASSWORD AFTER SECONDS`` logs in, waits, then opens one screen
after the other for so many seconds. Prints one line of JSON: a list of [seconds that the screen took, status]
(status 0: no answer). Exit code 1: no login.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from itertools import cycle
from urllib.parse import urlencode

SCREENS = ("/wp-admin/index.php", "/wp-admin/edit.php", "/wp-admin/post-new.php", "/wp-admin/upload.php")
# Seconds that somebody looks at a screen before the next one.
LOOKS = 0.5
GIVES_UP = 30.0


def log_in(port: int, host: str, user: str, password: str) -> str:
    """Log in and return the cookies of a session. Raise PermissionError with what came instead."""
    form = urlencode({"log": user, "pwd": password, "testcookie": "1"})
    headers = {"Host": host, "Cookie": "wordpress_test_cookie=x", "Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVES_UP)
    try:
        connection.request("POST", "/wp-login.php", form, headers)
        answer = connection.getresponse()
        answer.read()
        cookies = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie", [])]
    finally:
        connection.close()
    if not any(cookie.startswith("wordpress_logged_in_") for cookie in cookies):
        raise PermissionError(f"no login as {user}: status {answer.status}")
    return "; ".join(cookies)


def open_screen(port: int, path: str, headers: dict[str, str]) -> int:
    """Open a whole screen and return its status; 0 when none came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVES_UP)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status if b"</html>" in answer.read() else 0
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def main() -> None:
    """Log in, wait, work."""
    port, host, user, password, after, seconds = sys.argv[1:]
    try:
        cookie = log_in(int(port), host, user, password)
    except (PermissionError, OSError, http.client.HTTPException) as error:
        raise SystemExit(str(error)) from error
    begin = time.monotonic() + float(after)
    time.sleep(max(0.0, begin - time.monotonic()))
    took = []
    for path in cycle(SCREENS):
        started = time.monotonic()
        if started >= begin + float(seconds):
            break
        status = open_screen(int(port), path, {"Host": host, "Cookie": cookie})
        took.append([time.monotonic() - started, status])
        time.sleep(LOOKS)
    print(json.dumps(took))


if __name__ == "__main__":
    main()
