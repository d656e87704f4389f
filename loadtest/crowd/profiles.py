"""The people file: profiles of habits in TOML, read and checked as a whole before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from loadtest.crowd.habits import Behaviour, Component, Distribution
from loadtest.record import toml_file
from loadtest.record.exit_codes import BadInput
from loadtest.record.toml_file import Says, Table

DEFAULT: Final = Path(__file__).parents[1] / "people.toml"
# The profile that says everything; the others say only what they do differently.
PEOPLE: Final = "people"

# No habit of a storm lasts longer than an hour.
Share = Annotated[float, Field(ge=0, le=1), Says("expected a share from 0 to 1")]
Time = Annotated[float, Field(ge=0.001, le=3600), Says("expected seconds from 0.001 to 3600")]


class _Lognormal(Table):
    weight: Share
    median: Time
    sigma: Annotated[float, Field(ge=0, le=3), Says("expected a number from 0 to 3")]


def _some(parts: object) -> object:
    if not isinstance(parts, list) or not parts:
        example = "[{ weight = 1.0, median = 4.0, sigma = 0.6 }]"
        raise PydanticCustomError("refused", f"expected a list of lognormals such as {example}")
    return parts


def _whole(parts: list[_Lognormal]) -> list[_Lognormal]:
    whole = sum(part.weight for part in parts)
    if abs(whole - 1) > 0.001:
        message = "the weights add up to {whole}; they must add up to 1"
        raise PydanticCustomError("refused", message, {"whole": f"{whole:g}"})
    return parts


class _Mixture(Table):
    mixture: Annotated[list[_Lognormal], AfterValidator(_whole), BeforeValidator(_some)]
    floor: Annotated[float, Field(ge=0, le=3600), Says("expected seconds from 0 to 3600")] = 0.0

    def distribution(self) -> Distribution:
        return Distribution(tuple(Component(**part.model_dump()) for part in self.mixture), self.floor)


class _Shares(Table):
    late: Share
    watch_clock: Share
    give_up: Share
    submit_twice: Share
    submit_again: Share
    regular: Share
    # People files from before there were such have none of them.
    tracked: Share = 0.0


class _Times(Table):
    double_submit_after: Time


class _Profile(Table):
    reload_gap: _Mixture
    eager_gap: _Mixture
    reaction: _Mixture
    patience: _Mixture
    claim_patience: _Mixture
    retry_gap: _Mixture
    form: _Mixture
    regular_gap: _Mixture
    shares: _Shares
    times: _Times
    paced: Annotated[bool, Says("expected true or false")] = False

    def behaviour(self) -> Behaviour:
        distributions = {name: getattr(self, name).distribution() for name in DISTRIBUTIONS}
        return Behaviour(**distributions, **self.shares.model_dump(), **self.times.model_dump(), paced=self.paced)


DISTRIBUTIONS: Final = tuple(name for name, field in _Profile.model_fields.items() if field.annotation is _Mixture)
SHARES: Final = tuple(_Shares.model_fields)
TIMES: Final = tuple(_Times.model_fields)


def load(path: Path = DEFAULT, profile: str = PEOPLE) -> Behaviour:
    """Read the habits of a profile. Raise BadInput with one message that points at the first place that is wrong."""
    profiles = read(path)
    if profile not in profiles:
        raise BadInput(f"{path}: there is no profile {profile!r}; its profiles are {', '.join(profiles)}")
    return profiles[profile]


def read(path: Path) -> dict[str, Behaviour]:
    """Read all profiles of a file by name. Raise BadInput."""
    return parse(toml_file.text(path, "the people file"), str(path))


def parse(text: str, name: str) -> dict[str, Behaviour]:
    """Parse the profiles of a text; ``name`` is what messages call it. Raise BadInput."""
    document = toml_file.document(text, name)
    if PEOPLE not in document:
        rest = "this profile is missing; it says everything, and others what they do differently"
        raise BadInput(f"{name}:1: [{PEOPLE}]: {rest}")
    usual = _laid_over({"shares": {}, "times": {}}, document[PEOPLE])
    profiles = {PEOPLE: usual} | {profile: _laid_over(usual, table) for profile, table in document.items()}
    checked = {profile: toml_file.checked(_Profile, table, text, name, profile) for profile, table in profiles.items()}
    return {profile: checked[profile].behaviour() for profile in document}


def _laid_over(usual: Any, table: Any) -> Any:
    """Lay what a profile says over the usual people, who fill what it leaves; what is no table stays what it is."""
    if not isinstance(usual, Mapping) or not isinstance(table, Mapping):
        return table
    laid = {**usual, **table}
    for inner in ("shares", "times"):
        if isinstance(usual.get(inner), Mapping) and isinstance(laid[inner], Mapping):
            laid[inner] = {**usual[inner], **laid[inner]}
    return laid
