"""The values of the domain that are stored as one JSON document each, because they are replaced as a whole."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from chassis.sealed import Sealed
from services.referral.domain import Answer, Application, Assessment, Criterion, Placement, Result

_QUESTIONS = ("social_assistance", "employment_unrealistic", "benefit_expected", "other_measure", "agrees")


class Document(sa.TypeDecorator[Any]):
    """A frozen value in, JSON in the column, an equal value out."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, dump: Callable[[Any], Any], load: Callable[[Any], Any]) -> None:
        super().__init__()
        self.dump = dump
        self.load = load

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.dump(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.load(value)


def _dump_application(application: Application) -> dict[str, Any]:
    return vars(application) | {"birth_date": application.birth_date.isoformat()}


def _load_application(stored: dict[str, Any]) -> Application:
    answers = {name: Answer(stored[name]) for name in _QUESTIONS}
    typed = {"birth_date": date.fromisoformat(stored["birth_date"]), "interests": tuple(stored["interests"])}
    return Application(**stored | answers | typed)


def _dump_assessment(assessment: Assessment) -> dict[str, Any]:
    criteria = [vars(criterion) | {"params": dict(criterion.params)} for criterion in assessment.criteria]
    return {"rules_version": assessment.rules_version, "criteria": criteria}


def _load_assessment(stored: dict[str, Any]) -> Assessment:
    criteria = tuple(
        Criterion(each["code"], Result(each["result"]), each["reason"], each["params"]) for each in stored["criteria"]
    )
    return Assessment(criteria, stored["rules_version"])


_DAYS = ("starts_on", "paused_on", "ended_on")


def _dump_placement(placement: Placement) -> dict[str, Any]:
    told = {field.name: getattr(placement, field.name) for field in fields(placement)}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in told.items()
        if value is not None
    }


def _load_placement(stored: dict[str, Any]) -> Placement:
    days = {name: date.fromisoformat(stored[name]) for name in _DAYS if name in stored}
    until = {"until": datetime.fromisoformat(stored["until"])} if "until" in stored else {}
    return Placement(**stored | days | until)


def application_document() -> Sealed:
    return Sealed(_dump_application, _load_application)


def assessment_document() -> Document:
    return Document(_dump_assessment, _load_assessment)


def placement_document() -> Document:
    return Document(_dump_placement, _load_placement)
