"""CloudFront's types: they stand with an identity, and what runs for them reads their templates."""

from __future__ import annotations

import hashlib
import string

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.cloudformation.emulated import Kept, Made, Request

_LETTERS = string.digits + string.ascii_lowercase


def _identity(request: Request) -> str:
    """Return thirteen letters and digits of the resource's own, the same in every run."""
    place = f"{request.account}/{request.region}/{request.stack}/{request.instance}"
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in hashlib.sha256(place.encode()).digest()[:13])


class Distribution(Kept, CloudFormationModel):
    """A distribution."""

    cfn_type = "AWS::CloudFront::Distribution"
    # Its key may be gone when it is put back: a front that is switched off stands until somebody deletes its stack.
    reads_secrets = False

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity and an address."""
        identity = _identity(request)
        return Made(f"E{identity.upper()}", {"Id": f"E{identity.upper()}", "DomainName": f"d{identity}.cloudfront.net"})


class CachePolicy(Kept, CloudFormationModel):
    """What distributions keep."""

    cfn_type = "AWS::CloudFront::CachePolicy"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity."""
        identity = _identity(request)
        return Made(identity, {"Id": identity})
