"""The document of the API (OpenAPI 3.1), as programs fetch it and the page for developers shows it."""

from typing import Any

from flask import Blueprint, Flask, current_app, jsonify

from chassis.i18n import mark as _
from chassis.web import openapi
from services.referral.api import calls
from services.referral.queries import wording

blueprint = Blueprint("document", __name__, url_prefix="/api")

_INFO = {
    "title": "Ancrage",
    "version": "1",
    "description": _("Refer people to social insertion in the canton of Valais, and follow each referral."),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_PARAMETERS = {
    "reference": {
        "description": _("Reference of the referral"),
        "schema": {"type": "string", "pattern": f"^{calls.REFERENCE}$", "examples": ["ISA-2026-000001"]},
    }
}


@blueprint.get("/openapi.json")
def fetch() -> Any:
    """Public: it describes, and tells nothing."""
    return jsonify(document_of(current_app))


def document_of(app: Flask) -> dict[str, Any]:
    """The document of all that `app` offers programs; texts are sentences of the catalogue, in English.

    Made once: what an application offers stays the same, and it takes a second to put together.
    """
    if __name__ not in app.extensions:
        labels = wording.field_labels(lambda text, **_params: text)
        app.extensions[__name__] = openapi.document(app, _INFO, parameters=_PARAMETERS, labels=labels)
    return app.extensions[__name__]
