"""An OpenID Connect provider: the certified one of npm, run by node."""

import json
import os
from pathlib import Path
from typing import Any

from tests.plant import needs
from tests.plant.server import Server, answers
from tests.plant.undertaker import Undertaker

#: where the site would be; nothing listens there
SITE = "http://127.0.0.1:8080"
CLIENT, SECRET = "ancrage", "a secret of this test alone"
_PROGRAM = Path(__file__).parent / "npm" / "provider.mjs"


class OpenIDProvider(Server):
    """Knows `people`: {subject: claims}. Whoever is asked who they are says it in the query (`?sub=`)."""

    def __init__(self, undertaker: Undertaker, people: dict[str, dict[str, Any]]) -> None:
        self._node = needs.openid_provider()
        super().__init__(undertaker)
        self._people = people

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        told = {
            "port": self.port,
            "redirect_uri": f"{SITE}/account/provider/back",
            "after_sign_out": f"{SITE}/account/sign-in",
            "people": self._people,
        }
        return [str(self._node), str(_PROGRAM), json.dumps(told)]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "NODE_ENV": "test"}

    def ready(self) -> bool:
        return answers(self.port)
