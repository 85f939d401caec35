"""What holds after every step, whatever has gone wrong: read from the tables as they are."""

from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation.ledger import Broken
from tests.simulation.storage import Storage
from tests.simulation.troubles import is_arranged

if TYPE_CHECKING:
    from tests.simulation.world import World

#: states of a participation that take a seat, and of a referral that is over
SEATED = {"offered": "offered", "placed": "placed", "active": "occupied", "paused": "occupied"}
CLOSED = ("ineligible", "ended", "withdrawn", "entered_in_error")


def check_always(world: "World") -> None:
    """Looks at the stores that have changed since the last look. Raises Broken."""
    touched, world.ledger.touched = world.ledger.touched, set()
    for name in sorted(touched):
        storage = world.parts[name].storage
        _check_failures(world, storage)
        for check in CHECKS.get(name, ()):
            check(storage)


def _check_failures(world: "World", storage: Storage) -> None:
    """Nothing fails but what the simulation has made fail; or what follows from somebody's discarding an event."""
    rows = storage.rows("SELECT DISTINCT subject, error_type, type, message FROM failures WHERE error_type IS NOT NULL")
    for row in rows:
        if not is_arranged(row["error_type"]) and row["subject"] not in world.discarded():
            said = f"{storage.name} fails on {row['type']} of {row['subject']}: {row['error_type']}, {row['message']}"
            raise Broken("failure", said)


def _capacity(placement: Storage) -> None:
    """Occupied, offered and placed never exceed a group's capacity, and the group's own count says the same."""
    seats: Counter[tuple[str, str]] = Counter()
    for row in placement.rows("SELECT group_code, state FROM participations WHERE state NOT IN ('waiting', 'ended')"):
        seats[row["group_code"], SEATED[row["state"]]] += 1
    for group in placement.rows("SELECT * FROM groups"):
        counted = {kind: seats[group["code"], kind] for kind in ("offered", "placed", "occupied")}
        taken = sum(counted.values())
        if taken > group["capacity"]:
            raise Broken("capacity", f"{group['code']} has {group['capacity']} places, {taken} are taken")
        if any(group[kind] != number for kind, number in counted.items()):
            raise Broken("capacity", f"{group['code']} counts otherwise than its people: {counted}")


def _nobody_waits_beside_a_free_place(placement: Storage) -> None:
    waiting = placement.rows(
        "SELECT DISTINCT region, language FROM participations WHERE state = 'waiting' AND NOT deferred"
    )
    wanted = {(row["region"], row["language"]) for row in waiting}
    free = "SELECT * FROM groups WHERE is_open AND offered + placed + occupied < capacity"
    for group in placement.rows(free):
        if (group["region"], group["language"]) in wanted:
            raise Broken("free place", f"{group['code']} has a free place, and somebody waits for it")


def _waiting_list(placement: Storage) -> None:
    """The lanes count those who are ready."""
    query = (
        "SELECT l.*, (SELECT COUNT(*) FROM participations p WHERE p.region = l.region AND p.language = l.language"
        " AND p.urgency = l.urgency AND p.state = 'waiting' AND NOT p.deferred) AS counted FROM lanes l"
    )
    for lane in placement.rows(query):
        if lane["ready"] != lane["counted"]:
            raise Broken("waiting list", f"{dict(lane)}")


def _one_open_referral(referral: Storage) -> None:
    closed = ", ".join(f"'{state}'" for state in CLOSED)
    query = f"SELECT person, COUNT(*) AS open FROM referrals WHERE state NOT IN ({closed}) GROUP BY person"  # noqa: S608
    for row in referral.rows(query):
        if row["open"] > 1:
            raise Broken("one open referral", f"a person has {row['open']} open referrals")


def _one_participation(evaluation: Storage) -> None:
    for row in evaluation.rows("SELECT reference, COUNT(*) AS times FROM participations GROUP BY reference"):
        if row["times"] > 1:
            raise Broken("twice", f"{row['reference']} is enrolled {row['times']} times")


def _told_once(notification: Storage) -> None:
    """No partner is told twice of one event. A delivery may fail again, and then that is told again."""
    query = "SELECT partner, about, COUNT(*) AS times FROM messages WHERE about <> ? GROUP BY partner, about, cause_id"
    for row in notification.rows(f"{query} HAVING times > 1", "notification.failed.v1"):
        raise Broken("told once", f"{row['partner']} is told {row['times']} times of {row['about']}")


CHECKS = {
    "placement": (_capacity, _nobody_waits_beside_a_free_place, _waiting_list),
    "referral": (_one_open_referral,),
    "evaluation": (_one_participation,),
    "notification": (_told_once,),
}
