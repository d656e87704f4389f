"""``python -m rehearsal.page``: the rehearsal of a checkout in a browser, until Ctrl-C.

Exit 0: ended by Ctrl-C, or the page of this checkout is there already, and its address was printed; 2: bad input.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("page", __name__):
    import argparse
    import json
    import logging
    import os
    import signal
    import sys
    from collections.abc import Sequence
    from contextlib import suppress
    from pathlib import Path

    from werkzeug.serving import make_server

    from containers.file_lock import Held, file_lock, sign
    from containers.ports import is_free
    from loopback.guard import Guard
    from rehearsal.page.server import Page
    from rehearsal.values.exits import BAD_INPUT, DONE
    from rehearsal.values.replaced_file import write
    from terminal.standard_streams import run

# The ports that are tried; a rehearsed site's begin at 8080.
_PORTS = range(8070, 8080)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the page; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.page", description="The rehearsal in a browser.")
    parser.add_argument("--checkout", type=Path, default=Path.cwd(), help="the repository (default: this folder)")
    parser.add_argument("--port", type=int, help=f"a loopback port (default: a free one from {_PORTS[0]} on)")
    options = parser.parse_args(arguments)
    checkout = options.checkout.resolve()
    if not (checkout / ".git").exists():
        return _refused(f"{checkout} is no checkout: --checkout names the repository")
    if options.port is not None and not 1 <= options.port <= 65535:
        return _refused(f"{options.port} is no port: give a number from 1 to 65535, such as PAGE=8171")
    folder = checkout / ".rehearsal" / "page"
    folder.mkdir(parents=True, exist_ok=True)
    address = folder / "address.json"
    try:
        with file_lock(folder / "lock") as file:
            sign(file, os.getpid())
            return _serve(checkout, options.port, address)
    except Held:
        print(f"the page of this checkout is there already: {json.loads(address.read_text())['address']}")
        return DONE


def _serve(checkout: Path, wanted: int | None, address: Path) -> int:
    port = next(filter(is_free, [wanted] if wanted else _PORTS), None)
    if port is None:
        taken = f"port {wanted} is" if wanted else f"the ports from {_PORTS[0]} to {_PORTS[-1]} are"
        return _refused(f"{taken} taken by another program: `make page PAGE=8171` chooses one")
    # Requests are not printed: the first one has the token.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gate = Guard(port)
    server = make_server("127.0.0.1", port, Page(checkout, checkout / ".rehearsal", gate), threaded=True)
    write(address, json.dumps({"address": gate.address}))
    print(f"the rehearsal in your browser, and in nobody else's: {gate.address}")
    print("Ctrl-C ends the page, and nothing that runs", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    address.unlink(missing_ok=True)
    return DONE


def _refused(message: str) -> int:
    print(f"page: {message}", file=sys.stderr)
    return BAD_INPUT


if __name__ == "__main__":
    sys.exit(run("page", main))
