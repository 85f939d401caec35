"""The partners a fresh installation knows. Everything here can be changed afterwards on the partners' page.

Who they are: the programme's facts, "Who takes part". Addresses and what each is told of are our choice: as little
as lets everybody act. The host hears of a withdrawal from placement (the participation or the wait has ended), which
knows whether the host had ever heard of the person; the referral's own withdrawal would tell of strangers. Likewise
it hears of corrected contact details from placement, and only of whoever holds a seat: of others it may not see them.
"""

from services.notification.domain.partners import Kind, Shows

_CMS = [
    "referral.information_needed.v1",
    "referral.rejected.v1",
    "placement.waitlisted.v1",
    "placement.offered.v1",
    "placement.offer_declined.v1",
    "placement.offer_expired.v1",
    "placement.placed.v1",
    "placement.started.v1",
    "placement.ended.v1",
    "notification.failed.v1",
    "referral.erasure_announced.v1",
]
_HOST = [
    "placement.waitlisted.v1",
    "placement.offered.v1",
    "placement.placed.v1",
    "placement.contact_changed.v1",
    "placement.ended.v1",
]
_SPONSOR = ["placement.placed.v1", "placement.ended.v1"]
_EVALUATOR = ["evaluation.enrolled.v1", "evaluation.wave_due.v1"]


def _partner(code: str, name: str, kind: Kind, told_of: list[str], **more: object) -> dict[str, object]:
    email = f"ancrage@{code}.example"
    defaults = {"language": "fr", "shows": Shows.REFERENCE, "email": email, "area": None, "region": None}
    return defaults | {"code": code, "name": name, "kind": kind, "told_of": told_of} | more


def _cms(area: str, name: str, language: str = "fr") -> dict[str, object]:
    return _partner(f"cms-{area}", name, Kind.CMS, _CMS, area=area, language=language)


DEFAULT_PARTNERS: list[dict[str, object]] = [
    _cms("sion-herens-conthey", "CMS Sion-Hérens-Conthey"),
    _cms("sierre", "CMS Sierre"),
    _cms("martigny-entremont", "CMS Martigny-Entremont"),
    _cms("monthey-saint-maurice", "CMS Monthey-Saint-Maurice"),
    _cms("haut-valais", "SMZ Oberwallis", language="de"),
    _partner("oseo-valais", "OSEO Valais", Kind.HOST, _HOST),
    _partner("ville-de-sion", "Ville de Sion", Kind.MUNICIPALITY, _SPONSOR, region="sion"),
    _partner("hes-so", "HES-SO Valais-Wallis", Kind.EVALUATOR, _EVALUATOR, shows=Shows.PSEUDONYM),
    _partner("sas", "Service de l’action sociale", Kind.CANTON, _SPONSOR, shows=Shows.NOTHING),
]
