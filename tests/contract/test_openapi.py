"""The API keeps to its document, whatever it is sent: schemathesis makes the calls, some valid and some not."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from chassis.crypto import issue_token
from contracts.people import ALL_AREAS, REFERRALS_READ, REFERRALS_WRITE
from services.referral.web import create_app
from tests.unit.referral.answers import NUMBERS, house_on

DOCUMENT = Path(__file__).parents[2] / "docs/openapi.json"

#: calls of each kind; a whole run stays below half a minute
CALLS = 60


def _untold(method: str) -> list[Any]:
    """What the checks cannot know: no schema tells of a check digit, so what it allows may still be refused;
    and what an address cannot carry, such as an empty list, is gone before it could be refused.
    """
    return [positive_data_acceptance, *([negative_data_rejection] if method == "GET" else [])]


def _calls() -> list[tuple[str, str, GenerationMode]]:
    """Every operation, called rightly and wrongly; what takes nothing can't be called wrongly."""
    paths = json.loads(DOCUMENT.read_text())["paths"]
    return [
        (method.upper(), path, mode)
        for path, methods in paths.items()
        for method, told in methods.items()
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or told["security"]
    ]


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The service with referrals in several states, whose references the calls find in lists."""
    house = house_on("sqlite", request, tmp_path_factory.mktemp("api"))
    house.submit()
    house.submit(avs_number=NUMBERS[1], agrees="unknown")
    house.submit(avs_number=NUMBERS[2], social_assistance="no")
    house.decide()
    yield house
    house.context.store.dispose()


@pytest.fixture(scope="module")
def api(house: Any) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(house.context))


@pytest.fixture(scope="module")
def token(house: Any) -> dict[str, str]:
    claims = {"sub": "integration:all", "areas": [ALL_AREAS], "scopes": [REFERRALS_READ, REFERRALS_WRITE]}
    token = issue_token(house.context.settings.keys.token, claims, house.clock.now(), timedelta(days=1))
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("method", "path", "mode"), _calls())
def test_every_answer_is_one_that_the_document_tells_of(
    api: Any, token: dict[str, str], method: str, path: str, mode: GenerationMode
) -> None:
    @settings(max_examples=CALLS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=api[path][method].as_strategy(generation_mode=mode))
    def call(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=token, excluded_checks=_untold(method))

    call()


def test_an_answer_that_the_document_does_not_tell_of_is_found(house: Any, token: dict[str, str]) -> None:
    told = json.loads(DOCUMENT.read_text())
    del told["paths"]["/api/referrals"]["post"]["responses"]["422"]
    api = schemathesis.openapi.from_dict(told)
    api.app = create_app(house.context)
    with pytest.raises(FailureGroup):
        api["/api/referrals"]["POST"].Case(body={}, media_type="application/json").call_and_validate(headers=token)
