"""Sends referrals to a running site and follows them to their place. Standard library only.

ANCRAGE_TOKEN=… walk.py ADDRESS REFERRALS.json ready            waits until the whole way can be gone
…                                              send   FROM TO   sends these and follows them
…                                              accept FROM TO   sends these; their way may wait
…                                              follow           follows all that were accepted
"""

import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

PATIENCE = 180.0  #: seconds for the containers to become ready, or for a referral to go its way
ALL_THE_WAY = {"placement.placed.v1", "notification.delivered.v1", "evaluation.enrolled.v1"}


def ask(address: str, body: Any = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {os.environ['ANCRAGE_TOKEN']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, _json(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _json(error.read())
    except OSError as error:
        return 0, str(error)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw[:200].decode(errors="replace")


def wait_until_ready(site: str) -> None:
    begun, last = time.monotonic(), None
    while (answer := ask(f"{site}/health/ready"))[0] != 200:
        if time.monotonic() - begun > PATIENCE:
            sys.exit(f"not ready after {PATIENCE:.0f} s: {answer}")
        if answer != last:
            print("  not yet:", answer[1])
            last = answer
        time.sleep(1)
    print(f"Ready after {time.monotonic() - begun:.0f} s of asking")


def look_at_pages(site: str) -> None:
    """The page for signing in comes whole: with its styles and scripts, through the proxy."""
    with urllib.request.urlopen(f"{site}/account/sign-in", timeout=10) as answer:
        page = answer.read().decode()
    parts = sorted(set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)))
    for part in parts:
        with urllib.request.urlopen(f"{site}{part}", timeout=10) as answer:
            if answer.status != 200 or not answer.read():
                sys.exit(f"{part}: {answer.status}")
    if not parts or "<form" not in page:
        sys.exit("the page for signing in is not whole")
    print(f"  the page for signing in came with {len(parts)} files")


def send(site: str, bodies: list[Any], sent: Path) -> list[str]:
    references = []
    for body in bodies:
        status, answer = ask(f"{site}/api/referrals", body)
        if status != 201:
            sys.exit(f"a referral was not accepted: {status} {answer}")
        references.append(answer["reference"])
        print(f"  {answer['reference']} accepted")
    with sent.open("a") as file:
        file.writelines(f"{reference}\n" for reference in references)
    return references


def follow(site: str, references: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    for reference in references:
        while not went_all_the_way(found := ask(f"{site}/api/referrals/{reference}")[1]):
            if time.monotonic() > deadline:
                sys.exit(f"{reference} stands still: {json.dumps(found)}")
            time.sleep(0.2)
        begun, ended = (datetime.fromisoformat(found["timeline"][at]["at"]) for at in (0, -1))
        took = abs((ended - begun).total_seconds())
        print(f"  {reference} {found['status']} ({found['placement']['group']}), all told after {took:.1f} s")


def went_all_the_way(found: dict[str, Any]) -> bool:
    """Whether the page shows it: a place, a partner told, the evaluation begun."""
    heard = {entry["event"] for entry in found.get("timeline", ())}
    return found.get("status") == "placed" and heard >= ALL_THE_WAY


def main() -> None:
    site, referrals, command, *span = sys.argv[1:]
    sent = Path(referrals).with_suffix(".sent")
    first, last = map(int, span or (0, 0))
    bodies = json.loads(Path(referrals).read_text())[first:last]
    if command == "ready":
        wait_until_ready(site)
    elif command == "pages":
        look_at_pages(site)
    elif command == "send":
        follow(site, send(site, bodies, sent))
    elif command == "accept":
        send(site, bodies, sent)
    elif command == "follow":
        follow(site, sent.read_text().split())


if __name__ == "__main__":
    main()
