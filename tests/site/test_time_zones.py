"""Dates in words: the calendar of their numbers, in every zone that the form offers and in every language."""

from __future__ import annotations

import json

import pytest

from tests.site.inside import php
from tests.site.task import Task

# What is shown is held against PHP's own numbers of the day, the month and the hour; their words are those of days that
# are known, in UTC. Each zone meets each language at one moment or more, each zone all its moments in many languages.
EVERYWHERE = r"""
use Floodgate\Http\SiteInfo;
use Floodgate\Http\Text;
$now = time();
$month = (new DateTimeImmutable('now'))->modify('first day of this month')->modify('+14 days');
$until = $month->modify('+24 months')->getTimestamp();
$utc = new DateTimeZone('UTC');
$locales = ResourceBundle::getLocales('');
$languages = array_values(array_filter($locales, fn ($name) => preg_match('/^[a-z]{2,3}$/D', $name) && $name !== 'en'));
$zones = [];
foreach (DateTimeZone::listIdentifiers() as $name) {
    $zone = new DateTimeZone($name);
    // Some moment of each month, by night and by day.
    $moments = array_map(fn ($n) => $month->modify("+$n months")->getTimestamp() + 7919 * $n, range(0, 24));
    foreach (array_slice($zone->getTransitions($now, $until), 1) as $change) {
        array_push($moments, $change['ts'] - 1, $change['ts'], $change['ts'] + 86400);
    }
    // Just after the zone's own midnight, when a wrong offset shows another day, month and half of the day.
    $midnight = (new DateTimeImmutable('first day of next month 00:15', $zone))->getTimestamp();
    array_push($moments, $midnight, $midnight + 12 * 3600);
    $zones[$name] = [$zone, $moments];
}
// Behind a time stand letters, CET; where a zone has none, its distance from UTC and nothing that reads like a span.
$letters = fn ($at) => preg_match('/^[A-Za-z]+$/D', $at->format('T')) ? $at->format('T') : 'UTC' . preg_replace(
    ['/^[+]00:00$/', '/^([+-])0/', '/:00$/', '/-/'], ['', '$1', '', "\u{2212}"], $at->format('P'));
$compared = 0;
$months = $wrong = [];
foreach ($languages as $l => $language) {
    $reader = fn (string $pattern) => new IntlDateFormatter(
        $language, -1, -1, 'UTC', IntlDateFormatter::GREGORIAN, $pattern);
    $word = fn (string $pattern, string $date) => $reader($pattern)->format(new DateTimeImmutable($date, $utc));
    $days = $names = $halves = [];
    foreach (range(1, 7) as $n) { $days[$n] = $word('EEEE', "2024-01-0$n"); }
    foreach (range(1, 12) as $n) { $names[$n] = $word('MMMM', "2024-$n-15"); }
    foreach (range(0, 23) as $n) { $halves[$n] = $word('a', "2024-01-01 $n:30"); }
    Text::speakFor(SiteInfo::fromOptions(
        ['WPLANG' => $language, 'date_format' => 'l|F|a|j|n', 'time_format' => 'G:i'], 'http://localhost'));
    $z = 0;
    foreach ($zones as $name => [$zone, $moments]) {
        foreach ([$l + $z, $l + $z + 5] as $n) {
            $moment = $moments[$n % count($moments)];
            $at = (new DateTimeImmutable("@$moment"))->setTimezone($zone);
            $words = [$days[(int) $at->format('N')], $names[(int) $at->format('n')], $halves[(int) $at->format('G')]];
            $right = implode('|', $words) . $at->format('|j|n, G:i ') . $letters($at);
            $shown = Text::date($moment * 1000, $name);
            $compared++;
            $months["$name " . $at->format('Y-m')] = true;
            if ($shown !== $right && count($wrong) < 5) {
                $wrong[] = "$language $name: $shown instead of $right";
            }
        }
        $z++;
    }
}
echo json_encode(
    ['compared' => $compared, 'zones' => count($zones), 'languages' => count($languages), 'wrong' => $wrong,
    'months' => array_count_values(array_map(fn ($met) => substr($met, -7), array_keys($months)))]);
"""


def test_words_and_numbers_of_a_date_are_of_one_calendar(task: Task) -> None:
    found = json.loads(php(task, EVERYWHERE))
    assert found["wrong"] == []
    assert found["zones"] > 400
    assert found["languages"] > 100
    assert found["compared"] == 2 * found["zones"] * found["languages"]
    assert len(found["months"]) >= 25
    whole = sorted(found["months"])[1:25]
    assert {found["months"][month] for month in whole} == {found["zones"]}, "each zone in each month of two years"


def test_an_offset_is_written_as_people_read_it(task: Task) -> None:
    zones = ["+02:00", "-03:30", "+05:45", "+00:00", "UTC", "America/Asuncion", "Europe/Berlin"]
    at = "new DateTimeImmutable('2026-12-01', new DateTimeZone($zone))"
    names = f"array_map(fn ($zone) => Floodgate\\Http\\Text::zoneName({at}), {zones})"
    assert json.loads(php(task, f"echo json_encode({names});")) == [
        *("UTC+2", "UTC\u22123:30", "UTC+5:45", "UTC", "UTC"),
        *("UTC\u22123", "CET"),
    ]


@pytest.mark.parametrize("written", ["g:i A T", "g:i A (e)", "g:i A, O", "g:i AP", "g:i A"])
def test_a_site_that_writes_the_zone_itself_has_it_once(task: Task, written: str) -> None:
    options = f"['date_format' => 'j F Y', 'time_format' => '{written}', 'gmt_offset' => '-3.5']"
    site = f"Floodgate\\Http\\SiteInfo::fromOptions({options}, 'http://localhost')"
    shown = php(task, f"Floodgate\\Http\\Text::speakFor({site}); echo Floodgate\\Http\\Text::date(1796000000000);")
    assert shown == "29 November 2026, 9:23 PM UTC\u22123:30"


def test_a_letter_that_is_kept_is_no_zone(task: Task) -> None:
    options = "['date_format' => 'j F Y', 'time_format' => 'G \\T\\h i', 'timezone_string' => 'Europe/Berlin']"
    site = f"Floodgate\\Http\\SiteInfo::fromOptions({options}, 'http://localhost')"
    shown = php(task, f"Floodgate\\Http\\Text::speakFor({site}); echo Floodgate\\Http\\Text::date(1796000000000);")
    assert shown == "30 November 2026, 1 Th 53 CET"


def test_names_that_were_given_up_are_known(task: Task) -> None:
    zones = "['Europe/Kiev', 'Asia/Calcutta', 'US/Pacific', 'Asia/Saigon']"
    known = "array_map(fn ($name) => Floodgate\\Http\\SiteInfo::zone($name) !== null, "
    assert json.loads(php(task, f"echo json_encode({known}{zones}));")) == [True] * 4


# Languages that WordPress's own translators have, by its names for them, and no ISO 639-3 that ICU knows.
UNKNOWN_TO_ICU = ("azb", "bcc", "fuc", "haz", "me_ME", "ory", "rhg", "skr", "twd")


@pytest.mark.parametrize("locale", [*UNKNOWN_TO_ICU, "arg", "ary", "tah"])
def test_a_language_that_icu_has_no_words_of_is_written_in_english(task: Task, locale: str) -> None:
    options = f"['WPLANG' => '{locale}', 'date_format' => 'l, j F Y', 'time_format' => 'g:i A']"
    site = f"Floodgate\\Http\\SiteInfo::fromOptions({options}, 'http://localhost')"
    shown = "Floodgate\\Http\\Text::date(1796000000000), ' ', Floodgate\\Http\\Text::number(42)"
    assert php(task, f"Floodgate\\Http\\Text::speakFor({site}); echo {shown};") == (
        "Monday, 30 November 2026, 12:53 AM UTC 42"
    )
