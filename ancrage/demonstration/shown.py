"""How the demonstration looks: live on a terminal, plain lines elsewhere."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ancrage.demonstration import watching
from ancrage.demonstration.journey import REFUSED, Journey, outcomes, typical_and_slow
from ancrage.demonstration.sending import Door, Sending

if TYPE_CHECKING:
    from rich.console import Console, Group

#: referrals in the live table
ROWS = 12
_COLOURS = {"placed": "green", "active": "green", "waitlisted": "yellow", "ineligible": "magenta", REFUSED: "red"}


def demonstration(
    api: Door,
    journeys: Sequence[Journey],
    console: "Console",
    rate: float | None = None,
    going_on: Callable[[], bool] = lambda: True,
) -> None:
    """Sends the first referral and shows its way, then all the others and what becomes of them.

    Stops early, without complaint, when `going_on` says so. Raises Trouble when the API is gone or stuck.
    """
    first, *others = journeys
    first.reference, first.refusal = api.send(first.body)
    if first.refusal:
        _plain(console, f"{first.who} was refused: {first.refusal}")
    else:
        way(first, watching.lines(api, first, going_on), console)
    rounds = itertools.takewhile(lambda _: going_on(), Sending(api, others, rate).rounds())
    all_of_them(others, rounds, console)
    if going_on():
        summary(journeys, console)


def way(journey: Journey, lines: Iterable[tuple[float, str]], console: "Console") -> None:
    """The timeline of one referral, line by line as it grows."""
    from rich.padding import Padding
    from rich.table import Table

    console.print(f"The way of [bold]{journey.reference}[/] ({journey.who}; nobody real):", highlight=False)
    for seconds, text in lines:
        if console.is_terminal:
            row = Table.grid(padding=(0, 2))
            row.add_row(f"{seconds:6.2f} s", text)  # a long line goes on below its text, not below its time
            console.print(Padding(row, (0, 0, 0, 2)))
        else:
            _plain(console, f"  {seconds:6.2f} s  {text}")


def all_of_them(journeys: Sequence[Journey], rounds: Iterator[None], console: "Console") -> None:
    """Draws again after each of `rounds`, until they end."""
    if not console.is_terminal:
        _plainly(journeys, rounds, console)
        return
    from rich.live import Live

    with Live(console=console, refresh_per_second=10, transient=True) as live:
        for _ in rounds:
            live.update(_picture(journeys))


def _plainly(journeys: Sequence[Journey], rounds: Iterator[None], console: "Console") -> None:
    told: set[int] = set()
    for _ in rounds:
        _tell(journeys, told, console)
    _tell(journeys, told, console)


def _tell(journeys: Sequence[Journey], told: set[int], console: "Console") -> None:
    for number, journey in enumerate(journeys):
        if journey.settled and number not in told:
            told.add(number)
            _plain(console, " ".join(cell for cell in _cells(journey) if cell))


def _plain(console: "Console", line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _picture(journeys: Sequence[Journey]) -> "Group":
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    table = Table("Referral", "Person (made up)", "Stands", "Way", box=None)
    for journey in [journey for journey in journeys if journey.sent][-ROWS:]:
        reference, who, outcome, seconds = _cells(journey)
        table.add_row(reference, who, f"[{_COLOURS.get(journey.outcome, 'default')}]{outcome}[/]", seconds)
    settled = sum(journey.settled for journey in journeys)
    return Group(table, ProgressBar(total=len(journeys), completed=settled), f"{settled} of {len(journeys)} decided")


def _cells(journey: Journey) -> tuple[str, str, str, str]:
    outcome = f"refused: {journey.refusal}" if journey.refusal else journey.outcome.replace("_", " ")
    seconds = "" if journey.seconds is None else f"{journey.seconds:.2f} s"
    return journey.reference or "—", journey.who, f"{outcome}{_place(journey)}", seconds


def _place(journey: Journey) -> str:
    if journey.placement.get("position"):
        return f", position {journey.placement['position']}"
    group = journey.placement.get("group")
    return f", {group}" if group else ""


def summary(journeys: Sequence[Journey], console: "Console") -> None:
    """What became of all of them, and how long it took."""
    sent = sum(journey.sent for journey in journeys)
    parts = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in outcomes(journeys))
    _plain(console, f"{sent} referrals sent: {parts}")
    for refusal, count in Counter(journey.refusal for journey in journeys if journey.refusal).most_common():
        _plain(console, f"  {count} refused: {refusal}")
    if (times := typical_and_slow(journeys)) is not None:
        console.print(
            f"From submission to the latest news of each: median {times[0]:.2f} s, 95 % within {times[1]:.2f} s"
        )
