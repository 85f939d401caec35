"""What a run left in the stores, counted in rows. The same for both stacks: they write the same tables."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chassis.context import Context

#: the services that a referral passes
SERVICES = ("referral", "placement", "evaluation", "notification")


@dataclass(frozen=True)
class Run:
    """The referrals of one run: nobody else's references are between its first and its last."""

    count: int
    first: str
    last: str

    @classmethod
    def of(cls, references: "Sequence[str]") -> "Run":
        """Several who send at once are given theirs in no order."""
        return cls(len(references), min(references), max(references))

    @property
    def bounds(self) -> dict[str, str]:
        return {"first": self.first, "last": self.last}


_BETWEEN = "reference BETWEEN :first AND :last"
_REFERRAL = f"JOIN referrals ON referrals.id = timeline.referral_id WHERE {_BETWEEN}"
_DELIVERY = f"JOIN messages ON messages.id = deliveries.message_id WHERE {_BETWEEN}"
_WAVE = f"JOIN participations ON participations.id = waves.participation_id WHERE {_BETWEEN}"

#: by service: what is counted as `name value`
_COUNTED: dict[str, tuple[str, ...]] = {
    "referral": (
        f"SELECT 'referral ' || state, count(*) FROM referrals WHERE {_BETWEEN} GROUP BY 1",
        f"SELECT 'noted ' || type, count(*) FROM timeline {_REFERRAL} GROUP BY 1",
    ),
    "placement": (f"SELECT 'place ' || state, count(*) FROM participations WHERE {_BETWEEN} GROUP BY 1",),
    "evaluation": (
        f"SELECT 'enrolment ' || state, count(*) FROM participations WHERE {_BETWEEN} GROUP BY 1",
        f"SELECT 'wave ' || code || ' ' || waves.state, count(*) FROM waves {_WAVE} GROUP BY 1",
    ),
    "notification": (
        f"SELECT 'subject', count(*) FROM subjects WHERE {_BETWEEN}",
        f"SELECT 'told ' || about, count(DISTINCT reference) FROM messages WHERE {_BETWEEN} GROUP BY 1",
        f"SELECT 'message ' || about, count(*) FROM messages WHERE {_BETWEEN} GROUP BY 1",
        f"SELECT 'delivery ' || state, count(*) FROM deliveries {_DELIVERY} GROUP BY 1",
    ),
}

#: rows that should be one: the same news of the same referral noted again, or told again to the same partner
_DOUBLED = {
    "referral": f"SELECT count(*) - count(DISTINCT referral_id || type) FROM timeline {_REFERRAL}"
    " AND type NOT LIKE 'notification.%'",
    "notification": f"SELECT count(*) - count(DISTINCT reference || partner || about) FROM messages WHERE {_BETWEEN}",
}

Effects = Counter[str]


def count_unhurried(contexts: "Mapping[str, Context]") -> None:
    """Counting millions of rows takes longer than any statement of a service may."""
    for context in contexts.values():
        if not context.store.is_sqlite:
            sa.event.listen(context.store.engine, "connect", _without_timeout)


def _without_timeout(connection: Any, _record: Any) -> None:
    connection.execute("SET statement_timeout = 0")
    connection.commit()


def count(contexts: "Mapping[str, Context]", run: Run) -> Effects:
    """All rows of the run, by kind and state."""
    effects: Effects = Counter()
    for service, queries in _COUNTED.items():
        with contexts[service].reading() as session:
            for query in queries:
                effects.update(dict(session.execute(sa.text(query), run.bounds).tuples().all()))
    return effects


def doubled(contexts: "Mapping[str, Context]", run: Run) -> int:
    """How many effects are there more than once."""
    found = 0
    for service, query in _DOUBLED.items():
        with contexts[service].reading() as session:
            found += session.scalar(sa.text(query), run.bounds) or 0
    return found


def total(effects: Effects, kind: str) -> int:
    return sum(number for name, number in effects.items() if name.partition(" ")[0] == kind)


def missing(effects: Effects, run: Run) -> list[str]:
    """What has not come yet, in words: empty when every effect of every referral is there.

    Holds where the partners are told what a fresh installation tells them, and nobody else moves anybody meanwhile.
    """
    undecided, asked = effects["referral submitted"], effects["referral information_needed"]
    refused, seated = effects["referral ineligible"], total(effects, "place") - effects["place waiting"]
    accepted = run.count - undecided - asked - refused
    consenting, delivered = effects["enrolment enrolled"], effects["delivery sent"]
    expected = {
        "referrals": (run.count, total(effects, "referral")),
        "decisions": (0, undecided),
        "participations": (accepted, total(effects, "place")),
        "enrolments": (seated, total(effects, "enrolment")),
        "subjects": (run.count, effects["subject"]),
        "waves due": (consenting, effects["wave t0 due"]),
        "deliveries": (total(effects, "delivery"), delivered),
        "noted as placed": (seated, effects["noted placement.placed.v1"]),
        "noted as enrolled": (seated, effects["noted evaluation.enrolled.v1"]),
        "noted as delivered": (delivered, effects["noted notification.delivered.v1"]),
        "told of a place": (seated, effects["told placement.placed.v1"]),
        "told of waiting": (effects["place waiting"], effects["told placement.waitlisted.v1"]),
        "told of a refusal": (refused, effects["told referral.rejected.v1"]),
        "told of what is missing": (asked, effects["told referral.information_needed.v1"]),
        "told of an enrolment": (consenting, effects["told evaluation.enrolled.v1"]),
        "told of a wave": (consenting, effects["told evaluation.wave_due.v1"]),
    }
    return [f"{what}: {there} of {wanted}" for what, (wanted, there) in expected.items() if wanted != there]
