"""What people do: social workers, the host, HES-SO, partners and operators, each on the pages of one service."""

import json
from datetime import timedelta
from typing import Any

from chassis import operations
from services.evaluation import handlers as evaluation
from services.identity import handlers as identity
from services.identity.domain import Details
from services.notification import handlers as notification
from services.placement import handlers as placement
from services.placement.domain import DECLINE_REASONS, END_REASONS, PAUSE_REASONS, Mode
from services.placement.handlers import GroupSettings
from services.referral import handlers as referral
from services.referral.domain import (
    ERASURE_REASONS,
    WITHDRAWAL_REASONS,
    ErasePerson,
    ReportCosts,
    WithdrawReferral,
    reportable_quarters,
)
from services.referral.domain.referral import EVALUATION
from tests.simulation.hand import Hand
from tests.simulation.people import PEOPLE, answers
from tests.simulation.steps import Sort, step
from tests.simulation.world import World

ALL = ("all",)
GROUPS = ("oseo-sion", "oseo-bas-valais")


@step(Sort.FIRST)
def open_the_house(world: World, hand: Hand) -> str:
    """Small groups, so that somebody always waits; two who may sign in."""
    said = [_set_group(world, code, _settings(hand, is_open=True)) for code in GROUPS]
    for name in ("anna", "beat"):
        details = Details(email=f"{name}@cms.example", name=name, role="cms", language="fr", areas=["sion"])
        world.page("identity", lambda unit, details=details: identity.create_account(unit, details, "-", "setup").id)
    return "; ".join(said)


@step(Sort.PEOPLE, 10)
def submit(world: World, hand: Hand) -> str:
    person = hand.randint(1, PEOPLE)
    command = answers(person, hand)
    done = world.page("referral", lambda unit: referral.submit_referral(unit, command, "account-1").reference)
    return f"person {person} is referred: {done}"


@step(Sort.PEOPLE, 4)
def correct(world: World, hand: Hand) -> str | None:
    row = _one(
        world, hand, "referral", "SELECT reference FROM referrals", "state IN ('information_needed','ineligible')"
    )
    if row is None:
        return None
    person = hand.randint(1, PEOPLE)
    command = answers(person, hand, complete=0.9)
    done = world.page(
        "referral", lambda unit: referral.correct_referral(unit, row["reference"], command, "account-1", ALL).reference
    )
    return f"{row['reference']} is corrected, about person {person}: {done}"


@step(Sort.PEOPLE, 4)
def withdraw(world: World, hand: Hand) -> str | None:
    row = _one(world, hand, "referral", "SELECT reference FROM referrals", "state NOT IN ('ended','ineligible')")
    if row is None:
        return None
    command = WithdrawReferral(reason=hand.choice(WITHDRAWAL_REASONS))
    done = world.page(
        "referral", lambda unit: referral.withdraw_referral(unit, row["reference"], command, ALL).reference
    )
    return f"{row['reference']} is withdrawn ({command.reason}): {done}"


@step(Sort.PEOPLE, 2)
def correct_contact(world: World, hand: Hand) -> str | None:
    here = "state IN ('waitlisted', 'offered', 'placed', 'active', 'paused')"
    row = _one(world, hand, "referral", "SELECT reference, version FROM referrals", here)
    if row is None:
        return None
    told = {"phone": f"079 555 12 {hand.randint(10, 99)}"}
    seen = row["version"] - hand.chance(0.2)
    done = world.page(
        "referral", lambda unit: referral.correct_contact(unit, row["reference"], told, seen, ALL).reference
    )
    return f"{row['reference']} has another telephone number, seen at version {seen}: {done}"


@step(Sort.PEOPLE, 2)
def report_costs(world: World, hand: Hand) -> str | None:
    row = _one(world, hand, "referral", "SELECT reference FROM referrals", "state IN ('placed', 'active', 'paused')")
    if row is None:
        return None
    quarter = hand.choice(reportable_quarters(world.today))
    command = ReportCosts(period=quarter, chf=hand.randint(0, 9000), replaces=hand.chance(0.5))
    done = world.page(
        "referral", lambda unit: referral.report_costs(unit, row["reference"], command, "account-1", ALL).reference
    )
    return f"costs of {command.chf} francs in {quarter} are told of {row['reference']}: {done}"


@step(Sort.PEOPLE, 2)
def withdraw_consent(world: World, hand: Hand) -> str | None:
    row = _one(world, hand, "referral", "SELECT reference FROM referrals", "1 = 1")
    if row is None:
        return None
    purpose = hand.choice((EVALUATION, EVALUATION, "participation"))
    done = world.page(
        "referral", lambda unit: referral.withdraw_consent(unit, row["reference"], purpose, ALL).reference
    )
    return f"the consent of {row['reference']} to {purpose} is withdrawn: {done}"


@step(Sort.PEOPLE, 1)
def erase(world: World, hand: Hand) -> str | None:
    row = _one(world, hand, "referral", "SELECT reference FROM referrals", "1 = 1")
    if row is None:
        return None
    command = ErasePerson(reason=hand.choice(ERASURE_REASONS))
    done = world.page("referral", lambda unit: len(referral.erase_person(unit, row["reference"], command, ALL)))
    return f"the person of {row['reference']} is erased, of so many referrals: {done}"


@step(Sort.PEOPLE, 7)
def answer_an_offer(world: World, hand: Hand) -> str | None:
    row = _participant(world, hand, "state = 'offered'")
    if row is None:
        return None
    if hand.chance(0.6):
        starts_on = world.today + timedelta(days=hand.randint(1, 20)) if hand.chance(0.7) else None
        return _place(world, row, f"accepts the offer from {starts_on}", placement.accept_offer, starts_on)
    return _place(world, row, "declines the offer", placement.decline_offer, hand.choice(DECLINE_REASONS))


@step(Sort.PEOPLE, 3)
def rejoin(world: World, hand: Hand) -> str | None:
    row = _participant(world, hand, "state = 'waiting'")
    return row and _place(world, row, "is ready again", placement.rejoin)


@step(Sort.PEOPLE, 9)
def start(world: World, hand: Hand) -> str | None:
    row = _participant(world, hand, "state = 'placed'")
    return row and _start(world, hand, row)


@step(Sort.PEOPLE, 5)
def start_on_another_day(world: World, hand: Hand) -> str | None:
    row = _participant(world, hand, "state IN ('active', 'paused')")
    return row and _start(world, hand, row)


def _start(world: World, hand: Hand, row: Any) -> str:
    on = world.today - timedelta(days=hand.choice((0, 0, 1, 5)))
    return _place(world, row, f"comes for the first time, on {on}", placement.start, on)


@step(Sort.PEOPLE, 7)
def pause(world: World, hand: Hand) -> str | None:
    row = _participant(world, hand, "state = 'active'")
    return row and _place(world, row, "pauses", placement.pause, world.today, hand.choice(PAUSE_REASONS))


@step(Sort.PEOPLE, 7)
def resume(world: World, hand: Hand) -> str | None:
    row = _participant(world, hand, "state = 'paused'")
    return row and _place(world, row, "comes back", placement.resume, world.today)


@step(Sort.PEOPLE, 4)
def end(world: World, hand: Hand) -> str | None:
    row = _participant(world, hand, "state IN ('active','paused','placed','waiting','offered')")
    return row and _place(world, row, "ends", placement.end, world.today, hand.choice(END_REASONS))


@step(Sort.PEOPLE, 4)
def change_a_group(world: World, hand: Hand) -> str:
    row = _one(world, hand, "placement", "SELECT code FROM groups", "1 = 1")
    return _set_group(world, row["code"], _settings(hand, is_open=hand.chance(0.75)))


@step(Sort.PEOPLE, 1)
def add_a_group(world: World, hand: Hand) -> str:
    number = world.parts["placement"].storage.value("SELECT COUNT(*) FROM groups") + 1
    region, language = hand.choice((("sion", "fr"), ("sion", "de"), ("bas-valais", "fr")))
    settings = _settings(hand, is_open=True)
    done = world.page(
        "placement", lambda unit: placement.add_group(unit, f"group-{number}", region, language, settings)
    )
    return f"group-{number} opens in {region} ({language}), {settings.capacity} places: {done}"


@step(Sort.PEOPLE, 4)
def complete_a_wave(world: World, hand: Hand) -> str | None:
    query = (
        "SELECT w.participation_id, w.code, p.reference FROM waves w JOIN participations p ON p.id = participation_id"
    )
    row = _one(world, hand, "evaluation", query, "w.state IN ('planned', 'due')")
    if row is None:
        return None
    done = world.page(
        "evaluation", lambda unit: evaluation.complete_wave(unit, row["participation_id"], row["code"], world.today)
    )
    return f"{row['reference']} answers wave {row['code']}: {done}"


@step(Sort.PEOPLE, 1)
def acknowledge(world: World, hand: Hand) -> str | None:
    row = _one(world, hand, "notification", "SELECT id, partner FROM messages", "acknowledged_at IS NULL")
    if row is None:
        return None
    done = world.page(
        "notification", lambda unit: notification.acknowledge(unit, row["id"], [row["partner"]], "account-2")
    )
    return f"{row['partner']} acknowledges a message: {done}"


@step(Sort.PEOPLE, 3)
def send_again(world: World, hand: Hand) -> str | None:
    row = _one(world, hand, "notification", "SELECT id FROM deliveries", "state IN ('failed', 'retrying')")
    if row is None:
        return None
    done = world.page("notification", lambda unit: notification.retry_delivery(unit, row["id"]))
    return f"a delivery is to be sent again: {done}"


@step(Sort.PEOPLE, 2)
def end_sessions(world: World, hand: Hand) -> str | None:
    row = _one(world, hand, "identity", "SELECT id, name, disabled_at FROM accounts", "1 = 1")
    if row is None:
        return None
    if hand.chance(0.5):
        done = world.page("identity", lambda unit: identity.sign_out_everywhere(unit, row["id"]))
        return f"{row['name']} signs out everywhere: {done}"
    changed = "enabled" if row["disabled_at"] else "disabled"
    change = identity.enable_account if row["disabled_at"] else identity.disable_account
    done = world.page("identity", lambda unit: change(unit, row["id"], "administrator"))
    return f"the account of {row['name']} is {changed}: {done}"


@step(Sort.PEOPLE, 1)
def move_a_partner(world: World, hand: Hand) -> str:
    row = _one(world, hand, "notification", "SELECT code, told_of FROM partners", "1 = 1")
    email = hand.choice((None, f"new@{row['code']}.example"))
    told_of = json.loads(row["told_of"])
    done = world.page("notification", lambda unit: notification.change_partner(unit, row["code"], email, "fr", told_of))
    return f"{row['code']} is told by {email or 'its inbox alone'}: {done}"


@step(Sort.PEOPLE, 8)
def operate(world: World, hand: Hand) -> str | None:
    """An operator retries, edits or discards a failure."""
    name = hand.choice(sorted(world.parts))
    query = "SELECT id, event_id, state, body, error_type FROM failures"
    row = _one(world, hand, name, query, "state IN ('parked', 'retrying', 'waiting')")
    if row is None:
        return None
    action = hand.choice(("retry", "retry", "edit", "discard"))
    if row["error_type"] == "PerhapsHandled":  # then an operator looks first
        action = "discard" if row["event_id"] in world.ledger.handled[name] else "retry"
    return f"an operator at {name}: {action} failure {row['id']}: {_operate(world, name, row, action)}"


def _operate(world: World, name: str, row: Any, action: str) -> str:
    told = {"who": "operator", "why": "simulation"}
    context = world.parts[name].context
    if action == "edit":
        # the same, written otherwise: what it says stays true
        return world.attempt(lambda: operations.edit(context, row["id"], b" " + row["body"], **told)["state"])
    deed = operations.retry if action == "retry" else operations.discard
    return world.attempt(lambda: deed(context, row["id"], **told)["state"])


def _one(world: World, hand: Hand, name: str, query: str, usually: str) -> Any:
    """A row that fits, or now and then any; None where there is none."""
    where = "" if hand.chance(0.05) else f" WHERE {usually}"
    rows = world.parts[name].storage.rows(
        f"{query}{where} ORDER BY 1, 2" if "," in query else f"{query}{where} ORDER BY 1"
    )
    return hand.choice(rows) if rows else None


def _participant(world: World, hand: Hand, usually: str) -> Any:
    return _one(world, hand, "placement", "SELECT reference FROM participations", usually)


def _place(world: World, row: Any, said: str, command: Any, *told: Any) -> str:
    done = world.page("placement", lambda unit: command(unit, row["reference"], *told))
    return f"{row['reference']} {said}: {done}"


def _settings(hand: Hand, *, is_open: bool) -> GroupSettings:
    mode = hand.choice((Mode.AUTOMATIC, Mode.OFFER))
    capacity = hand.choice((0, 1, 1, 2, 2, 3))
    return GroupSettings(name="A group", capacity=capacity, is_open=is_open, mode=mode, offer_days=hand.randint(1, 7))


def _set_group(world: World, code: str, settings: GroupSettings) -> str:
    done = world.page("placement", lambda unit: placement.change_group(unit, code, settings))
    opened = "open" if settings.is_open else "closed"
    return f"{code} is {opened}, {settings.capacity} places, {settings.mode}: {done}"
