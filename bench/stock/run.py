"""`nameko run`, which does not start any more where setuptools has no pkg_resources: the same calls without its main.

python -m bench.stock.run AMQP_URI MAX_WORKERS CLASS
"""

import sys

import eventlet

eventlet.monkey_patch()  # before anything else is imported, as `nameko run` does


def main() -> None:
    from nameko.cli.run import import_service, run

    amqp_uri, max_workers, name = sys.argv[1:]
    config = {"AMQP_URI": amqp_uri, "max_workers": int(max_workers)}
    run(import_service(f"bench.stock.services:{name}"), config)


if __name__ == "__main__":
    main()
