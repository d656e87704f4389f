"""The emulated AWS tells the rehearsal's time in its answers, to whoever asks it and not the machine."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from urllib.request import urlopen


def test_an_answer_has_one_date_and_it_is_the_one_that_is_told() -> None:
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    from rehearsal.aws.cloud import tell_time

    server, clock = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False), SimpleNamespace(now=1801501200.0)
    server.start()
    try:
        tell_time(server, lambda: clock.now)
        for moment in (1801501200.0, 1801504800.0):
            clock.now = moment
            with urlopen(f"http://localhost:{server.get_host_and_port()[1]}/moto-api/") as answer:
                [date] = answer.headers.get_all("Date")
            assert parsedate_to_datetime(date).timestamp() == moment
    finally:
        server.stop()
