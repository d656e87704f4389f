"""What happens in one storm, drawn from a seed: who wants a seat, how they ask, what breaks, who cancels."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

PEOPLE_MAX: Final = 90
# Seconds within which people come: shortest and longest.
ARRIVALS: Final = (0.3, 1.6)


class Habit(StrEnum):
    """How somebody asks."""

    PLAIN = "plain"
    # The form is sent twice at once.
    DOUBLE = "double"
    # Gone right after sending; the request goes on without its client.
    HASTY = "hasty"
    # Gone in the middle of sending.
    TORN = "torn"
    # Gone after some milliseconds without an answer.
    IMPATIENT = "impatient"


class Fault(StrEnum):
    """What breaks in the middle."""

    PHP_WORKERS = "kill -9 php-fpm workers"
    PHP = "kill -9 the php-fpm container"
    DATABASE = "kill -9 the database container"
    DATABASE_STOP = "stop the database"
    DATABASE_PAUSE = "freeze the database for a second"


class Wish(StrEnum):
    """What somebody does who is offered a seat from the waiting list."""

    TAKE = "take"
    LEAVE = "leave"
    # Nothing, until the offer's time has passed.
    IGNORE = "ignore"


@dataclass(frozen=True)
class Try:
    """One way of asking."""

    habit: Habit
    # Seconds after which one who does not wait for the answer goes away.
    patience: float
    # Goes away with a reset instead of a close.
    reset: bool
    # Which way of writing the same address and name; see `Person.spelled`.
    spelling: int


@dataclass(frozen=True)
class Person:
    """Somebody who wants a seat.

    ``tries`` are gone through before one asks plainly until an answer comes; who ``quits`` does not come back after
    them.
    """

    number: int
    name: str
    email: str
    # Seconds after the start.
    arrives: float
    tries: tuple[Try, ...]
    quits: bool
    # To the course's question, if it has one.
    answer: str
    # Goes on the waiting list, where there is one, and does so with an offer; None: does not wait.
    wish: Wish | None = None
    # Comes when the storm is over, and offers stand that nobody has answered yet.
    late: bool = False

    def spelled(self, how: int) -> tuple[str, str]:
        """Name and address, written in one of the ways that mean the same person."""
        name = (self.name, self.name.upper(), f" {self.name} ", self.name.replace(" ", "  "))[how % 4]
        email = (self.email, self.email.upper(), f" {self.email}", self.email.capitalize())[how // 4 % 4]
        return name, email


@dataclass(frozen=True)
class Plan:
    """One storm."""

    seed: int
    seats: int
    one_per_email: bool
    has_question: bool
    people: tuple[Person, ...]
    # Each with the second after the start when it strikes.
    faults: tuple[tuple[float, Fault], ...]
    # Seconds after the start at which somebody who has a seat loses it by the organiser's hand.
    cancellations: tuple[float, ...]
    waiting_list: bool = False
    # Seconds after the start at which the minute's task moves the list on.
    minutes: tuple[float, ...] = ()
    # Seats that are given back when the storm is over, each before a minute of its own.
    late_cancellations: int = 0

    def person(self, name: str, email: str) -> tuple[str, ...]:
        """Return what makes somebody one person, by this course's rule."""
        email = email.strip().lower()
        return (email,) if self.one_per_email else (email, " ".join(name.split()).casefold())

    @property
    def wanted(self) -> int:
        """How many seats there would be sold if there were enough: people by the course's rule."""
        return len({self.person(p.name, p.email) for p in self.people})


def draw(seed: int, *, faults: bool = True) -> Plan:
    """Draw the storm of a seed: always the same. How its requests meet in time is the machine's."""
    dice = random.Random(seed)
    count = dice.randint(1, PEOPLE_MAX)
    seats = dice.choice((1, dice.randint(1, count), dice.randint(1, count), count, count + dice.randint(1, 20)))
    window = dice.uniform(*ARRIVALS)
    one_per_email = dice.random() < 0.6
    households = [f"home-{seed}-{n}@example.org" for n in range(count)]
    people = tuple(
        Person(
            number=n,
            name=f"Person {n:03d} of {seed}",
            # Some share an address with somebody else.
            email=households[n] if dice.random() < 0.85 else dice.choice(households),
            arrives=dice.uniform(0, window) ** dice.choice((1, 2)),
            tries=tuple(_try(dice) for _ in range(dice.choice((0, 0, 1, 1, 2, 4)))),
            quits=dice.random() < 0.1,
            answer=f"answer {n} {seed}",
        )
        for n in range(count)
    )
    # Dice of their own: what else happens in the storm of a seed stays.
    patience = random.Random(f"{seed} waits")
    waiting_list = patience.random() < 0.5
    given_back: list[float] = []
    if waiting_list:
        wishes = (*Wish, None)
        given_back = [patience.uniform(0.3 * window, window + 1) for _ in range(patience.randint(2, 8))]
        people = tuple(replace(each, wish=patience.choices(wishes, (0.6, 0.15, 0.1, 0.15))[0]) for each in people)
    struck = dice.choices((0, 1, 2), (0.2, 0.5, 0.3))[0] if faults else 0
    has_question = dice.random() < 0.5
    faults_struck = tuple(sorted((dice.uniform(0, window), dice.choice(list(Fault))) for _ in range(struck)))
    cancelled = [dice.uniform(0, window + 0.5) for _ in range(dice.choice((0, 0, 1, 2, 4)))]
    return Plan(
        seed=seed,
        seats=seats,
        one_per_email=one_per_email,
        has_question=has_question,
        people=people,
        faults=faults_struck,
        cancellations=tuple(sorted([*cancelled, *given_back])),
        waiting_list=waiting_list,
        minutes=tuple(sorted(patience.uniform(0, window + 1) for _ in range(patience.randint(1, 4)))),
        late_cancellations=patience.randint(0, 6) if waiting_list else 0,
    )


def _try(dice: random.Random) -> Try:
    return Try(
        habit=dice.choice(list(Habit)),
        patience=dice.choice((0.0, dice.uniform(0, 0.02), dice.uniform(0, 0.2))),
        reset=dice.random() < 0.5,
        spelling=dice.randrange(16),
    )
