"""Which faults, how many of each, and in which order."""

import random

from tests.chaos.faults import CRASH_POINT

POISON = "poison"
#: with fewer faults than this there is no time for the deaths that a poison takes
ENOUGH_FOR_POISON = 100

#: how many of a hundred faults are of each kind
SHARES = {
    "worker killed": 11,
    "web killed": 5,
    CRASH_POINT: 22,
    "SIGTERM": 8,
    "process frozen": 6,
    "broker connection cut": 10,
    "database connection cut": 9,
    "broker connection blocked": 5,
    "database refuses": 4,
    "broker killed": 1,
    "broker restarted": 1,
    "broker frozen": 2,
    "broker hangs and dies": 1,
    "memory alarm": 2,
    "database restarted": 2,
    "database killed": 1,
    "database frozen": 2,
    "disk full": 2,
    "clock jumps": 6,
}


def plan(count: int, chance: random.Random) -> list[str]:
    """`count` faults in a random order, each kind with its share; one poison where there is time for it."""
    rounds = -(-count // sum(SHARES.values()))
    deck = [kind for kind, share in SHARES.items() for _ in range(share * rounds)]
    chance.shuffle(deck)
    if count >= ENOUGH_FOR_POISON:
        deck[chance.randrange(count // 2)] = POISON
    return deck[:count]
