"""What holds when all is mended and the house has come to rest."""

from typing import TYPE_CHECKING

from tests.simulation.agreement import check_agreement, check_sessions
from tests.simulation.erasure import check_erasure
from tests.simulation.ledger import ERASED, Broken
from tests.simulation.rest import come_to_rest, mend, operators_clear_up
from tests.simulation.telling import check_telling
from tests.simulation.waves import check_waves

if TYPE_CHECKING:
    from tests.simulation.world import World

TELLING_OF_REFERRALS = ("placement", "evaluation", "notification")
CLEARINGS = 20  #: rounds of the operators: what waited behind something may need them as well


def check_settled(world: "World") -> None:
    """Raises Broken."""
    mend(world)
    come_to_rest(world)
    _every_event_is_handled_or_shown(world)
    for _ in range(CLEARINGS):
        if operators_clear_up(world):
            come_to_rest(world)
    _every_event_is_handled_or_shown(world)
    _nothing_is_left(world)
    _what_is_noted_was_done(world)
    check_erasure(world)
    blemished = world.discarded() | world.ledger.erased
    check_agreement(world, blemished)
    check_sessions(world, blemished)
    check_telling(world, blemished)
    check_waves(world, blemished)


def _every_event_is_handled_or_shown(world: "World") -> None:
    """Of whom everybody shall forget, nobody has to hear anything else."""
    erased = world.ledger.erased
    for name, part in world.parts.items():
        shown = {row["event_id"] for row in part.storage.rows("SELECT event_id FROM failures")}
        done = world.ledger.handled[name]
        for sent in world.ledger.sent.values():
            gone = sent.subject in erased and sent.type != ERASED
            if sent.type in world.types[name] and sent.id not in done and sent.id not in shown and not gone:
                raise Broken("lost", f"{name} never handled {sent}, and nobody can see it")


def _nothing_is_left(world: "World") -> None:
    """Nothing parked, retried or waiting: all that could hinder is mended."""
    query = "SELECT type, subject, state, error_type, message FROM failures WHERE state <> 'discarded' ORDER BY id"
    for name, part in world.parts.items():
        for row in part.storage.rows(query):
            if row["subject"] not in world.discarded():
                raise Broken("failure", f"{name} still holds {dict(row)}")


def _what_is_noted_was_done(world: "World") -> None:
    """The inbox holds what was handled, and a timeline has one line for each event that referral heard of."""
    for name, part in world.parts.items():
        for row in part.storage.rows("SELECT event_id, type FROM inbox"):
            if row["event_id"] not in world.ledger.handled[name]:
                raise Broken("inbox", f"{name} noted {row['type']} as handled, and never handled it")
    erased = world.ledger.erased
    noted = {row["id"] for row in world.parts["referral"].storage.rows("SELECT id FROM timeline")}
    for id in world.ledger.handled["referral"]:
        sent = world.ledger.sent.get(id)
        if sent and sent.source in TELLING_OF_REFERRALS and id not in noted and sent.subject not in erased:
            raise Broken("timeline", f"{sent} is handled and not in the timeline")
