"""Whether the evaluation's waves lie where the dates put them: reckoned anew from the first day and the end."""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.simulation.ledger import Broken

if TYPE_CHECKING:
    from tests.simulation.world import World

DUE = "evaluation.wave_due.v1"
OPEN = ("planned", "due")
MONTHS = {"m3": 3, "m6": 6, "m12": 12} | {f"y{years}": 12 * years for years in range(2, 40)}


def check_waves(world: "World", blemished: set[str]) -> None:
    """For all participants but the `blemished`, of whom somebody has discarded an event."""
    storage = world.parts["evaluation"].storage
    announced = _announced(world)
    for row in storage.rows("SELECT * FROM participations"):
        if row["reference"] in blemished or row["reference"] == row["id"]:  # or cut off from the reference
            continue
        waves = {
            each["code"]: each for each in storage.rows("SELECT * FROM waves WHERE participation_id = ?", row["id"])
        }
        _check_dates(row, waves)
        _check_open(row, waves, world.today)
        _check_announced(row, waves, announced, world.today)


def _announced(world: "World") -> Counter[tuple[str, str]]:
    return Counter((each.subject, each.data["wave"]) for each in world.ledger.sent.values() if each.type == DUE)


def _check_dates(row: Any, waves: dict[str, Any]) -> None:
    for code, wave in waves.items():
        if wave["state"] in OPEN and wave["due_on"] != (expected := _day_of(row, code)):
            raise Broken("waves", f"{code} of {row['reference']} is on {wave['due_on']}, should be on {expected}")


def _day_of(row: Any, code: str) -> str | None:
    if code == "t0":
        return str(row["enrolled_on"])
    if code == "exit":
        return str(row["ended_on"])
    return str(later(date.fromisoformat(row["first_day"]), MONTHS[code])) if row["first_day"] else None


def later(day: date, months: int) -> date:
    """The same day of the month, or its last."""
    for shorter in range(4):
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        try:
            return date(year, month + 1, day.day - shorter)
        except ValueError:
            continue
    raise AssertionError("no month has fewer than 28 days")


def _check_open(row: Any, waves: dict[str, Any], today: date) -> None:
    """Which waves there are, and which of them are still asked."""
    reference, is_open = row["reference"], {code for code, wave in waves.items() if wave["state"] in OPEN}
    if row["state"] in ("withdrawn", "refused") and is_open:
        raise Broken("waves", f"{reference} is {row['state']}, and {sorted(is_open)} are still to be asked")
    if row["state"] in ("enrolled", "active", "paused"):
        missing = _planned(row, today) - waves.keys()
        if missing:
            raise Broken("waves", f"{reference} misses {sorted(missing)}")
    if row["state"] == "ended":
        wrong = {code for code in is_open if code != "exit" and waves[code]["due_on"] > row["ended_on"]}
        if wrong or bool(row["attended"]) != ("exit" in waves):
            raise Broken("waves", f"{reference} has ended, and has {sorted(waves)}, open {sorted(is_open)}")


def _planned(row: Any, today: date) -> set[str]:
    """t0, the first year's, and the yearly ones up to the next that is to come."""
    if row["first_day"] is None:
        return {"t0"}
    first = date.fromisoformat(row["first_day"])
    years = [code for code in MONTHS if code.startswith("y")]
    passed = [code for code in years if later(first, MONTHS[code]) <= today]
    return {"t0", "m3", "m6", "m12", *years[: len(passed) + (later(first, 12) <= today)]}


def _check_announced(row: Any, waves: dict[str, Any], announced: Counter[tuple[str, str]], today: date) -> None:
    for code, wave in waves.items():
        times = announced[row["reference"], code]
        has_come = wave["state"] in OPEN and date.fromisoformat(wave["due_on"]) <= today
        if times > 1 or (has_come and times == 0):
            raise Broken("waves", f"{code} of {row['reference']}, due on {wave['due_on']}, was told {times} times")
