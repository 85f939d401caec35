"""What a postal code fills in, and where it leaves the choice."""

import pytest

from services.referral.domain import communes, localities
from services.referral.forms import completed_home

SION, SIERRE, NENDAZ, CONTHEY, VAL_DE_BAGNES = "6266", "6248", "6024", "6023", "6037"


@pytest.mark.parametrize(
    ("answers", "locality", "commune"),
    [
        ({"postal_code": "1950"}, "Sion", SION),
        ({"postal_code": "CH-1950"}, "Sion", SION),
        ({"postal_code": "1936"}, "Verbier", VAL_DE_BAGNES),
        ({"postal_code": "1976"}, None, CONTHEY),  # several places of one commune
        ({"postal_code": "3963", "locality": "Crans-Montana"}, "Crans-Montana", None),  # one place of two communes
        ({"postal_code": "1992", "locality": "les agettes"}, "les agettes", SION),
        ({"postal_code": "3960"}, None, None),  # places of several communes
        ({"postal_code": "3960", "locality": "sierre"}, "sierre", SIERRE),
        ({"postal_code": "1993", "locality": "Clebes"}, "Clebes", NENDAZ),
        ({"postal_code": "1950", "locality": "c/o CMS"}, "c/o CMS", SION),
        ({"postal_code": "1000"}, None, None),
        ({"postal_code": "19"}, None, None),
        ({}, None, None),
    ],
)
def test_locality_and_commune_are_filled_in_where_there_is_no_doubt(answers, locality, commune):
    found = completed_home(answers)
    assert (found.get("locality"), found.get("commune_bfs")) == (locality, commune)


def test_what_was_typed_is_never_replaced():
    typed = {"postal_code": "1950", "locality": "Bramois", "commune_bfs": "6265"}
    assert completed_home(typed) == typed


def test_every_locality_lies_in_a_commune_and_every_commune_has_one():
    found = {each.commune for there in localities().values() for each in there}
    assert found == set(communes())
