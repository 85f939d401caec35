"""`python -m tests.chaos`: breaks things for some minutes and prints the ledger. Exit code 1 unless it is clean."""

import argparse
import random
import shutil
import sys
import time
from pathlib import Path

from tests.chaos import campaign
from tests.chaos.house import opened
from tests.chaos.plan import plan
from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.undertaker import Undertaker

SHOWN = 12  #: findings of a kind that are listed


def main() -> int:
    told = _arguments()
    undertaker = Undertaker()
    try:
        rabbitmq, postgres = RabbitMQ(undertaker), PostgreSQL(undertaker)
        rabbitmq.start()
        postgres.start()
        with opened(rabbitmq, postgres, undertaker) as house:
            kinds = plan(told.faults, random.Random(told.seed))  # noqa: S311 - nothing secret hangs on it
            _say(f"seed {told.seed}: {told.faults} faults over {told.seconds} s; logs in {house.folder}")
            report = campaign.run(house, kinds, told.seconds, told.seed, _say if told.verbose else lambda line: None)
            if told.keep_logs and not report.passed:
                _keep(house.folder, told.keep_logs)
    finally:
        undertaker.finish()
    _print(report)
    return 0 if report.passed else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300, help="over which the faults are spread, at least")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--verbose", action="store_true", help="say each fault as it happens")
    parser.add_argument("--keep-logs", type=Path, metavar="DIR", help="where the processes' logs go if it fails")
    return parser.parse_args()


def _keep(folder: Path, where: Path) -> None:
    where.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, where)


def _print(report: campaign.Report) -> None:
    _say("")
    faults = ", ".join(f"{kind} {count}" for kind, count in sorted(report.faults.items(), key=lambda each: -each[1]))
    _say(f"faults      {sum(report.faults.values())}: {faults}")
    _say(f"died at     {', '.join(report.points)}")
    for reason in sorted(set(report.left_out)):
        _say(f"left out    {reason}")
    _say(f"answers     {', '.join(f'{what}: {count}' for what, count in report.answers.items())}")
    _say(f"processes   {report.deaths} deaths, {report.left_in_order} of them in order after SIGTERM")
    rest = "never" if report.came_to_rest is None else f"{report.came_to_rest:.0f} s after the last fault"
    _say(f"at rest     {rest}; {report.seconds:.0f} s in all; seed {report.seed}")
    _print_ledger(report)


def _print_ledger(report: campaign.Report) -> None:
    ledger = report.ledger
    _say("")
    _say(f"committed      {ledger.committed}")
    _say(f"applied        {ledger.applied} of {ledger.expected}")
    for name, wrong in ledger.wrongs():
        _list(name, wrong)
    _list("parked", ledger.parked)
    _list("retrying", report.retrying)
    _list("disorderly", report.disorderly)
    _list("strange", report.strange)
    _say("")
    _say("clean: nothing lost, nothing doubled, nobody over capacity" if report.passed else "NOT CLEAN")


def _list(name: str, findings: list[str]) -> None:
    _say(f"{name:<14} {len(findings)}")
    for finding in findings[:SHOWN]:
        _say(f"    {finding}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - printing is what this program is for


if __name__ == "__main__":
    sys.exit(main())
