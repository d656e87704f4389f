"""The CDK app: reads all files that people edit, and makes the pipeline stack of them."""

from __future__ import annotations

from terminal.interruption import importing

with importing("app.py", __name__):
    import datetime
    import os
    import sys
    from pathlib import Path
    from typing import TYPE_CHECKING, Any

    import yaml

    from loadtest.crowd import profiles
    from loadtest.gate import limits
    from loadtest.record.exit_codes import BadInput
    from settings import load
    from settings.settings import Settings
    from settings.storm import Storm
    from settings.validation import SettingsError

if TYPE_CHECKING:
    import aws_cdk as cdk

ROOT = Path(__file__).parent
LIMITS = "loadtest/limits.toml"
WORKER_FILES = "loadtest/Dockerfile.dockerignore"


def build(app: cdk.App, *, settings: Settings, commit: str) -> None:
    """Put everything that is deployed into ``app``, with cdk-nag's rules over all of it."""
    import cdk_nag  # noqa: PLC0415 - as in main
    from aws_cdk import Validations  # noqa: PLC0415 - as in main

    from pipeline.pipeline import STORM_BUILD_SPEC, PipelineStack  # noqa: PLC0415 - as in main

    PipelineStack(
        app,
        "FloodgatePipeline",
        settings=settings,
        build_spec=_read_build_spec("buildspec.yml"),
        storm_build_spec=_read_build_spec(STORM_BUILD_SPEC),
        worker_files=_read_lines(WORKER_FILES),
        commit=commit,
    )
    Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))


def main() -> None:
    """Synthesize; exit 2 with one message for each value that is wrong in a file that people edit."""
    try:
        written = load(ROOT / "settings.toml")
        now = datetime.datetime.now(datetime.UTC)
        settings = written.current(now)
        check_storm_files(settings.storm)
        import aws_cdk as cdk  # noqa: PLC0415 - its kernel takes two seconds to start, and wrong settings need none of it

        app = cdk.App()
        build(app, settings=settings, commit=os.environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION", "working-tree"))
    except (SettingsError, BadInput) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    if unset := settings.placeholders():
        print(f"settings.toml: placeholders; fill in before the first deployment: {', '.join(unset)}", file=sys.stderr)
    for warning in (*written.over(now), *settings.warnings()):
        print(f"settings.toml: {warning}", file=sys.stderr)
    app.synth()


def check_storm_files(storm: Storm) -> None:
    """Read the limits and the people file as the gate will, so that a slip in them costs no deployment of dev.

    Raise BadInput with the gate's own message.
    """
    limits.load(Path(os.path.relpath(ROOT / LIMITS)))
    profiles.load(Path(os.path.relpath(ROOT / storm.people_file)), storm.profile)


def _read_lines(name: str) -> list[str]:
    """Read the lines of a file, without its comments."""
    try:
        text = (ROOT / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: cannot be read: {error}") from None
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _read_build_spec(name: str) -> dict[str, Any]:
    try:
        spec = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"{name}: cannot be read: {error}") from None
    if not isinstance(spec, dict) or "phases" not in spec:
        raise SettingsError(f"{name}: no buildspec; allowed: a YAML mapping with version and phases")
    return spec


if __name__ == "__main__":
    # Most of a synthesis is the import of the CDK, and what is left of one that is ended is of no use.
    with importing("app.py", __name__):
        main()
