"""The mails of a site that is drilled: what hands them in while the storm goes on, and whether each came once."""

from __future__ import annotations

import email
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from email import policy
from pathlib import Path

from drill.namespaces import NotInjected
from drill.site import Site
from drill.site_parts import PHP
from loadtest.record.record import Record

# The scheduled work hands in mails each minute; a storm is not much longer, so here it does so each second.
_EVERY = 1.0
# Seconds in which the outbox must be empty after a storm, at one mail a second, the fewest that a site may say.
_PATIENCE = 300.0
_TIMEOUT = 120.0  # seconds for one run of the scheduled work
_DUE = {"waiting", "sending"}
# The server may have it: nobody knows, an organiser is told so, and it is not sent again by itself.
_PERHAPS = "unknown"
_OUTBOX = """
$rows = $database->rows('SELECT code, state FROM wp_floodgate_outbox');
echo json_encode(array_column($rows, 'state', 'code'), JSON_FORCE_OBJECT);
"""
_CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4})+\b")


@contextmanager
def handed_in(site: Site) -> Iterator[None]:
    """Hand in what is due again and again while this is entered. Raise NotInjected where the site sends no mail."""
    if not site.mail_server:
        raise NotInjected("the site sends no mail: [site.mail] is not set in settings.toml")
    over = threading.Event()
    thread = threading.Thread(target=_hand_in, args=(site, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def server_dead(site: Site) -> Iterator[None]:
    """Kill the mail server; it is started again when this is left."""
    site.engine("kill", site.mail_server)
    try:
        yield
    finally:
        site.engine("start", site.mail_server)


def broken_promises(site: Site, record: Record) -> list[str]:
    """Hand in the rest, and return what is wrong with the mails of a storm's confirmed people; empty: nothing."""
    until = time.monotonic() + _PATIENCE
    while (states := _outbox(site)) and _DUE & set(states.values()) and time.monotonic() < until:
        _work(site)
    codes = [row.code.replace("-", "") for row in record.ledger.claims] if record.ledger else []
    return list(faults(codes, states, codes_of(site.mails.glob("*.eml"))))


def codes_of(files: Iterable[Path]) -> Counter[str]:
    """Return how many mails show each confirmation code, without its hyphens."""
    found: Counter[str] = Counter()
    for file in files:
        body = email.message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("plain",))
        found.update({code.replace("-", "") for code in _CODE.findall(body.get_content() if body else "")})
    return found


def faults(codes: Iterable[str], states: Mapping[str, str], mails: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each kind of mail that is lost, doubled or not known of.

    Args:
        codes: the ledger's registrations.
        states: what the outbox says of each mail, by its registration's code.
        mails: how many mails the server has, by the code in them.
    """
    each = [(states.get(code), mails.get(code, 0)) for code in codes]
    counts = {
        "registrations have no mail in the outbox": sum(state is None for state, _ in each),
        "mails still wait": sum(state in _DUE for state, _ in each),
        "mails were given up": sum(state in {"refused", "dropped"} for state, _ in each),
        "mails are marked as sent, and the server has none": sum(state == "sent" and not kept for state, kept in each),
        "mails came more than once": sum(kept > 1 for _, kept in each),
    }
    yield from (f"{count} {what}" for what, count in counts.items() if count)
    # One line that is cut leaves one mail of which nobody knows; more are mails that were not told apart.
    if (perhaps := sum(state == _PERHAPS for state, _ in each)) > 1:
        yield f'{perhaps} mails are "perhaps sent" after one cut'


def _hand_in(site: Site, over: threading.Event) -> None:
    while not over.wait(_EVERY):
        _work(site)


def _work(site: Site) -> None:
    # While the server is dead it ends with 70, and says so: what matters is what becomes of the mails.
    site.engine.run("exec", site.container(PHP), "floodgate-cron", timeout=_TIMEOUT)


def _outbox(site: Site) -> dict[str, str]:
    states: dict[str, str] = json.loads(site.php(_OUTBOX))
    return states
