"""The containers are what the house says: its services, its paths, and to each only its own secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ancrage.house import SERVICES, SITES
from contracts.site import MOUNTS

ROOT = Path(__file__).parents[2]
COMPOSITION = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def _container(name: str) -> dict[str, Any]:
    found: dict[str, Any] = COMPOSITION["services"][name]
    return found


def _told(name: str) -> set[str]:
    return set(_container(name)["environment"])


def test_each_service_has_a_web_and_a_worker() -> None:
    ours = {name for name in COMPOSITION["services"] if name.startswith(("web-", "worker-"))}
    assert ours == {f"web-{site}" for site in SITES} | {f"worker-{service}" for service in SERVICES}


@pytest.mark.parametrize("service", SITES)
def test_pages_are_not_on_the_brokers_network(service: str) -> None:
    assert "events" not in _container(f"web-{service}")["networks"]
    assert not [name for name in _told(f"web-{service}") if "AMQP" in name]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_container_is_told_only_its_own_secrets(service: str, role: str) -> None:
    others = [each.upper() for each in SERVICES if each != service]
    allowed = {"ANCRAGE_PLACEMENT_SEALING_PUBLIC_KEY"}
    foreign = {name for name in _told(f"{role}-{service}") if name.startswith(tuple(f"ANCRAGE_{o}_" for o in others))}
    assert foreign - allowed == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_uses_its_own_database_and_broker_user(service: str) -> None:
    told = _container(f"worker-{service}")["environment"]
    assert f"//ancrage_{service}:" in told[f"ANCRAGE_{service.upper()}_DATABASE_URL"]
    assert told[f"ANCRAGE_{service.upper()}_DATABASE_URL"].endswith(f"/ancrage_{service}")
    assert f"//{service}:" in told["ANCRAGE_AMQP_URL"]


def test_no_secret_stands_in_the_composition() -> None:
    for name, container in COMPOSITION["services"].items():
        for variable, value in (container.get("environment") or {}).items():
            if re.search("PASSWORD|KEY|_URL$", variable) and re.search(r"//\w+:|KEY|PASSWORD", f"{variable}={value}"):
                assert value is None or "${" in value, f"{name}: {variable}"


def test_the_proxy_sends_each_path_where_the_house_says() -> None:
    conf = (ROOT / "deploy/proxy/nginx.conf").read_text()
    sent = tuple(re.findall(r"~\^(/[\w/]+)\(/\|\$\)\s+(\w+);", conf))
    assert sent == MOUNTS
    assert re.search(r"location /operations/ \{\s+return 404;", conf), "only the console may ask"


def test_the_scripts_know_all_services() -> None:
    for script in ("rabbitmq/start", "postgres/databases.sh"):
        (named,) = re.findall(r"^for service in (.+); do$", (ROOT / "deploy" / script).read_text(), re.MULTILINE)
        assert set(named.split()) == set(SERVICES)
