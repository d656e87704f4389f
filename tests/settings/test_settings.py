"""Each wrong value ends with one message that names key, value and what is allowed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from settings import load
from settings.settings import Settings
from settings.validation import SettingsError

ROOT = Path(__file__).parents[2]
EXAMPLE = (Path(__file__).parent / "example.toml").read_text()

NETWORK = """
[prod.network]
vpc_id = "vpc-0123456789abcdef0"
availability_zones = ["eu-central-1a", "eu-central-1b"]
public_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
private_subnet_ids = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
isolated_subnet_ids = ["subnet-0123456789abcdef4", "subnet-0123456789abcdef5"]
"""
MAIL = """
[site.mail]
from = "tickets@example.com"
credentials = "floodgate/mail"
host = "smtp.example.com"
port = 587
"""
DOMAIN = """
[dev.domain]
name = "dev.example.com"
hosted_zone_id = "Z0123456789ABCDEFGHIJ"
hosted_zone_name = "example.com"
"""


def reading(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return load(path)


def changed(old: str, new: str, text: str = EXAMPLE) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        reading(tmp_path, text)
    return str(caught.value)


def test_settings_of_this_repository_are_valid() -> None:
    assert load(ROOT / "settings.toml")


def test_values_are_read_and_what_to_fill_in_is_named(tmp_path: Path) -> None:
    settings = reading(tmp_path, EXAMPLE)
    assert (settings.dev.task.cpu, settings.dev.task.memory, settings.dev.task.max) == (512, 1024, 3)
    assert (settings.prod.task.cpu, settings.prod.task.min, settings.prod.task.max) == (1024, 2, 20)
    assert (settings.dev.database.min_acu, settings.prod.database.max_acu) == (0, 16)
    assert settings.placeholders() == [
        "repository.name",
        "repository.connection_arn",
        "pipeline.account",
        "pipeline.notify",
        "site.admin_email",
        "dev.account",
        "prod.account",
    ]


def test_nothing_is_left_to_fill_in_when_it_was(tmp_path: Path) -> None:
    text = EXAMPLE.replace("example/event-site", "acme/tickets").replace("@example.com", "@acme.org")
    text = changed("notify = []", 'notify = ["operator@acme.org"]', text)
    for placeholder, real in (
        ("111111111111", "410000000001"),
        ("222222222222", "420000000002"),
        ("333333333333", "430000000003"),
    ):
        text = text.replace(placeholder, real)
    text = text.replace("00000000-0000-0000-0000-000000000000", "5f2e6f0c-0001-4ad3-9a3a-2f6f7a1b2c3d")
    assert reading(tmp_path, text).placeholders() == []


def test_what_costs_more_than_it_seems_is_said(tmp_path: Path) -> None:
    [clear] = reading(tmp_path, EXAMPLE).warnings()
    assert clear.startswith("prod.insecure = true: names and passwords travel in clear")
    secure = changed("insecure = true", "", EXAMPLE) + DOMAIN.replace("dev", "prod")
    assert reading(tmp_path, secure).warnings() == []
    [layers] = reading(tmp_path, secure + NETWORK).warnings()
    assert layers.startswith("prod.network: without a gateway endpoint of S3, each task's image")
    assert reading(tmp_path, f"{secure}{NETWORK}s3_endpoint = true\n").warnings() == []
    [built] = reading(tmp_path, f"{secure}\n[prod.front]\n").warnings()
    assert "the output FrontAddress of floodgate-prod-front" in built
    front = f'{secure}\n[prod.front]\ndistribution = "d111111abcdef8.cloudfront.net"\n'
    [passed_by] = reading(tmp_path, front).warnings()
    assert passed_by.startswith("prod.front.only = false: whoever knows the load balancer's name")
    assert reading(tmp_path, f"{front}only = true\n").warnings() == []


WINDOW = """
[[prod.windows]]
opens = 2027-02-01T18:00:00
time_zone = "Europe/Berlin"
people = 20000
lead = 60
cool_down = 90
"""
QUOTA = changed("insecure = true", "insecure = true\nvcpu_quota = 64")


def test_a_window_is_read_and_sized(tmp_path: Path) -> None:
    settings = reading(tmp_path, QUOTA + WINDOW)
    [window] = settings.prod.windows
    assert [moment.isoformat() for moment in (window.reserved, window.begins, window.opening, window.ends)] == [
        *("2027-02-01T10:00:00+00:00", "2027-02-01T16:00:00+00:00"),
        *("2027-02-01T17:00:00+00:00", "2027-02-01T18:30:00+00:00"),
    ]
    size = settings.prod.size_in(window)
    assert (size.tasks, size.min_acu, size.units) == (4, 6.0, 324)


def test_a_window_is_told_of_and_left_out_a_day_after_its_end(tmp_path: Path) -> None:
    settings = reading(tmp_path, QUOTA + WINDOW)
    end = settings.prod.windows[0].ends
    # Until then what it schedules at its end may be tried again.
    assert settings.over(end + timedelta(days=1, seconds=-1)) == []
    [kept] = settings.current(end + timedelta(days=1, seconds=-1)).prod.windows
    assert kept.ends == end
    [line] = settings.over(end + timedelta(days=1))
    assert line == (
        "prod.windows.0.opens = 2027-02-01T18:00:00: the window ended at 2027-02-01 18:30 UTC, and nothing of it is "
        "deployed any more; take its table out"
    )
    assert settings.current(end + timedelta(days=1)) == reading(tmp_path, QUOTA)


def test_what_comes_too_late_to_be_reserved_is_told_of_and_left_out(tmp_path: Path) -> None:
    settings = reading(tmp_path, QUOTA + WINDOW)
    reserved = settings.prod.windows[0].reserved
    before = reserved - timedelta(seconds=1)
    assert settings.current(before) == settings
    assert settings.over(before) == []
    [window] = settings.current(reserved).prod.windows
    assert not window.reservable and settings.prod.windows[0].reservable
    [line] = settings.over(reserved)
    assert line == (
        "prod.windows.0.opens = 2027-02-01T18:00:00: the load balancer's capacity was to be reserved at 2027-02-01 "
        "10:00 UTC, and AWS takes no schedule for what is past; where prod did not have the window by then, reserve "
        "324 units by hand (docs/windows.md)"
    )
    # Of fewer people there is nothing to reserve; and once the window has begun, it is too late for it.
    assert reading(tmp_path, QUOTA + WINDOW.replace("20000", "2000")).over(reserved) == []
    assert settings.over(settings.prod.windows[0].begins) == []


def test_a_window_of_last_year_is_refused(tmp_path: Path) -> None:
    # Nobody reads a warning that came before: the minute would find a site that was made ready for none.
    settings = reading(tmp_path, QUOTA + WINDOW)
    month = settings.prod.windows[0].ends + timedelta(days=30)
    assert settings.current(month - timedelta(seconds=1)) == reading(tmp_path, QUOTA)
    with pytest.raises(SettingsError) as error:
        settings.current(month)
    assert str(error.value) == (
        "settings.toml: prod.windows.0.opens = 2027-02-01T18:00:00: the window ended at 2027-02-01 18:30 UTC, and "
        "nothing would be ready for it; allowed: an opening to come, or its table taken out"
    )


WRONG_WINDOW = [
    ("18:00:00", "18:00:00+01:00", "prod.windows.0.opens = ", "a local date and time without an offset"),
    ("18:00:00", "18:00:30", "prod.windows.0.opens = ", "a local date and time"),
    ("Europe/Berlin", "Berlin", 'prod.windows.0.time_zone = "Berlin": not that; allowed: a time zone', ""),
    ("2027-02-01T18", "2027-03-28T02", "clocks of Europe/Berlin leap over it; allowed: another time of day", "T03:00"),
    ("2027-02-01T18", "2027-10-31T02", "clocks of Europe/Berlin show it twice that day", ""),
    ("lead = 60", "lead = 5", "prod.windows.0.lead = 5: not that; allowed: whole minutes from 10 to 1440", ""),
    ("lead = 60", "leed = 60", "prod.windows.0.leed = 60: unknown key; allowed: opens, time_zone, people", ""),
    ("people = 20000", "", "prod.windows.0.people: missing; allowed: a whole number from 10 to 1000000", ""),
    (
        "people = 20000",
        "people = 60000",
        "prod.windows.0.people = 60000: so many people need 12 tasks of 1 vCPU and 18 ACU, and prod.database.max_acu "
        "is 16; allowed: prod.database.max_acu of 18 or more, or fewer people",
        "",
    ),
    ("people = 20000", "people = 150000", "and prod.task.max is 20; allowed: prod.task.max of 28 or more", ""),
    (
        "cool_down = 90\n",
        'cool_down = 90\n[[prod.windows]]\nopens = 2027-02-01T20:00:00\ntime_zone = "Europe/Berlin"\npeople = 300\n',
        'prod.windows.1.opens = "2027-02-01T20:00:00": its preparation begins at 2027-02-01 18:00 UTC, and the window '
        "before it ends at 2027-02-01 18:30 UTC; allowed: one window for both",
        "",
    ),
    (
        "cool_down = 90\n",
        'cool_down = 90\n[[prod.windows]]\nopens = 2027-02-01T23:00:00\ntime_zone = "Europe/Berlin"\npeople = 9000\n',
        "its preparation begins at 2027-02-01 15:00 UTC",
        "",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "message", "also"),
    WRONG_WINDOW,
    ids=[f"{old} as {new}".replace("\n", " ") for old, new, *_ in WRONG_WINDOW],
)
def test_a_wrong_window_is_named(tmp_path: Path, old: str, new: str, message: str, also: str) -> None:
    refused = refusal(tmp_path, QUOTA + changed(old, new, WINDOW))
    assert message in refused
    assert also in refused


def test_a_window_beyond_the_quota_names_what_is_missing(tmp_path: Path) -> None:
    small = changed("people = 20000", "people = 36000", WINDOW)
    assert (
        "prod.windows.0.people = 36000: so many people need 7 tasks of 1 vCPU and 11 ACU, and prod.vcpu_quota is 6; "
        "allowed: prod.vcpu_quota of 8 or more, or fewer people"
    ) in refusal(tmp_path, EXAMPLE + small)


WRONG = [
    ('name = "floodgate"', 'name = "Flood Gate"', 'name = "Flood Gate": not that; allowed: 2 to 20 lower-case letters'),
    ('name = "floodgate"', 'name = "internal-site"', 'name = "internal-site": not that; allowed: 2 to 20 lower-case'),
    ('"example/event-site"', '"event-site"', 'repository.name = "event-site": not that; allowed: owner/repository'),
    ("event-site", "e" * 86, "not that; allowed: owner/repository on GitHub, of at most 93 characters"),
    ('branch = "main"', 'branch = ""', 'repository.branch = "": not that; allowed: the name of a branch'),
    ("arn:aws:codeconnections", "arn:codeconnections", "repository.connection_arn = "),
    (
        ":111111111111:connection",
        ":444444444444:connection",
        "of another account; allowed: a connection in pipeline.account",
    ),
    (
        'account = "111111111111"',
        'account = "11111"',
        'pipeline.account = "11111": not that; allowed: an AWS account number',
    ),
    (
        'account = "222222222222"',
        "account = 222222222222",
        "dev.account = 222222222222: not that; allowed: an AWS account number",
    ),
    (
        'region = "eu-central-1"',
        'region = "eu-centrl-1"',
        'pipeline.region = "eu-centrl-1": not that; allowed: the name of an AWS region',
    ),
    (
        'region = "eu-central-1"',
        'region = "cn-north-1"',
        'pipeline.region = "cn-north-1": not that; allowed: the name of an AWS region (of the partition aws)',
    ),
    (
        "notify = []",
        'notify = ["someone"]',
        'pipeline.notify = ["someone"]: not that; allowed: a list of different e-mail',
    ),
    ("notify = []", 'notify = ["a@example.org", "a@example.org"]', "allowed: a list of different e-mail addresses"),
    ("notify = []", 'notify = "a@example.com"', 'pipeline.notify = "a@example.com": not that; allowed: a list'),
    ('title = "Floodgate"', 'title = ""', 'site.title = "": not that; allowed: a text of 1 to 200 characters'),
    (
        "admin_email =",
        'time_zone = "Berlin"\nadmin_email =',
        'site.time_zone = "Berlin": not that; allowed: a time zone of the IANA database, such as Europe/Berlin',
    ),
    ("webmaster@example.com", "webmaster", 'site.admin_email = "webmaster": not that; allowed: an e-mail address'),
    (
        "[storm]",
        'content = "git"\n[storm]',
        'site.content = "git": not that; allowed: "volume" (plugins and themes are installed through the web) or',
    ),
    ("people = 300", "people = 0", "storm.people = 0: not that; allowed: a whole number from 10"),
    (
        "people = 300",
        "people = 300\npeople_per_worker = 50",
        "storm.people_per_worker = 50: not that; allowed: a whole number from 100 to 10000",
    ),
    (
        "people = 300",
        "people = 70000",
        "storm.people_per_worker = 1000: storm.people = 70000 would need 70 workers, and 64 are the most; "
        "allowed: 1094 or more",
    ),
    ("people = 300", "people = 3e2", "storm.people = 300.0: not that; allowed: a whole number"),
    (
        "seats = 100\nwarm_up",
        "seats = 300\nwarm_up",
        "storm.seats = 300: the storm would never sell out; allowed: below storm.people, which is 300",
    ),
    (
        "time_zone = ",
        'profile = "the bots"\ntime_zone = ',
        'storm.profile = "the bots": not that; allowed: the name of a',
    ),
    (
        "time_zone = ",
        'people_file = "../people.toml"\ntime_zone = ',
        'storm.people_file = "../people.toml": not that; allowed: the path of a people file in this repository',
    ),
    (
        "open = 60",
        "open = 3600\ncandidates = 20",
        "storm.candidates = 20: 40 storms of 3660 s, if there is a doubt, are more than the 36 hours of a build; "
        "allowed: 17 or less, or shorter phases",
    ),
    (
        "time_zone = ",
        "kill_task = true\ntime_zone = ",
        "storm.kill_task = true: of dev's tasks one would be stopped at the opening, and dev.task.min is 1: nobody",
    ),
    ("opening = 10", "opening = 0", "storm.opening = 0: not that; allowed: a whole number of seconds"),
    ('"cron(0 2 * * ? *)"', '"0 2 * * *"', 'storm.nightly = "0 2 * * *": not that; allowed: cron('),
    (
        '"cron(0 2 * * ? *)"',
        '"cron(0 2 1 * ? *)"',
        'storm.nightly = "cron(0 2 1 * ? *)": not that; allowed: cron(minute hour day month weekday year) or',
    ),
    (
        '"cron(0 2 * * ? *)"',
        '"cron(0 2 * * * *)"',
        "as EventBridge Scheduler has them (day or weekday is ?), by days of the week",
    ),
    (
        '"cron(0 2 * * ? *)"',
        '"rate(7 days)"',
        "and at least once in six days: else a missed night would not be noticed",
    ),
    (
        'time_zone = "',
        'nightly_as = "stage"\ntime_zone = "',
        'storm.nightly_as = "stage": not that; allowed: "dev" (the site as it is) or "prod"',
    ),
    (
        '"cron(0 2 * * ? *)"',
        '"rate(1 day)"\nnightly_as = "prod"',
        'storm.nightly = "rate(1 day)": with nightly_as = "prod", dev is made larger before the storm and smaller',
    ),
    (
        '"cron(0 2 * * ? *)"',
        '"cron(10 0 * * ? *)"\nnightly_as = "prod"',
        "allowed: cron(minute hour …) with one minute and one hour, from 00:15 on, an hour or more before midnight",
    ),
    (
        'time_zone = "',
        'nightly_as = "prod"\ntime_zone = "',
        "prod's 20 tasks of 28 PHP children make 1120 connections, twice in a deployment, and dev's database of "
        'max_acu = 2 takes 80; allowed: "dev", or a larger dev.database.max_acu',
    ),
    ("Europe/Berlin", "Berlin", 'storm.time_zone = "Berlin": not that; allowed: a time zone of the IANA database'),
    (
        "Europe/Berlin",
        "localtime",
        'storm.time_zone = "localtime": not that; allowed: a time zone of the IANA database',
    ),
    ("Europe/Berlin", "Factory", 'storm.time_zone = "Factory": not that; allowed: a time zone of the IANA database'),
    (
        "cpu = 512",
        "cpu = 300",
        "dev.task.cpu = 300: not that; allowed: a Fargate CPU size: 256, 512, 1024, 2048, 4096, 8192, 16384",
    ),
    ("cpu = 512", 'cpu = "512"', 'dev.task.cpu = "512": not that; allowed: a Fargate CPU size'),
    (
        "memory = 1024",
        "memory = 5120",
        "dev.task.memory = 5120: does not go with cpu = 512 and a task of nginx and PHP; allowed: 1024, 2048, 3072",
    ),
    ("memory = 1024", "memory = 512", "dev.task.memory = 512: does not go with cpu = 512"),
    ("min = 1\nmax = 3", "min = 5\nmax = 3", "dev.task.max = 3: below min; allowed: 5 or more"),
    (
        "min = 1\nmax = 3",
        "min = 0\nmax = 3",
        "dev.task.min = 0: not that; allowed: a whole number of tasks, at least 1",
    ),
    (
        "min = 1\nmax = 3",
        "min = 1\nmax = 4",
        "dev.task.max = 4: 12 PHP children a task, twice in a deployment, make 96 connections, "
        "and a database of max_acu = 2 takes 80; allowed: 3 or less",
    ),
    (
        "min_acu = 0",
        "min_acu = 0.3",
        "dev.database.min_acu = 0.3: not that; allowed: 0 (pauses when idle) or 0.5 to 256",
    ),
    (
        "min_acu = 1",
        "min_acu = 0",
        "prod.database.min_acu = 0.0: prod's database would pause, and the first to come would wait for it for 15",
    ),
    (
        "insecure = true",
        "",
        "prod.domain = null: without a domain there is no certificate, and names, addresses and passwords travel in "
        "clear; allowed: a table [prod.domain], or insecure = true under [prod] for a site that nobody registers at",
    ),
    ("insecure = true", "insecure = false", "prod.domain = null: without a domain there is no certificate"),
    ("insecure = true", 'insecure = "yes"', 'prod.insecure = "yes": not that; allowed: true (without a domain: names'),
    (
        "[prod.task]",
        DOMAIN.replace("dev", "prod") + "[prod.task]",
        "prod.insecure = true: prod has a domain, and is served by HTTPS; allowed: false, or no such line",
    ),
    ("max_acu = 2", "max_acu = 300", "dev.database.max_acu = 300: not that; allowed: 1 to 256 in steps of 0.5"),
    ("max_acu = 2", "max_acu = 0.5", "dev.database.max_acu = 0.5: not that; allowed: 1 to 256"),
    ("max_acu = 16", "max_acu = nan", "prod.database.max_acu = NaN: not that; allowed: 1 to 256"),
    (
        "min_acu = 1\nmax_acu = 16",
        "min_acu = 8\nmax_acu = 4",
        "prod.database.max_acu = 4.0: below min_acu; allowed: 8 to 256",
    ),
    ("seats = 100\nopens_at", "seats = 0\nopens_at", "dev.course.seats = 0: not that; allowed: a whole number"),
    (
        "2027-01-15T18:00:00+01:00",
        "2027-01-15T18:00:00",
        'dev.course.opens_at = "2027-01-15 18:00:00": not that; allowed: an ISO 8601 date and time with its offset',
    ),
    (
        "2027-01-15T18:00:00+01:00",
        '"soon"',
        'dev.course.opens_at = "soon": not that; allowed: an ISO 8601 date and time',
    ),
    (
        'name = "floodgate"',
        'name = "floodgate"\ncolour = "blue"',
        'colour = "blue": unknown key; allowed: name, repository, pipeline, site, storm, dev, prod',
    ),
    ("[dev.task]", "[dev.tasks]", "dev.tasks = "),
    ("cpu = 512", "", "dev.task.cpu: missing; allowed: a Fargate CPU size"),
    (
        "[prod.course]",
        "[prod.course2]",
        "prod.course: missing; allowed: a table [prod.course] with title, seats, opens_at",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "message"), WRONG, ids=[f"{old} as {new}".replace("\n", " ") for old, new, _ in WRONG]
)
def test_wrong_value_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    refused = refusal(tmp_path, changed(old, new))
    assert message in refused
    assert all(line.startswith("settings.toml: ") for line in refused.splitlines())


WRONG_NETWORK = [
    ("vpc-0123456789abcdef0", "my-vpc", 'prod.network.vpc_id = "my-vpc": not that; allowed: the id of a VPC'),
    ('["eu-central-1a", "eu-central-1b"]', '["eu-central-1a"]', "allowed: two or more different zones"),
    (
        '["eu-central-1a", "eu-central-1b"]',
        '["eu-west-1a", "eu-west-1b"]',
        "not in this stage's region; allowed: zones of eu-central-1",
    ),
    (
        '["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]',
        '["subnet-0123456789abcdef0"]',
        "not one per availability zone; allowed: 2 subnet ids",
    ),
    ("subnet-0123456789abcdef4", "isolated-a", "allowed: a list of different subnet ids"),
    ("subnet-0123456789abcdef1", "subnet-0123456789abcdef0", "allowed: a list of different subnet ids"),
    ('vpc_id = "vpc-0123456789abcdef0"\n', "", "prod.network.vpc_id: missing; allowed: the id of a VPC"),
    ("isolated_subnet_ids", "data_subnet_ids", "unknown key; allowed: vpc_id, availability_zones, public_subnet_ids"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG_NETWORK)
def test_wrong_network_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert reading(tmp_path, EXAMPLE + NETWORK).prod.network
    assert message in refusal(tmp_path, EXAMPLE + changed(old, new, NETWORK))


WRONG_DOMAIN = [
    (
        "dev.example.com",
        "https://dev.example.com",
        'dev.domain.name = "https://dev.example.com": not that; allowed: a host name',
    ),
    ("dev.example.com", "dev.example.org", "not in the hosted zone; allowed: example.com, or a name that ends in it"),
    ("dev.example.com", "badexample.com", "not in the hosted zone"),
    ("dev.example.com", f"{'d' * 53}.example.com", "of at most 64 characters, as a certificate has them"),
    (
        "Z0123456789ABCDEFGHIJ",
        "zone",
        'dev.domain.hosted_zone_id = "zone": not that; allowed: the id of a Route 53 hosted zone',
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG_DOMAIN)
def test_wrong_domain_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert reading(tmp_path, EXAMPLE + DOMAIN).dev.domain
    assert message in refusal(tmp_path, EXAMPLE + changed(old, new, DOMAIN))


def test_a_line_of_wordpress_that_is_not_tested_is_refused(tmp_path: Path) -> None:
    older = changed('title = "Floodgate"', 'title = "Floodgate"\nwordpress = "6.0"')
    assert 'site.wordpress = "6.0": not that; allowed: "6.8" (of Debian\'s stable' in refusal(tmp_path, older)


WRONG_MAIL = [
    ("tickets@example.com", "Tickets", 'site.mail.from = "Tickets": not that; allowed: an e-mail address'),
    ("smtp.example.com", "smtp", 'site.mail.host = "smtp": not that; allowed: a host name such as smtp.example.com'),
    ("587", "465", "site.mail.port = 465: not that; allowed: a port of 25, 587 or 2587"),
    ("floodgate/mail", "mail server", "site.mail.credentials ="),
    # Secrets Manager would look for a secret named "the".
    ("floodgate/mail", "the-secret", "not ending in a hyphen and six letters or digits"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG_MAIL)
def test_wrong_mail_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    mail = reading(tmp_path, EXAMPLE + MAIL).site.mail
    assert mail
    assert (mail.sender, mail.port, mail.per_second) == ("tickets@example.com", 587, 1)
    assert message in refusal(tmp_path, EXAMPLE + changed(old, new, MAIL))


WRONG_DATA = [
    pytest.param(":cluster-snapshot:", ":snapshot:", "allowed: the ARN of a cluster's snapshot", id="an instance's"),
    pytest.param(
        "rds:eu-central-1", "rds:us-east-1", "not in this stage's region; allowed: a snapshot in eu-central-1", id="far"
    ),
    pytest.param("/aws-backup-restore_1", "/wp-content", "allowed: the folder of the file system that", id="no backup"),
    pytest.param(
        "/aws-backup-restore_1", "/aws-backup-restore_" + "1" * 70, "the folder of the file system", id="a long path"
    ),
    pytest.param("keep_days = 14", "keep_days = 3", "prod.backup.keep_days = 3: not that; allowed: days", id="short"),
    pytest.param("backup:eu-west-1", "backup:eu-central-1", "a vault of 333333333333 outside", id="the same region"),
    pytest.param(
        "eu-west-1:333333333333", "eu-west-1:444444444444", "allowed: a vault of 333333333333", id="another account"
    ),
]
DATA = """
[prod.restored]
snapshot = "arn:aws:rds:eu-central-1:333333333333:cluster-snapshot:before"
content = "/aws-backup-restore_1"
[prod.backup]
keep_days = 14
copy_to = "arn:aws:backup:eu-west-1:333333333333:backup-vault:copies"
"""


@pytest.mark.parametrize(("old", "new", "message"), WRONG_DATA)
def test_what_cannot_be_restored_or_copied_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert reading(tmp_path, EXAMPLE + DATA).prod.restored
    assert message in refusal(tmp_path, EXAMPLE + changed(old, new, DATA))


def test_a_table_that_restores_nothing_is_refused(tmp_path: Path) -> None:
    assert "nothing is restored" in refusal(tmp_path, EXAMPLE + "[prod.restored]\n")


def test_stages_do_not_share_a_name(tmp_path: Path) -> None:
    other = DOMAIN.replace("dev.", "prod.").replace('"prod.example.com"', '"www.example.com"')
    secure = changed("insecure = true", "")
    assert reading(tmp_path, secure + DOMAIN + other).prod.domain
    shared = other.replace("www.example.com", "dev.example.com")
    assert 'prod.domain.name = "dev.example.com": dev has that name already; allowed: another' in refusal(
        tmp_path, secure + DOMAIN + shared
    )


def test_each_wrong_value_has_its_line(tmp_path: Path) -> None:
    refused = refusal(tmp_path, changed("cpu = 512", "cpu = 300", changed("people = 300", "people = -1")))
    assert [line.split(" = ")[0] for line in refused.splitlines()] == [
        "settings.toml: storm.people",
        "settings.toml: dev.task.cpu",
    ]


def test_moment_may_be_a_text(tmp_path: Path) -> None:
    text = changed("2027-01-15T18:00:00+01:00", '"2027-01-15T18:00:00+01:00"')
    assert reading(tmp_path, text).dev.course.opens_at == reading(tmp_path, EXAMPLE).dev.course.opens_at


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name =", "settings.toml: not TOML: "),
        (b"name = '\xff'", "settings.toml: not UTF-8 at byte 8"),
        (b"", "settings.toml: name: missing; allowed: 2 to 20 lower-case letters"),
    ],
)
def test_file_that_cannot_be_read(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert message in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"settings\.toml: cannot be read from .*: No such file"):
        load(tmp_path / "settings.toml")


@pytest.mark.parametrize(
    ("people", "workers"),
    [
        pytest.param(300, 1, id="300 people"),
        pytest.param(1000, 1, id="1000 people"),
        pytest.param(1001, 2, id="1001 people"),
        pytest.param(5000, 5, id="5000 people"),
    ],
)
def test_a_storm_has_a_worker_for_so_many_people(tmp_path: Path, people: int, workers: int) -> None:
    storm = reading(tmp_path, changed("people = 300", f"people = {people}")).storm
    assert storm.workers == workers
