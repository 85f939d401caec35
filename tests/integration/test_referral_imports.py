"""Files of referrals: read in any of their forms, looked at, referred by the worker, and never twice."""

import csv
import io
import re
import zipfile
from datetime import date
from functools import partial
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook

from chassis.i18n import Catalogue
from chassis.store import outbox
from contracts.people import ADMINISTRATOR, CMS
from services.referral import handlers
from services.referral.domain import ErasePerson, WithdrawReferral
from services.referral.domain.imports import KEPT_ROWS, LONGEST
from services.referral.forms import files
from services.referral.handlers import importing
from services.referral.queries.wording.choices import field_choices
from services.referral.store import tables
from services.referral.store.imports import import_files, import_keys, import_rows
from services.referral.web import columns, create_app
from tests.reader import Reader
from tests.unit.referral.answers import AREA, NUMBERS, sample, typed

FRENCH = partial(Catalogue(columns.PACKAGE).gettext, "fr")
GERMAN = partial(Catalogue(columns.PACKAGE).gettext, "de")
FIELDS = tuple(columns.titles(FRENCH))


def row(**changes):
    """The cells of a row, in the codes of the API."""
    sent = typed(**changes)
    return [", ".join(v) if isinstance(v := sent.get(name, ""), list) else str(v) for name in FIELDS]


def as_csv(*rows, header=FIELDS, delimiter=";", encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def as_xlsx(*rows, header=FIELDS):
    book = Workbook()
    for each in (header, *rows):
        book.worksheets[0].append(each)
    for cell in (cell for line in book.worksheets[0].iter_rows() for cell in line if cell.data_type == "f"):
        cell.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class Clerk(Reader):
    """A social worker with a browser that runs no scripts."""

    def __init__(self, house, role=CMS, language="fr", **who):
        super().__init__(create_app(house.context), house.clock, role, language, **{"areas": (AREA,)} | who)
        self.house = house

    def upload(self, content, name="fichier.csv"):
        """Sends the file and goes where it leads; the address of its page."""
        self.open("/referrals/imports/")
        fields = {"csrf_token": self.token, "file": (io.BytesIO(content), name)}
        self.post_raw("/referrals/imports/", fields, content_type="multipart/form-data")
        page = self.location
        if page:
            self.open(page)
        return page

    def press(self, page, button):
        self.open(page)
        self.post(f"{page}/{button}")
        return self.open(self.location) if self.status == 303 else self

    def figures(self):
        """What the page counts, by the words it uses."""
        return {name: int(count) for name, count in re.findall(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", self.html)}

    def work(self):
        """The worker until nothing is left to do."""
        while importing.import_some(self.house.context):
            pass


def referred(house):
    return [each.reference for each in house.rows(tables.referrals)]


# -- reading --


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", as_csv(row())),
        ("b.csv", as_csv(row(), delimiter=",")),
        ("c.csv", as_csv(row(), delimiter="\t", encoding="utf-16")),
        ("d.csv", as_csv(row(), encoding="cp1252")),
        ("e.csv", as_csv(row(), encoding="utf-8-sig")),
        ("f.xlsx", as_xlsx(row())),
        ("g.csv", as_csv(row(), header=list(columns.titles(FRENCH).values()))),
        ("h.xlsx", as_xlsx(row(), header=list(columns.titles(GERMAN).values()))),
    ],
)
def test_a_file_of_any_kind_becomes_the_same_referral(small_house, name, content):
    clerk = Clerk(small_house)
    page = clerk.upload(content, name)
    assert clerk.figures() == {"Prêtes": 1}
    assert "Zoé Délèze" in clerk.text
    assert referred(small_house) == [], "nobody is referred before the file is confirmed"
    clerk.press(page, "confirm")
    clerk.work()
    (stored,) = small_house.rows(tables.referrals)
    answers = small_house.story(stored.reference).referral.application
    small_house.submit(avs_number=NUMBERS[1])
    assert answers == small_house.story("ISA-2026-000002").referral.application
    assert stored.submitted_by == "id-of-cms"


@pytest.mark.parametrize("say", [FRENCH, GERMAN])
def test_answers_may_be_written_as_words_of_either_language(small_house, say):
    words = {name: dict(pairs) for name, pairs in field_choices(say).items()}
    sent = {
        name: words[name].get(value, value) if name in words and not isinstance(value, list) else value
        for name, value in typed().items()
    }
    sent["interests"] = [words["interests"][code].upper() for code in sent["interests"]]
    sent["cms_area"] = columns.choices(say)["cms_area"][0]
    sent["birth_date"] = "4.5.1980"
    clerk = Clerk(small_house)
    page = clerk.upload(as_csv(row(**sent)))
    assert clerk.figures() == {"Prêtes": 1}, clerk.text
    clerk.press(page, "confirm")
    clerk.work()
    assert small_house.story("ISA-2026-000001").referral.application.interests == ("cooking", "music")


def test_cells_of_a_workbook_that_are_numbers_and_days_are_read_as_typed(small_house):
    cells = dict(zip(FIELDS, row(), strict=True))
    cells |= {
        "avs_number": 7561234567897,
        "postal_code": 1965.0,
        "commune_bfs": 6265,
        "birth_date": date(1980, 5, 4),
    }
    cells |= {"agrees": True}
    clerk = Clerk(small_house)
    clerk.upload(as_xlsx([cells[name] for name in FIELDS]), "liste.xlsx")
    assert clerk.figures() == {"Prêtes": 1}, clerk.text


def test_the_reader_is_told_how_the_file_was_read_and_what_was_not(small_house):
    clerk = Clerk(small_house)
    clerk.upload(as_csv([*row(), "43"], header=[*FIELDS, "Pointure"], encoding="cp1252"))
    assert "séparateur point-virgule, caractères Windows-1252" in clerk.text
    assert "n’ont pas été lues\u00a0: Pointure" in clerk.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"\x81\x8d\xff\x00", "ni un fichier CSV ni un fichier Excel"),
        (b"PK\x03\x04 nonsense", "ne peut pas être ouvert"),
        (b"one;two\n1;2\n", "doit nommer les colonnes"),
        (as_csv(), "aucune ligne en dessous"),
        (as_csv(row()[1:], header=FIELDS[1:]), "Il manque des colonnes\u00a0: Numéro AVS."),
        (as_csv([*row(), ""], header=[*FIELDS, FIELDS[0]]), "deux fois"),
        (as_csv(*[["1"]] * (LONGEST + 1)), "au plus 5000 lignes"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_keeps_nothing(small_house, content, said):
    clerk = Clerk(small_house)
    assert clerk.upload(content) is None
    assert clerk.status == 422
    assert said in clerk.text
    assert small_house.rows(import_files) == []


def repacked(workbook, change):
    """The same workbook with other contents: `change` takes a member's name and bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return packed.getvalue()


def test_a_workbook_that_unpacks_to_something_huge_is_refused(small_house, monkeypatch):
    """As it is, a good one: spaces at the end of its theme make it huge."""
    huge = repacked(as_xlsx(row()), lambda name, held: held + b" " * 40_000_000 if "theme" in name else held)
    assert len(huge) < 100_000
    clerk = Clerk(small_house)
    assert clerk.upload(huge, "a.xlsx") is None
    assert (clerk.status, "au plus 5000 lignes" in clerk.text) == (422, True)
    monkeypatch.setattr(files, "UNZIPPED", 10**9)
    assert clerk.upload(huge, "a.xlsx"), "without the limit it is unpacked"


def entity_bomb(times):
    """A workbook of somebody whose given name is an entity, grown tenfold so many times."""
    names = [f"e{number}" for number in range(times + 1)]
    grown = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "lol">{grown}]>'.encode()

    def planted(name, held):
        return bomb + held.replace("Zoé".encode(), f"&{names[-1]};".encode()) if "sheet1" in name else held

    return repacked(as_xlsx(row(given_name="Zoé")), planted)


@pytest.mark.parametrize("times", [1, 11])
def test_a_workbook_of_entities_that_grow_is_refused_instead_of_read(small_house, times):
    clerk = Clerk(small_house)
    assert clerk.upload(entity_bomb(times), "a.xlsx") is None
    assert (clerk.status, "ne peut pas être ouvert" in clerk.text) == (422, True)


def test_entities_that_are_read_would_be_found(small_house, monkeypatch):
    """As the workbooks' library reads without defusedxml; the bomb is a small one."""
    monkeypatch.setattr("openpyxl.worksheet._reader.iterparse", ElementTree.iterparse)
    clerk = Clerk(small_house)
    page = clerk.upload(entity_bomb(1), "a.xlsx")
    assert page
    assert "lol" * 10 in clerk.open(page).text


def test_no_file_and_too_large_a_file_are_told(small_house):
    clerk = Clerk(small_house)
    clerk.open("/referrals/imports/")
    clerk.post("/referrals/imports/")
    assert (clerk.status, "Choisissez un fichier." in clerk.text) == (422, True)
    clerk.upload(b"x" * 2_900_000)
    assert clerk.status == 422, "read, and no file of referrals"
    clerk.upload(b"x" * 3_200_000)
    assert (clerk.status, "au plus 3\u00a0Mo" in clerk.text) == (413, True)
    clerk.post("/referrals/new", family_name="x" * 1_100_000)
    assert clerk.status == 413, "anything else is smaller"


# -- looking --


def test_every_row_of_the_sample_is_sorted_as_expected(house):
    rows = list(sample())
    areas = {sent["cms_area"] for sent, _outcome, _because in rows}
    clerk = Clerk(house, areas=tuple(areas))
    page = clerk.upload(as_csv(*[row(**_blank() | sent) for sent, _outcome, _because in rows]))
    outcomes = [outcome for _sent, outcome, _because in rows]
    expected = {"invalid": outcomes.count("invalid"), "duplicate": outcomes.count("duplicate")}
    figures = clerk.figures()
    assert (figures["À corriger"], figures["Déjà présentes"]) == (expected["invalid"], expected["duplicate"])
    clerk.press(page, "confirm")
    clerk.work()
    assert len(referred(house)) == 113
    assert clerk.open(page).figures()["Signalées"] == 113


def _blank():
    """All that the usual referral says, left out."""
    return dict.fromkeys(FIELDS, "")


def test_what_is_wrong_is_told_field_by_field_in_the_readers_language(small_house):
    wrong = row(avs_number="756.1", email="nobody")
    french = Clerk(small_house)
    page = french.upload(as_csv(wrong))
    assert "Ce numéro AVS n’est pas valable" in french.text
    assert "Cette adresse e-mail n’est pas valable" in french.text
    assert french.figures() == {"À corriger": 1}
    german = Clerk(small_house, language="de")
    assert "Diese AHV-Nummer ist nicht gültig" in german.open(page).text


def test_a_row_for_another_cms_is_to_be_corrected(small_house):
    clerk = Clerk(small_house)
    clerk.upload(as_csv(row(cms_area="sierre")))
    assert clerk.figures() == {"À corriger": 1}
    assert "que pour votre propre CMS" in clerk.text


def test_who_refers_and_for_which_cms_need_not_stand_in_the_file(small_house):
    header = [name for name in FIELDS if name not in ("referrer_name", "referrer_email", "cms_area")]
    sent = typed(locality=None, commune_bfs=None, postal_code="1950")
    clerk = Clerk(small_house, areas=(AREA,))
    page = clerk.upload(as_csv([str(sent.get(name, "")) for name in header], header=header))
    clerk.press(page, "confirm").work()
    (row,) = small_house.rows(tables.referrals)
    told = row.application
    assert (told.cms_area, told.referrer_name, told.commune_bfs) == (AREA, "Somebody", 6266)


def test_duplicates_say_what_they_double(small_house):
    small_house.submit(avs_number=NUMBERS[1])
    clerk = Clerk(small_house)
    clerk.upload(as_csv(row(), row(street="Ailleurs 1"), row(avs_number=NUMBERS[1])))
    assert clerk.figures() == {"Prêtes": 1, "Déjà présentes": 2}
    assert "dans une autre ligne" in clerk.text
    assert "déjà un signalement ouvert" in clerk.text


# -- importing --


def test_the_same_file_again_adds_nothing_and_leads_to_the_first(house):
    clerk = Clerk(house)
    content = as_csv(row())
    page = clerk.upload(content)
    clerk.press(page, "confirm")
    clerk.work()
    assert clerk.upload(content) == page
    assert "déjà envoyé ce fichier" in clerk.text
    assert len(referred(house)) == 1


def test_the_same_row_in_another_file_adds_nothing_even_once_the_referral_is_closed(house):
    clerk = Clerk(house)
    page = clerk.upload(as_csv(row()))
    clerk.press(page, "confirm")
    clerk.work()
    house.do(handlers.withdraw_referral, "ISA-2026-000001", WithdrawReferral(reason="health"), (AREA,))
    clerk.upload(as_csv(row(), row(avs_number=NUMBERS[1])))
    assert clerk.figures() == {"Prêtes": 1, "Déjà présentes": 1}
    assert "La même ligne a déjà été importée." in clerk.text


def test_two_files_confirmed_at_once_refer_a_person_once(house):
    clerk = Clerk(house)
    pages = [clerk.upload(as_csv(row())), clerk.upload(as_csv(row(), encoding="cp1252"))]
    for page in pages:
        clerk.press(page, "confirm")
    clerk.work()
    assert len(referred(house)) == 1
    assert clerk.open(pages[1]).figures() == {"Déjà présentes": 1}


def test_somebody_referred_meanwhile_is_a_duplicate_and_the_others_go_on(house):
    clerk = Clerk(house)
    page = clerk.upload(as_csv(row(), row(avs_number=NUMBERS[1])))
    house.submit()
    clerk.press(page, "confirm")
    clerk.work()
    assert clerk.open(page).figures() == {"Déjà présentes": 1, "Signalées": 1}
    assert len(referred(house)) == 2


def test_a_worker_that_dies_in_the_middle_loses_nothing_and_does_nothing_twice(house, monkeypatch):
    clerk = Clerk(house)
    page = clerk.upload(as_csv(*[row(avs_number=number) for number in NUMBERS]))
    clerk.press(page, "confirm")
    submit, done = importing.submit_referral, []

    def dies_at_the_third(*arguments):
        referral = submit(*arguments)
        done.append(referral)
        if len(done) == 3:
            raise KeyboardInterrupt
        return referral

    monkeypatch.setattr(importing, "submit_referral", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        clerk.work()
    assert len(referred(house)) == 2
    clerk.work()
    assert len(referred(house)) == 4
    assert len(house.rows(outbox)) == 4
    assert clerk.open(page).figures() == {"Signalées": 4}


def test_while_it_runs_the_page_comes_again_by_itself_and_tells_how_far_it_is(small_house):
    clerk = Clerk(small_house)
    page = clerk.upload(as_csv(row(), row(avs_number=NUMBERS[1])))
    clerk.press(page, "confirm")
    answer = clerk.get(page)
    assert answer.headers["Refresh"] == "2"
    assert "0 lignes sur 2 signalées" in clerk.text
    clerk.work()
    assert "Refresh" not in clerk.get(page).headers


def test_a_file_is_confirmed_once_and_discarded_only_before(small_house):
    clerk = Clerk(small_house)
    page = clerk.upload(as_csv(row()))
    clerk.press(page, "confirm")
    assert clerk.press(page, "confirm").status == 409
    assert clerk.press(page, "discard").status == 409
    other = clerk.upload(as_csv(row(avs_number=NUMBERS[1])))
    assert "Personne n’a été signalé" in clerk.press(other, "discard").text
    assert [each for each in small_house.rows(import_rows) if each.file_id in other] == []


# -- what is to be corrected --


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_wrong_rows_come_back_in_the_same_form_and_go_in_once_corrected(small_house, kind):
    write = as_csv if kind == "csv" else as_xlsx
    wrong = row(avs_number=NUMBERS[1], email="nobody", phone="+41 79 555 12 34", constraints="=1+1")
    clerk = Clerk(small_house)
    page = clerk.upload(write(row(), wrong), f"a.{kind}")
    answer = clerk.client.get(f"{page}/corrections")
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    header, *rows = _read(answer.data, kind)
    assert header == [*FIELDS, "Ce qu’il faut corriger"]
    assert len(rows) == 1
    assert rows[0][-1].startswith("Cette adresse e-mail n’est pas valable")
    mended = ["zoe@mail.example" if cell == "nobody" else cell for cell in rows[0]]
    again = clerk.upload(write(mended, header=header), f"b.{kind}")
    assert clerk.figures() == {"Prêtes": 1}, clerk.text
    clerk.press(again, "confirm")
    clerk.work()
    (told,) = [small_house.story(reference).referral.application for reference in referred(small_house)]
    assert (told.constraints, told.phone) == ("=1+1", "+41 79 555 12 34")


def _read(content, kind):
    if kind == "xlsx":
        rows = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
        return [[cell or "" for cell in row] for row in rows]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("evil", ['=HYPERLINK("https://x.example")', "+1", "-1", "@SUM(A1)", "\t=1"])
def test_nothing_in_a_file_to_correct_is_taken_for_a_formula(small_house, evil):
    clerk = Clerk(small_house)
    for write, kind in ((as_csv, "csv"), (as_xlsx, "xlsx")):
        written = f"'{evil}" if kind == "csv" else f"x{evil}"
        page = clerk.upload(write(row(email="nobody", constraints=written)), f"a.{kind}")
        content = clerk.client.get(f"{page}/corrections").data
        if kind == "csv":
            cells = [cell for line in _read(content, "csv") for cell in line]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
        else:
            sheet = load_workbook(io.BytesIO(content)).worksheets[0]
            assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "inlineStr"}


@pytest.mark.parametrize("language", ["fr", "de"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_understood_when_it_comes_back(small_house, language, kind):
    clerk = Clerk(small_house, language=language)
    answer = clerk.client.get(f"/referrals/imports/template-{language}.{kind}")
    assert answer.status_code == 200
    if kind == "csv":
        header = next(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    else:
        book = load_workbook(io.BytesIO(answer.data))
        header = [cell.value for cell in book.worksheets[0][1]]
        assert len(book.worksheets[0].data_validations.dataValidation) == 12
    assert len(header) == len(FIELDS)
    write = as_csv if kind == "csv" else as_xlsx
    clerk.upload(write(row(), header=header), f"a.{kind}")
    assert clerk.status == 200
    assert list(clerk.figures().values()) == [1]
    assert clerk.client.get(f"/referrals/imports/template-en.{kind}").status_code == 404


# -- privacy --


def test_stored_rows_are_sealed_and_go_after_a_time(house):
    clerk = Clerk(house)
    clerk.upload(as_csv(row(), row(email="nobody")), "Zoé Délèze.csv")
    with house.context.reading() as session:
        stored = str([*session.execute(sa.text("SELECT * FROM import_files, import_rows"))])
    assert not [word for word in ("Délèze", "756.1234", "Zoé", "nobody", "Santé") if word in stored]
    house.clock.move(seconds=KEPT_ROWS.total_seconds() - 1)
    assert house.do(importing.forget_imports) == 0
    house.clock.move(seconds=2)
    assert house.do(importing.forget_imports) == 1
    assert house.rows(import_rows) == []


def test_a_file_is_seen_by_who_sent_it_only(small_house):
    page = Clerk(small_house).upload(as_csv(row()))
    other = Clerk(small_house)
    with other.client.session_transaction() as session:
        session["person"]["id"] = "another"
        session.modified = True
    assert other.open(page).status == 404
    assert other.press("/referrals/imports/", "nothing").status == 404
    assert other.client.get(f"{page}/corrections").status_code == 404
    assert Clerk(small_house, role=ADMINISTRATOR).open("/referrals/imports/").status == 403


def test_the_keys_of_rows_say_nothing_of_the_person(small_house):
    clerk = Clerk(small_house)
    clerk.press(clerk.upload(as_csv(row())), "confirm")
    clerk.work()
    (key,) = small_house.rows(import_keys)
    assert re.fullmatch("[0-9a-f]{64}", key.key)


def test_an_erased_referral_leaves_neither_row_nor_key(house):
    clerk = Clerk(house)
    clerk.press(clerk.upload(as_csv(row())), "confirm")
    clerk.work()
    house.do(handlers.erase_person, "ISA-2026-000001", ErasePerson(reason="request"), (AREA,))
    assert house.rows(import_rows) + house.rows(import_keys) == []
