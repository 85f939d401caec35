"""Follows one referral line by line, as its timeline grows."""

import time
from collections.abc import Callable, Iterator

from ancrage.demonstration.journey import Journey, moment
from ancrage.demonstration.sending import PAUSE, Door

#: seconds without a new line after which a decided referral is taken to have arrived
QUIET = 1.5
#: seconds that the whole way may take at most
LONGEST = 30.0


def lines(
    api: Door,
    journey: Journey,
    going_on: Callable[[], bool] = lambda: True,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[tuple[float, str]]:
    """(seconds since the first line, text) of each line of the timeline, as they come."""
    started = new_at = time.monotonic()
    while going_on() and time.monotonic() - started < LONGEST:
        for line in journey.learn(api.view(journey.reference or "")):
            new_at = time.monotonic()
            yield (moment(line) - moment(journey.timeline[0])).total_seconds(), line["text"]
        if journey.settled and time.monotonic() - new_at > QUIET:
            return
        pause(PAUSE)
