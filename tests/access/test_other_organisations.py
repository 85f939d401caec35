"""What another organisation has in hand opens nothing: its keys of repeated calls, its cursors, its references."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.referral.api import calls
from services.referral.handlers import drafting
from services.referral.handlers.referring import of_areas
from services.referral.queries import listing
from tests.access.scene import Scene
from tests.access.visitors import ELSEWHERE, Caller

Visitors = Mapping[str, Any]


def withdrawn_with(scene: Scene, visitors: Visitors, key: str) -> Any:
    """The answer to whoever sends a withdrawal of another organisation again, word for word and under its key."""
    reference, _told = scene.world.refer(social_assistance="no")
    path, body, headers = f"/api/referrals/{reference}/withdrawal", b'{"reason": "moved_away"}', {calls.KEY: key}
    assert visitors["t:write"].send_raw(path, body, headers=headers).status_code == 200
    stranger: Caller = visitors["t:elsewhere"]
    return stranger.send_raw(path, body, headers=headers)


def test_a_call_repeated_under_the_key_of_another_organisation_is_another_call(
    scene: Scene, visitors: Visitors
) -> None:
    assert withdrawn_with(scene, visitors, "theirs").status_code == 404


def test_a_key_that_belongs_to_everybody_would_be_found(
    scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_whose", lambda _token: "everybody")
    assert withdrawn_with(scene, visitors, "everybody's").get_json()["status"] == "withdrawn"


def listed_from_elsewhere(visitors: Visitors) -> list[str]:
    """What a stranger reads with the cursor of somebody else's first page."""
    cursor = visitors["t:read"].get("/api/referrals?limit=1").get_json()["next"]
    assert cursor
    answer = visitors["t:elsewhere"].get(f"/api/referrals?cursor={cursor}").get_json()
    return [each["reference"] for each in answer["referrals"]]


def test_the_cursor_of_another_organisation_leads_to_ones_own_list(visitors: Visitors) -> None:
    assert listed_from_elsewhere(visitors) == []


def test_a_cursor_that_leads_to_their_list_would_be_found(visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "ALL_AREAS", ELSEWHERE)
    assert listed_from_elsewhere(visitors)


def taken_over(scene: Scene, visitors: Visitors) -> tuple[int, bool]:
    """Status, and whether a draft of one's own shows a person of another CMS after asking for their details."""
    stranger, told = visitors["other-cms"], scene.told[scene.here]
    with scene.world.contexts["referral"].unit() as unit:
        draft = drafting.begin_draft(unit, {"family_name": "Personne"}, ELSEWHERE, "account-9")
    page = f"/referrals/drafts/{draft.id}"
    status = stranger.send(f"{page}/take-over", reference=scene.here).status_code
    return status, told["given_name"] in stranger.get(f"{page}/identity").text


def test_a_draft_of_ones_own_takes_nothing_over_from_another_cms(scene: Scene, visitors: Visitors) -> None:
    assert taken_over(scene, visitors) == (404, False)


def test_details_taken_over_from_another_cms_would_be_found(
    scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "of_areas", lambda unit, reference, _areas: of_areas(unit, reference, ["all"]))
    assert taken_over(scene, visitors) == (303, True)
