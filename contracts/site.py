"""The one site that all services make together: which pages there are, and for whom."""

from dataclasses import dataclass

from contracts import people


@dataclass(frozen=True)
class Entry:
    """A line of the navigation: where it leads, its text by language, and the roles (and the right) that see it."""

    path: str
    text: dict[str, str]
    roles: frozenset[str]
    right: str | None = None


_GROUPS = {"fr": "Groupes et places", "de": "Gruppen und Plätze"}

_AUDIT = {"fr": "Consultations", "de": "Zugriffe"}
_KEEPING = {"fr": "Conservation", "de": "Aufbewahrung"}

NAVIGATION = (
    Entry("/referrals/", {"fr": "Signalements", "de": "Anmeldungen"}, frozenset({people.CMS})),
    Entry("/placement/", _GROUPS, frozenset({people.OSEO, people.PARTNER})),
    Entry("/placement/figures", {"fr": "Chiffres", "de": "Zahlen"}, frozenset({people.SAS})),
    Entry("/evaluation/", {"fr": "Évaluation", "de": "Evaluation"}, frozenset({people.EVALUATOR})),
    Entry(
        "/console/",
        {"fr": "Exploitation", "de": "Betrieb"},
        frozenset({people.OPERATOR, people.ADMINISTRATOR}),
    ),
    Entry(
        "/messages/",
        {"fr": "Messages", "de": "Mitteilungen"},
        frozenset(people.ROLES),  # operators and administrators: the deliveries
    ),
    Entry("/referrals/rules/", {"fr": "Règles", "de": "Regeln"}, frozenset({people.ADMINISTRATOR})),
    Entry("/referrals/tokens/", {"fr": "Accès API", "de": "API-Zugänge"}, frozenset({people.ADMINISTRATOR})),
    Entry("/account/people/", {"fr": "Comptes", "de": "Konten"}, frozenset({people.ADMINISTRATOR})),
    Entry("/placement/", _GROUPS, frozenset({people.ADMINISTRATOR})),  # without names
    Entry("/audit/", _AUDIT, frozenset({people.ADMINISTRATOR})),
    Entry("/audit/", _AUDIT, frozenset({people.CMS}), people.HEAD),
    Entry("/retention/", _KEEPING, frozenset({people.ADMINISTRATOR})),  # without names
    Entry("/retention/", _KEEPING, frozenset({people.CMS}), people.HEAD),
)

#: which service answers below which path; the first match counts
MOUNTS = (
    ("/referrals", "referral"),
    ("/api", "referral"),
    ("/developers", "referral"),
    ("/retention", "referral"),
    ("/placement", "placement"),
    ("/evaluation", "evaluation"),
    ("/messages", "notification"),
    ("/account", "identity"),
    ("/assets", "identity"),  # the same files in every service
    ("/console", "console"),
    ("/audit", "console"),
    ("/health", "console"),
)
