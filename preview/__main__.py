"""``python -m preview [up|down]``: the site from the working tree, until Ctrl-C.

Exit 0: ended by Ctrl-C after the site was up, or removed; 1: the site did not come up; 2: the machine or an argument
lacks something, and the message says what; 130: interrupted before the site was up.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("site", __name__):
    import argparse
    import hashlib
    import os
    import secrets
    import signal
    import sys
    import tempfile
    import time
    from collections.abc import Iterator, Sequence
    from contextlib import contextmanager
    from datetime import datetime, timedelta
    from pathlib import Path
    from types import FrameType

    from containers import engine, ports
    from containers.errors import EngineError, EngineMissing, PortRefused
    from containers.file_lock import Held, file_lock, sign
    from preview.mounts import DockerfileRefused
    from preview.site import Site, SiteFailed, SourceClosed, readable_by_all
    from preview.watch import Watch
    from terminal.standard_streams import run

OPENS_IN = timedelta(minutes=5)


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one for each way to end
    """Run one command; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m preview", description="The site from the working tree.")
    parser.add_argument("--checkout", type=Path, default=Path.cwd(), help="the repository (default: this folder)")
    parser.add_argument("command", nargs="?", choices=("up", "down"), default="up")
    options = parser.parse_args(arguments)
    checkout = options.checkout.resolve()
    if not (checkout / "src").is_dir():
        return _told(f"there is no {checkout}/src: --checkout names the repository", 2)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays what it is
            signal.signal(number, _interrupt)
    try:
        with _alone(checkout):
            return _down(checkout) if options.command == "down" else _up(checkout)
    except Held as held:
        if options.command == "up":
            return _told(f"`make site` of this checkout runs already (process {held.holder}): Ctrl-C there ends it", 2)
        say(f"the site of process {held.holder} stays: Ctrl-C there ends it")
        return 0
    except (EngineMissing, PortRefused, DockerfileRefused, SourceClosed) as error:
        return _told(str(error), 2)
    except SiteFailed as error:
        return _told(f"{error}\n{error.tail}", 1)
    except EngineError as error:
        return _told(f"{error.message}\n{error.log_tail}".rstrip(), 1)
    except KeyboardInterrupt:
        say("interrupted before the site was up; all of it is removed")
        return 130


def _told(message: str, code: int) -> int:
    print(f"site: {message}", file=sys.stderr)
    return code


def say(line: str) -> None:
    """Print one line in the terminal."""
    print(f"site: {line}", flush=True)


def _up(checkout: Path) -> int:
    wishes = ports.wished(os.environ.get("PORTS"))
    readable_by_all(checkout)
    site = Site(engine.find(), checkout, say)
    site.build()
    started = time.monotonic()
    password = secrets.token_urlsafe(9)
    with _cleared(site):
        port = ports.choose(wishes, (), ports.is_free, say)
        site.start(port, password)
        opens = datetime.now().astimezone() + OPENS_IN
        later = site.add_course("opens-soon", "A course that opens soon", opens)
        say(f"up in {time.monotonic() - started:.1f} s: {site.url}/")
        say(f"a course that is open           {site.url}/register/swimming-for-beginners/")
        say(f"one that opens at {opens:%H:%M:%S}      {site.url}{later}")
        say(f"the waiting page                http://waiting.localhost:{port}/")
        say(f"the dashboard                   {site.url}/wp-admin/  user organiser, password {password}")
        say("edit src/, save, reload; Ctrl-C removes it all")
        try:
            with Watch(site, say) as watch:
                watch.run()
        except KeyboardInterrupt:
            say("ending: all of it is removed")
    return 0


def _down(checkout: Path) -> int:
    if running := engine.running():
        Site(running, checkout, say).clear(images=True)
    return 0


@contextmanager
def _alone(checkout: Path) -> Iterator[None]:
    """Hold this checkout's lock; the kernel drops that of a killed process."""
    key = hashlib.sha256(str(checkout).encode()).hexdigest()[:8]
    with file_lock(Path(tempfile.gettempdir(), f"floodgate-site-{key}.lock")) as file:
        sign(file, os.getpid())
        yield


@contextmanager
def _cleared(site: Site) -> Iterator[None]:
    """Clear away what a killed run left, and what this one made; a second Ctrl-C does not stop that."""
    site.clear()
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        site.clear()


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(run("site", main))
