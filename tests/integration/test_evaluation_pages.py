"""The pages of HES-SO: what is due, who takes part, and noting what was answered."""

from datetime import date

import pytest

from contracts import people
from contracts.evaluation import EvaluationWaveCompleted
from contracts.placement import PlacementEnded, PlacementPaused, PlacementPlaced, PlacementStarted
from contracts.referral import ReferralCostsReported, ReferralErased
from services.evaluation.service import EvaluationService
from services.evaluation.web import create_app
from tests.happenings import A, B, House, happened
from tests.reader import Reader

COMPLETION = r"/evaluation/participations/[0-9a-f-]{36}/waves/\w+/completion"


@pytest.fixture
def house(tmp_path):
    house = House(EvaluationService, tmp_path)
    house.take(happened(PlacementPlaced), happened(ReferralCostsReported, chf=1200))
    house.take(happened(PlacementPlaced, B, pseudonym="P-B", sex="m", language="de", region="bas-valais"))
    house.take(happened(PlacementPlaced, "ISA-2026-000003", pseudonym="P-C", evaluation_consent=False))
    yield house
    house.context.store.dispose()


@pytest.fixture
def visit(house):
    app = create_app(house.context)

    def visit(role=people.EVALUATOR, language="fr"):
        return Reader(app, house.clock, role, language)

    return visit


def test_what_is_due_now_stands_first_with_the_figures(visit):
    page = visit().open("/evaluation/")
    assert page.text.count("T0, avant le premier jour") >= 2
    assert "Vagues à réaliser 2" in page.text
    assert "Sans accord pour l’évaluation 1" in page.text


def test_who_pauses_is_not_counted_among_those_who_take_part(house, visit):
    house.take(happened(PlacementStarted), happened(PlacementStarted, B), happened(PlacementPaused))
    assert "En cours 1 Suspendu 1" in visit().open("/evaluation/").text


def test_participants_are_shown_by_pseudonym_and_nothing_more_than_agreed(visit):
    page = visit(language="de").open("/evaluation/participants/")
    for words in ("P-A", "P-B", "1980", "Weiblich", "Männlich", "Unterwallis", "Deutsch", "01.12.2026"):
        assert words in page.text
    assert "P-C" not in page.html
    assert "ISA-" not in page.html


def test_a_participant_has_their_waves_on_a_line_of_time(visit):
    page = visit().open("/evaluation/participants/P-A")
    waves = [page.text.index(words) for words in ("T0, avant", "3 mois", "6 mois", "12 mois")]
    assert waves == sorted(waves)
    assert '<time datetime="2027-03-01">01.03.2027</time>' in page.html
    assert "Premier jour prévu\u00a0: 01.12.2026." in page.text
    assert "2026-Q4 1'200.–" in page.text


def test_before_the_first_day_is_known_only_t0_is_shown(house, visit):
    house.take(happened(PlacementPlaced, "ISA-2026-000004", pseudonym="P-D", starts_on=None))
    page = visit().open("/evaluation/participants/P-D")
    assert "seule T0 est prévue" in page.text
    assert "3 mois" not in page.text


def test_two_participations_of_one_person_are_on_one_page(house, visit):
    house.take(happened(PlacementPlaced, "ISA-2027-000007", pseudonym="P-A", starts_on=None))
    page = visit().open("/evaluation/participants/P-A")
    assert page.status == 200
    assert page.text.count("Participation suivie depuis") == 2


def test_pauses_and_ends_are_shown_without_their_reasons(house, visit):
    house.take(happened(PlacementStarted), happened(PlacementPaused, reason="health"))
    assert "Suspendue depuis le 04.01.2027." in visit().open("/evaluation/participants/P-A").text
    house.take(happened(PlacementEnded, reason="found_work"))
    page = visit().open("/evaluation/participants/P-A")
    assert "Fin le 30.04.2027." in page.text
    assert not {"health", "found_work"} & set(page.html.split())
    assert "Sortie" in page.text


def test_a_completed_wave_is_noted_and_told(house, visit):
    page = visit().open("/evaluation/participants/P-A")
    (form,) = page.links(COMPLETION)
    page.open(form).send(form, completed_on__day="20", completed_on__month="11", completed_on__year="2026")
    assert (page.status, page.location) == (303, "/evaluation/participants/P-A")
    told = [e for e in house.emitted() if isinstance(e, EvaluationWaveCompleted)]
    assert told == [EvaluationWaveCompleted(reference=A, pseudonym="P-A", wave="t0")]
    assert "Terminée le 20.11.2026" in page.open("/evaluation/participants/P-A").text
    assert page.open(form).status == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("24", "11", "2026"), "Ce jour n’est pas encore passé."),
        (("8", "11", "2026"), "Cette vague peut être terminée à partir du 09.11.2026."),
        (("31", "11", "2026"), "31"),
        (("", "", ""), ""),
        (("x", "y", "z"), "x"),
    ],
)
def test_a_day_that_cannot_be_is_said_and_nothing_typed_is_lost(house, visit, typed, said):
    page = visit().open("/evaluation/participants/P-A")
    (form,) = page.links(COMPLETION)
    day, month, year = typed
    page.open(form).send(form, completed_on__day=day, completed_on__month=month, completed_on__year=year)
    assert page.status == 422
    assert said in page.html
    assert 'href="#completed_on"' in page.html
    for part in typed:
        assert not part or f'value="{part}"' in page.html
    assert not any(isinstance(event, EvaluationWaveCompleted) for event in house.emitted())


def test_switching_the_language_keeps_what_was_typed(visit):
    page = visit().open("/evaluation/participants/P-A")
    (form,) = page.links(COMPLETION)
    page.open(form).send(form, completed_on__day="17", switch_language="de")
    assert page.status == 200
    assert 'value="17"' in page.html
    assert "An welchem Tag" in page.text


@pytest.mark.parametrize("role", [role for role in people.ROLES if role != people.EVALUATOR])
def test_the_evaluation_is_for_hes_so_alone(visit, role):
    page = visit(role)
    for path in ("/evaluation/", "/evaluation/participants/", "/evaluation/participants/P-A"):
        assert page.open(path).status == 403


def test_whoever_is_not_signed_in_is_asked_to(visit):
    assert visit(None).open("/evaluation/").location == "/account/sign-in?next=/evaluation/"


@pytest.mark.parametrize(
    "path",
    [
        "/evaluation/participants/P-X",
        f"/evaluation/participants/{A}",
        "/evaluation/participations/00000000-0000-7000-8000-000000000001/waves/t0/completion",
        "/evaluation/participations/x/waves/t0/completion",
    ],
)
def test_what_does_not_exist_is_not_found(visit, path):
    assert visit().open(path).status == 404


def test_who_was_erased_is_on_no_page_any_more(house, visit):
    house.take(happened(ReferralErased))
    page = visit()
    assert page.open("/evaluation/participants/P-A").status == 404
    assert "P-A" not in page.open("/evaluation/").html + page.open("/evaluation/participants/").html


def test_many_participants_come_in_pages(house, visit):
    house.take(
        *(happened(PlacementPlaced, f"ISA-2026-{n:06d}", pseudonym=f"P-{n}", starts_on=None) for n in range(100, 155))
    )
    page = visit().open("/evaluation/participants/")
    assert len(page.links(r"/evaluation/participants/P-\w+")) == 50
    assert len(page.open("/evaluation/participants/?page=2").links(r"/evaluation/participants/P-\w+")) == 7
    assert len(page.open("/evaluation/?page=2").links(COMPLETION)) == 7


def test_today_is_the_day_it_is_in_switzerland(house, visit):
    house.clock.move(hours=14, minutes=5)  # 23:05 UTC: the 24th has begun in Sion
    page = visit().open("/evaluation/participants/P-A")
    (form,) = page.links(COMPLETION)
    page.open(form).send(form, completed_on__day="24", completed_on__month="11", completed_on__year="2026")
    assert page.status == 303
    assert date(2026, 11, 24) in [w.completed_on for w in house.rows(house.context.store.metadata.tables["waves"])]
