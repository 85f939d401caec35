"""Whether referral, placement and evaluation say the same of each referral, once nothing is on its way any more."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.sessions import LONGEST
from contracts.identity import SessionsEnded
from contracts.referral import ReferralConsentWithdrawn
from tests.simulation.ledger import Broken

if TYPE_CHECKING:
    from tests.simulation.world import World

#: state of a referral -> states that placement may have it in, and evaluation (None: never heard of it)
AGREEING: dict[str, tuple[tuple[str | None, ...], tuple[str | None, ...]]] = {
    "information_needed": ((None,), (None,)),
    "ineligible": ((None,), (None,)),
    "waitlisted": (("waiting",), (None,)),
    "offered": (("offered",), (None,)),
    "placed": (("placed",), ("enrolled", "refused")),
    "active": (("active",), ("active", "refused")),
    "paused": (("paused",), ("paused", "refused")),
    "ended": (("ended",), ("ended", "refused", None)),
    "withdrawn": (("ended",), ("withdrawn", "refused")),
    "entered_in_error": (("ended",), ("withdrawn", "refused")),
}

#: what evaluation may say, in whatever state, of who no longer agrees to be asked
NOT_ASKED = ("left", "refused", "withdrawn", "ended")


def check_agreement(world: "World", blemished: set[str]) -> None:
    """For all referrals but the `blemished`, of which somebody has discarded an event."""
    places = _by_reference(world, "placement")
    followed = _by_reference(world, "evaluation")
    withdrawn = _whose_consent_was_withdrawn(world)
    for row in world.parts["referral"].storage.rows("SELECT * FROM referrals"):
        if row["reference"] not in blemished:
            left = row["reference"] in withdrawn
            _check_states(row, places.get(row["reference"]), followed.get(row["reference"]), left)
            _check_details(row, places.get(row["reference"]), followed.get(row["reference"]))


def _by_reference(world: "World", name: str) -> dict[str, Any]:
    rows = world.parts[name].storage.rows("SELECT * FROM participations")
    return {row["reference"]: row for row in rows}


def _whose_consent_was_withdrawn(world: "World") -> set[str]:
    query = "SELECT reference FROM referrals JOIN timeline ON referral_id = referrals.id WHERE type = ?"
    return {row["reference"] for row in world.parts["referral"].storage.rows(query, ReferralConsentWithdrawn.TYPE)}


def _check_states(referral: Any, place: Any, followed: Any, left: bool) -> None:
    expected = AGREEING.get(referral["state"], ((), ()))
    if left:
        expected = (expected[0], NOT_ASKED)
    stands = (place and place["state"], followed and followed["state"])
    if stands[0] not in expected[0] or stands[1] not in expected[1]:
        said = f"{referral['reference']} is {referral['state']}, in placement {stands[0]}, in evaluation {stands[1]}"
        raise Broken("agreement", said)
    if referral["state"] == "ended" and stands[1] is None and place["group_code"] and place["starts_on"]:
        raise Broken("agreement", f"{referral['reference']} had a place, and evaluation never heard of it")


def _check_details(referral: Any, place: Any, followed: Any) -> None:
    told = json.loads(referral["placement"] or "{}")
    differences = []
    if place and referral["state"] in ("offered", "placed", "active", "paused"):
        differences += [("group", told.get("group"), place["group_code"])]
    if place and referral["state"] in ("placed", "active", "paused", "ended"):
        differences += [("first day", told.get("starts_on"), place["starts_on"])]
    if referral["state"] == "waitlisted":
        differences += [("ready for a place", referral["queue"] is not None, not place["deferred"])]
    if followed and followed["state"] in ("enrolled", "active", "paused", "ended"):
        differences += [("evaluation's first day", followed["first_day"], place["starts_on"])]
        differences += [("end", followed["ended_on"], place["ended_on"])]
    for what, one, other in differences:
        if one != other:
            raise Broken("agreement", f"{referral['reference']} ({referral['state']}): {what} is {one} and {other}")


def check_sessions(world: "World", blemished: set[str]) -> None:
    """Every service knows up to when each account's sessions are over, as long as one of them could still be used."""
    latest: dict[str, datetime] = {}
    for sent in world.ledger.sent.values():
        if sent.type == SessionsEnded.TYPE and sent.subject not in blemished:
            before = datetime.fromisoformat(sent.data["before"])
            over = sent.data.get("session") or sent.subject
            latest[over] = max(before, latest.get(over, before))
    for name in (name for name, types in world.types.items() if SessionsEnded.TYPE in types):
        noted = {row["account_id"]: row["before"] for row in world.parts[name].storage.rows(_ENDED)}
        for account, before in latest.items():
            if before >= world.clock.now() - LONGEST and _moment(noted.get(account)) != before:
                raise Broken("agreement", f"{name} has {account} out before {noted.get(account)}, told was {before}")


_ENDED = "SELECT account_id, before FROM ended_sessions"


def _moment(noted: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{noted}+00:00") if noted else None
