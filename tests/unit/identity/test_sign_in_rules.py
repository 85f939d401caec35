"""Who may sign in, how often anybody may try, and which passwords are good enough."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.identity import SessionsEnded
from services.identity.domain import (
    DELAYS,
    FORGOTTEN_AFTER,
    Account,
    Details,
    NotOneself,
    PasswordRefused,
    Standing,
    Throttle,
    TooManyAttempts,
    check_password,
    normalised_email,
)
from services.identity.forms import PASSWORD_REFUSED

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def account() -> Account:
    details = Details(email="a@b.ch", name="Léa Rey", role="cms", language="fr")
    return Account.of("1", details, NOW)


def test_the_first_attempts_cost_nothing() -> None:
    throttle = Throttle("key", free=5)
    for _ in range(5):
        throttle.attempt(NOW)
    assert throttle.failures == 5


def test_after_them_each_failure_makes_the_next_wait_longer_up_to_a_limit() -> None:
    throttle, now, waits = Throttle("key", free=5), NOW, []
    for _ in range(4 + len(DELAYS) + 3):
        throttle.attempt(now)
        if throttle.blocked_until:
            waits.append(throttle.blocked_until - now)
            now = throttle.blocked_until
    assert waits == [*DELAYS, DELAYS[-1], DELAYS[-1], DELAYS[-1]]
    assert sorted(DELAYS) == list(DELAYS)


def test_an_attempt_made_too_early_says_when_the_next_may_come_and_makes_nothing_worse() -> None:
    throttle = Throttle("key", free=1)
    throttle.attempt(NOW)
    for _ in range(3):
        with pytest.raises(TooManyAttempts) as refusal:
            throttle.attempt(NOW + timedelta(seconds=1))
        assert refusal.value.until == NOW + DELAYS[0]
    assert throttle.failures == 1


def test_success_forgets_the_failures() -> None:
    throttle = Throttle("key", free=2)
    throttle.attempt(NOW)
    throttle.attempt(NOW)
    throttle.succeed()
    throttle.attempt(NOW)
    assert throttle.failures == 1


def test_success_at_one_account_takes_back_only_its_own_attempt_from_the_address() -> None:
    throttle = Throttle("key", free=30)
    for _ in range(4):
        throttle.attempt(NOW)
    throttle.forgive()
    assert throttle.failures == 3


def test_failures_are_forgotten_after_a_day() -> None:
    throttle = Throttle("key", free=2)
    throttle.attempt(NOW)
    throttle.attempt(NOW + FORGOTTEN_AFTER)
    assert throttle.failures == 1


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elf Zeichen", "too_short"),
        ("x" * 129, "too_long"),
        ("aaaaaaaaaaaaaaa", "too_simple"),
        ("ababababababab", "too_simple"),
        ("Amandine forever", "like_name"),
        ("a.rochat-2026-11", "like_name"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused) as refusal:
        check_password(password, "a.rochat@example.ch", "Amandine Rochat")
    assert refusal.value.reason == reason


def test_a_few_words_make_a_good_password() -> None:
    check_password("treize arbres verts", "a.rochat@example.ch", "Amandine Rochat")


def test_each_reason_for_refusing_a_password_has_its_sentence() -> None:
    assert set(PASSWORD_REFUSED) == set(PasswordRefused.REASONS)


def test_an_address_is_the_same_in_capitals() -> None:
    assert normalised_email(" A.Rochat@Example.CH ") == "a.rochat@example.ch"


def test_a_disabled_account_ends_its_sessions() -> None:
    person = account()
    assert person.allows_session_since(NOW)
    person.disable("2", NOW)
    assert not person.allows_session_since(NOW)
    person.enable()
    assert not person.allows_session_since(NOW - timedelta(seconds=1)), "the old ones stay over"
    assert person.allows_session_since(NOW)


def test_every_end_of_sessions_is_told_with_the_accounts_id_and_a_time_and_nothing_else() -> None:
    person = account()
    ends = (
        person.disable("2", NOW),
        person.choose_password("y", NOW),
        person.end_sessions(NOW),
    )
    assert {tuple(told) for told in ends} == {(SessionsEnded(reference="1", before=NOW),)}
    assert set(SessionsEnded(reference="1", before=NOW).to_data()) == {"reference", "before", "session"}


def test_a_changed_password_ends_the_sessions_begun_before() -> None:
    person = account()
    person.choose_password("y", NOW)
    assert not person.allows_session_since(NOW - timedelta(minutes=1))
    assert person.allows_session_since(NOW)


def test_an_account_is_invited_or_has_an_initial_password_until_its_owner_has_chosen_one() -> None:
    invited, made = account(), account()
    assert invited.standing is Standing.INVITED
    made.give_initial_password("x")
    assert made.standing is Standing.INITIAL
    for person in (invited, made):
        person.choose_password("y", NOW)
        assert person.standing is Standing.OPEN
        person.disable("2", NOW)
        assert person.standing is Standing.DISABLED
        person.enable()
        assert person.standing is Standing.OPEN


def test_whoever_may_do_something_else_has_to_sign_in_again() -> None:
    details = Details(email="a@b.ch", name="Léa Rey", role="cms", language="fr", areas=("sierre",))
    person = Account.of("1", details, NOW)
    assert person.change(replace(details, name="Léa Roh", email=" L@b.CH", language="de"), NOW) == []
    assert (person.name, person.email, person.language) == ("Léa Roh", "l@b.ch", "de")
    ends = [SessionsEnded(reference="1", before=NOW)]
    for more in ({"areas": ("sion",)}, {"rights": ("head",)}, {"role": "sas"}, {"partner": "sas"}, {"region": "sion"}):
        details = replace(details, **more)
        assert person.change(details, NOW) == ends
        assert person.change(details, NOW) == []


def test_nobody_shuts_themselves_out() -> None:
    with pytest.raises(NotOneself):
        account().disable("1", NOW)
