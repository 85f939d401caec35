"""What of a person stands anywhere where somebody may look: pages, lists, searches, files, API, answers to mistakes."""

import html
import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from werkzeug.test import TestResponse

from chassis.i18n import format_phone
from tests.access.scene import Scene
from tests.access.table import Cells, lines_of
from tests.access.visitors import COLUMNS, Asking

FILE = Path(__file__).parent / "who_sees_what.txt"

FIELDS = (
    "reference", "name", "contact", "birth-date", "avs-number", "assessment", "needs", "urgency", "pseudonym",
)  # fmt: skip

Line = tuple[str, str]  #: person and field


def values_of(scene: Scene, reference: str) -> dict[str, list[str]]:
    """By field, each value as people and as programs write it; any one of them tells the field."""
    told = scene.told[reference]
    year, month, day = told["birth_date"].split("-")
    return {
        "reference": [reference],
        "name": [told["family_name"], told["given_name"]],
        "contact": [
            told["street"],
            told["phone"],
            told["phone"].replace(" ", ""),
            format_phone(told["phone"]),
            told["email"],
        ],
        "birth-date": [told["birth_date"], f"{day}.{month}.{year}", f"{int(day)}.{int(month)}.{year}"],
        "avs-number": [told["avs_number"], told["avs_number"].replace(".", "")],
        "assessment": [told["employment_reason"], told["benefit_reason"]],
        "needs": [told["constraints"]],
        "urgency": [told["urgency_reason"]] if told.get("urgency_reason") else [],
        "pseudonym": [scene.pseudonym_of(reference)],
    }


def found(scene: Scene, visitors: Mapping[str, Asking]) -> dict[Line, Cells]:
    """+ stands somewhere, - stands nowhere."""
    people = {"placed": scene.here, "waiting": scene.waiting, "elsewhere": scene.there, "refused": scene.refused}
    texts = {column: read_all(visitor, scene) for column, visitor in visitors.items()}
    return {
        (person, field): {column: "+" if any(v in texts[column] for v in values) else "-" for column in COLUMNS}
        for person, reference in people.items()
        for field, values in values_of(scene, reference).items()
        if values
    }


def read_all(visitor: Asking, scene: Scene) -> str:
    """All that somebody can be shown, address by address, for each person."""
    texts = [shown(visitor.get(path), path) for path in sorted(addresses(scene))]
    texts += [shown(_found_by(visitor, word), word) for word in _searched(scene)]
    for reference, told in scene.told.items():
        path = f"/referrals/{reference}/withdraw"
        texts += [shown(visitor.send(path, reason=""), path), shown(visitor.send("/api/referrals", **told), "")]
    return "\n".join(texts)


def _found_by(visitor: Asking, word: str) -> TestResponse:
    """The search goes on to the page of what it found."""
    answer = visitor.send("/referrals/", search=word)
    address = answer.headers.get("Location", "")
    return visitor.get(address) if address.startswith("/referrals/") else answer


def shown(answer: TestResponse, asked: str) -> str:
    """What an answer says, without what was asked: that tells nobody anything new."""
    if answer.status_code in (302, 303, 403):  # to the sign-in page and back, or what was typed, to be sent again
        return ""
    if answer.mimetype == "application/pdf":
        text = _pages_of(answer.data)
    else:
        text = html.unescape(answer.text.replace("<wbr>", ""))  # where a line may end
    return re.sub(r'<input[^>]*name="(search|csrf_token)"[^>]*>', "", text).replace(asked, "") if asked else text


def _pages_of(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(document)).pages)


def addresses(scene: Scene) -> set[str]:
    found = {
        scene.address(rule, reference)
        for method, rule in lines_of(scene.world)
        for reference in scene.told
        if method == "GET" and "sign-out" not in rule
    }
    found |= {f"/evaluation/participants/{scene.pseudonym_of(reference)}" for reference in scene.told}
    found |= {f"/placement/groups/{code}" for code in ("oseo-sion", "oseo-bas-valais")}
    found |= {f"/messages/mail/{letter}" for letter in scene.letters()}
    return found | {f"/operations/{name}/trace?reference={r}" for name in scene.world.contexts for r in scene.told}


def _searched(scene: Scene) -> list[Any]:
    return [told[name] for told in scene.told.values() for name in ("family_name", "avs_number")]


def written(table: Mapping[Line, Cells]) -> str:
    def line(person: str, field: str, signs: list[str]) -> str:
        cells = " ".join(f"{sign:^{len(name)}}" for sign, name in zip(signs, COLUMNS, strict=True))
        return f"{person:<12}{field:<14}{cells}".rstrip()

    rows = [line(*key, [cells[name] for name in COLUMNS]) for key, cells in table.items()]
    return "\n".join([line("person", "field", list(COLUMNS)), *rows])
