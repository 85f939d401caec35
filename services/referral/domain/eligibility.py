"""Who may take part: seven criteria, each met, not met or unknown, with its reason. Pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

from services.referral.domain.application import Answer, Application


class Outcome(StrEnum):
    """What an assessment leads to."""

    ELIGIBLE = "eligible"
    INFORMATION_NEEDED = "information_needed"
    INELIGIBLE = "ineligible"


class Result(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rules:
    """What may change without a new version of the program: ages in years, regions with an open programme."""

    version: str
    valid_from: date
    minimum_age: int
    reference_age: int  #: the age from which one is too old: 65 means up to and including 64
    open_regions: tuple[str, ...]
    waived: tuple[str, ...] = ()  #: criteria that do not count in this version, some of WAIVABLE


@dataclass(frozen=True)
class Criterion:
    """How one criterion came out; `reason` is a code, put into words in the reader's language."""

    code: str
    result: Result
    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Assessment:
    """The criteria in their order, and the version of the rules that they were decided by."""

    criteria: tuple[Criterion, ...]
    rules_version: str

    def holds(self, rules: Rules) -> bool:
        """Whether it says how every criterion came out that counts by these rules."""
        return {criterion.code for criterion in self.criteria} >= CRITERIA.keys() - set(rules.waived)

    def with_result(self, result: Result) -> tuple[str, ...]:
        return tuple(criterion.code for criterion in self.criteria if criterion.result is result)

    @property
    def not_met(self) -> tuple[str, ...]:
        return self.with_result(Result.NOT_MET)

    @property
    def unknown(self) -> tuple[str, ...]:
        return self.with_result(Result.UNKNOWN)

    @cached_property
    def outcome(self) -> Outcome:
        if self.not_met:
            return Outcome.INELIGIBLE
        return Outcome.INFORMATION_NEEDED if self.unknown else Outcome.ELIGIBLE


@dataclass(frozen=True)
class Case:
    """All that a criterion may look at."""

    application: Application
    region: str | None
    on: date
    rules: Rules


def assess(application: Application, region: str | None, on: date, rules: Rules) -> Assessment:
    """Decides the criteria that count on the day `on`; `region` is that of residence, None if unknown."""
    case = Case(application, region, on, rules)
    counting = (decide for code, decide in CRITERIA.items() if code not in rules.waived)
    return Assessment(tuple(decide(case) for decide in counting), rules.version)


def assess_again(before: Assessment, region: str | None, rules: Rules) -> Assessment:
    """What `assess` comes to with other rules for the same person on the same day, without the answers.

    Only residence and age look at the rules; all else came out as it will. Every criterion that counts must be there
    (`Assessment.holds`).
    """
    known = {criterion.code: criterion for criterion in before.criteria}
    counting = (known[code] for code in CRITERIA if code not in rules.waived)
    return Assessment(tuple(_by(rules, criterion, region) for criterion in counting), rules.version)


def _by(rules: Rules, criterion: Criterion, region: str | None) -> Criterion:
    if criterion.code == "residence":
        return _of_region(region, rules)
    return _of_age(int(criterion.params["age"]), rules) if criterion.code == "age" else criterion


def age_on(day: date, birth_date: date) -> int:
    """Whole years lived on `day`; someone born on 29 February is a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _social_assistance(case: Case) -> Criterion:
    return _from_answer("social_assistance", case.application.social_assistance, wanted=Answer.YES)


def _residence(case: Case) -> Criterion:
    return _of_region(case.region, case.rules)


def _of_region(region: str | None, rules: Rules) -> Criterion:
    if region is None:
        return Criterion("residence", Result.UNKNOWN, "residence_commune_unknown")
    if region in rules.open_regions:
        return Criterion("residence", Result.MET, "residence_open", {"region": region})
    return Criterion("residence", Result.NOT_MET, "residence_closed", {"region": region})


def _employment_unrealistic(case: Case) -> Criterion:
    answers = case.application
    return _assessed("employment_unrealistic", answers.employment_unrealistic, answers.employment_reason)


def _benefit_expected(case: Case) -> Criterion:
    return _assessed("benefit_expected", case.application.benefit_expected, case.application.benefit_reason)


def _age(case: Case) -> Criterion:
    return _of_age(age_on(case.on, case.application.birth_date), case.rules)


def _of_age(age: int, rules: Rules) -> Criterion:
    limits = {"age": age, "minimum": rules.minimum_age, "maximum": rules.reference_age}
    if age < rules.minimum_age:
        return Criterion("age", Result.NOT_MET, "age_too_young", limits)
    if age >= rules.reference_age:
        return Criterion("age", Result.NOT_MET, "age_too_old", limits)
    return Criterion("age", Result.MET, "age_within", limits)


def _no_other_measure(case: Case) -> Criterion:
    return _from_answer("no_other_measure", case.application.other_measure, wanted=Answer.NO)


def _agrees(case: Case) -> Criterion:
    return _from_answer("agrees", case.application.agrees, wanted=Answer.YES)


def _assessed(code: str, answer: Answer, reason: str | None) -> Criterion:
    """A yes counts with its reason alone: it is a judgement, and OSEO and the canton rely on it."""
    if answer is Answer.YES and not (reason and reason.strip()):
        return Criterion(code, Result.UNKNOWN, f"{code}_reason_missing")
    return _from_answer(code, answer, wanted=Answer.YES)


def _from_answer(code: str, answer: Answer, wanted: Answer) -> Criterion:
    if answer is Answer.UNKNOWN:
        return Criterion(code, Result.UNKNOWN, f"{code}_unknown")
    if answer is wanted:
        return Criterion(code, Result.MET, f"{code}_met")
    return Criterion(code, Result.NOT_MET, f"{code}_not_met")


#: the criteria in the order in which they are shown
CRITERIA: Final[dict[str, Callable[[Case], Criterion]]] = {
    "social_assistance": _social_assistance,
    "residence": _residence,
    "employment_unrealistic": _employment_unrealistic,
    "benefit_expected": _benefit_expected,
    "age": _age,
    "no_other_measure": _no_other_measure,
    "agrees": _agrees,
}

#: what a version may leave out: residence finds the group, ages have their limits, and taking part is voluntary
WAIVABLE: Final = ("social_assistance", "employment_unrealistic", "benefit_expected", "no_other_measure")
