"""The emulated Systems Manager tells the rehearsal's time, to whoever asks AWS for it and not the machine."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from urllib.request import Request, urlopen


def asked(port: int, service: str) -> list[float]:
    """Return the dates that an answer to a signed request of a service has."""
    scope = f"AWS4-HMAC-SHA256 Credential=none/20270201/eu-central-1/{service}/aws4_request"
    request = Request(f"http://localhost:{port}/moto-api/", headers={"Authorization": scope})
    with urlopen(request) as answer:
        return [parsedate_to_datetime(date).timestamp() for date in answer.headers.get_all("Date")]


def test_an_answer_of_systems_manager_has_one_date_which_is_the_rehearsals() -> None:
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    from rehearsal.aws.cloud import tell_time

    server, clock = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False), SimpleNamespace(now=1801501200.0)
    server.start()
    try:
        tell_time(server, lambda: clock.now)
        for moment in (1801501200.0, 1801504800.0):
            clock.now = moment
            [rehearsed], [real] = (asked(server.get_host_and_port()[1], service) for service in ("ssm", "sts"))
            assert rehearsed == moment
            assert abs(real - time.time()) < 60
    finally:
        server.stop()
