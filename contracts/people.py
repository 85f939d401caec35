"""Who may sign in: the roles that identity gives and every service checks."""

from typing import Final

CMS: Final = "cms"  #: social worker; `areas` says of which CMS
OSEO: Final = "oseo"  #: hosts the groups
EVALUATOR: Final = "evaluator"  #: HES-SO
SAS: Final = "sas"  #: canton: figures, never people
PARTNER: Final = "partner"  #: Ville de Sion and others: counts and statuses of their region
OPERATOR: Final = "operator"  #: keeps services and queues running; no personal data
ADMINISTRATOR: Final = "administrator"  #: accounts, rules, settings

ROLES: Final = (CMS, OSEO, EVALUATOR, SAS, PARTNER, OPERATOR, ADMINISTRATOR)

#: what an account may have besides its role
HEAD: Final = "head"  #: leads the CMS of its areas: may read who looked at their referrals

#: which rights an account of a role may be given
RIGHTS: Final = {CMS: (HEAD,)}

#: an API token's scope, and its `areas` where it may send for every CMS
REFERRALS_WRITE: Final = "referrals:write"
REFERRALS_READ: Final = "referrals:read"
SCOPES: Final = (REFERRALS_WRITE, REFERRALS_READ)
ALL_AREAS: Final = "all"
