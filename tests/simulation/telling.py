"""Whether every partner that should know was told, and once: reckoned anew from what was sent."""

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.simulation.ledger import Broken, Sent

if TYPE_CHECKING:
    from tests.simulation.world import World

FAILED = "notification.failed.v1"
DELIVERED = "notification.delivered.v1"


def check_telling(world: "World", blemished: set[str]) -> None:
    """For all referrals but the `blemished`, of which somebody has discarded an event."""
    _messages(world, blemished)
    _failures_are_told(world, blemished)
    _deliveries(world, blemished)


def _partners(world: "World") -> list[dict[str, Any]]:
    rows = world.parts["notification"].storage.rows("SELECT * FROM partners")
    return [dict(row) | {"told_of": json.loads(row["told_of"])} for row in rows]


def _areas(world: "World") -> dict[str, str]:
    rows = world.parts["referral"].storage.rows("SELECT reference, cms_area FROM referrals")
    return {row["reference"]: row["cms_area"] for row in rows}


def _messages(world: "World", blemished: set[str]) -> None:
    partners, areas = _partners(world), _areas(world)
    events = [world.ledger.sent[id] for id in world.ledger.handled["notification"] if id in world.ledger.sent]
    expected = {
        (partner["code"], event.id)
        for event in events
        for partner in partners
        if event.subject not in blemished and _concerns(partner, event, areas.get(event.subject))
    }
    rows = world.parts["notification"].storage.rows("SELECT * FROM messages WHERE about <> ?", FAILED)
    told = Counter((row["partner"], row["cause_id"]) for row in rows if row["reference"] not in blemished)
    for partner, id in sorted(expected ^ told.keys()):
        was = "told" if (partner, id) in told else "not told"
        raise Broken("told", f"{partner} was {was} of {world.ledger.sent.get(id, 'what never was')}")


def _concerns(partner: dict[str, Any], event: Sent, area: str | None) -> bool:
    if event.type not in partner["told_of"] or event.data.get("consent") is False:
        return False
    return partner["area"] in (None, area) and partner["region"] in (None, event.data.get("region"))


def _failures_are_told(world: "World", blemished: set[str]) -> None:
    """A CMS hears of each partner that could not be told, but of itself."""
    areas = _areas(world)
    failed: Counter[str] = Counter()
    for event in world.ledger.sent.values():
        if event.type == FAILED and event.data["about"] != FAILED and event.subject not in blemished:
            failed[event.subject] += event.data["partner"] != f"cms-{areas[event.subject]}"
    rows = world.parts["notification"].storage.rows("SELECT reference FROM messages WHERE about = ?", FAILED)
    told = Counter(row["reference"] for row in rows)
    for reference in sorted(failed.keys() | told.keys() - blemished):
        if failed[reference] != told[reference] and reference not in blemished:
            said = f"{failed[reference]} deliveries failed, {told[reference]} were told"
            raise Broken("told", f"of {reference} {said}")


def _deliveries(world: "World", blemished: set[str]) -> None:
    """Each message is delivered or known to have failed; each delivery is told once, and was really sent."""
    query = "SELECT d.*, m.partner, m.reference, m.about FROM deliveries d JOIN messages m ON m.id = d.message_id"
    rows = world.parts["notification"].storage.rows(query)
    if len({row["message_id"] for row in rows}) != len(rows):
        raise Broken("told once", "a message has two deliveries")
    for row in rows:
        if row["state"] not in ("sent", "failed"):
            raise Broken("told", f"a delivery to {row['partner']} is still {row['state']}")
        if row["state"] == "sent" and row["channel"] == "email" and not world.post.taken[row["id"]]:
            raise Broken("told", f"a mail to {row['partner']} counts as sent, and never was")
    sent = Counter((row["reference"], row["partner"], row["about"]) for row in rows if row["state"] == "sent")
    events = [each for each in world.ledger.sent.values() if each.type == DELIVERED]
    told = Counter((each.subject, each.data["partner"], each.data["about"]) for each in events)
    for about in sorted(sent.keys() | told.keys()):
        if sent[about] != told[about] and about[0] not in blemished:
            raise Broken("told once", f"{about}: sent {sent[about]} times, told {told[about]} times")
