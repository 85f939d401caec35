"""Sends referrals in on the stock twin and measures it: the counterpart of `ancrage bench workflow`.

python -m bench.stock.drive --count N | --rate R --seconds S, with the services' processes as NAME=PID arguments
"""

import argparse
import json
import os
from typing import Any

from nameko.standalone.events import event_dispatcher

from ancrage import house
from ancrage.bench import effects, workflow
from ancrage.bench.places import enlarge
from bench.stock.units import without_outbox
from chassis.settings import Settings


def main() -> None:
    asked = _arguments()
    settings = Settings.read()
    contexts = house.contexts(effects.SERVICES, settings)
    without_outbox(contexts["referral"])
    enlarge(without_outbox(contexts["placement"]), asked.places)
    dispatch = event_dispatcher({"AMQP_URI": settings.amqp_url})

    def tell_the_others(unit: Any) -> None:
        for event in unit.told:
            dispatch("referral", event.TYPE, event.to_data())

    def look(run: effects.Run) -> list[str]:
        return effects.missing(effects.count(contexts, run), run)

    pids = {"bench": os.getpid()} | {name: int(pid) for name, pid in (each.split("=") for each in asked.processes)}
    stack = workflow.Stack(contexts, pids, tell_the_others, look)
    count = asked.count or round(asked.rate * asked.seconds)
    print(json.dumps(workflow.measure(stack, workflow.Load(count, asked.rate, asked.seed))))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--places", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("processes", nargs="*", metavar="NAME=PID")
    return parser.parse_args()


if __name__ == "__main__":
    main()
