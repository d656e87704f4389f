"""What makes the emulated AWS start sooner changes nothing of what is read."""

from __future__ import annotations

import botocore
from botocore.loaders import JSONFileLoader, Loader


def test_what_is_read_of_a_service_is_what_botocore_reads() -> None:
    import rehearsal.aws  # noqa: F401 - it sets how they are read

    file = f"{botocore.BOTOCORE_ROOT}/data/secretsmanager/2017-10-17/service-2"
    read = Loader().file_loader.load_file(file)
    assert type(read["shapes"]) is dict
    stock = JSONFileLoader().load_file(file)
    assert (read, list(read["shapes"])) == (stock, list(stock["shapes"]))
    assert Loader().file_loader.load_file(f"{file}-of-nobody") is None
