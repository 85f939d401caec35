# Ancrage. `make run` is all that a fresh machine with Python 3.11 needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
DATA ?= data
PORT ?=
TESTS ?= tests
WORKERS ?= 2
FAULTS ?= 220
SECONDS ?= 300
SEED ?=
SEEDS ?= 2000

BIN := .venv/bin
RUNNABLE := .venv/.runnable
INSTALLED := .venv/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

.PHONY: help install run test bench check format lock clean

help: ## shows this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

install: $(INSTALLED) ## makes .venv with everything; does nothing when it is up to date

$(INSTALLED): requirements/development.txt $(RUNNABLE)
	@echo "Installing what building and testing take (half a minute)"
	@$(PIP) --no-compile --require-hashes --requirement requirements/development.txt
	@touch $(INSTALLED)

$(RUNNABLE): requirements/runtime.txt requirements/build.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Ancrage needs Python 3.11 or later: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "The venv module is incomplete: on Debian, apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into .venv (a quarter of a minute)"
	@$(PIP) --no-compile --require-hashes --requirement requirements/runtime.txt --requirement requirements/build.txt
	@PYTHONWARNINGS=ignore $(PIP) --no-deps --no-build-isolation --editable .
	@touch $(RUNNABLE)

run: $(RUNNABLE) ## starts the whole system on this machine, with demonstration data the first time
	@$(BIN)/ancrage up --data $(DATA) $(if $(PORT),--port $(PORT))

# a file stays in one process; those that take long are early in the alphabet, so that none is left alone at the end
test: install ## runs all tests; make test TESTS=tests/unit for some
	@tests/plant/install
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

bench: install ## the workflow on our chassis and on stock nameko beside it; make bench BENCH="--count 2000" for more
	@tests/plant/install
	@$(BIN)/python -m bench $(BENCH)

chaos: install ## simulated and real faults, with a ledger; make chaos FAULTS=400 SECONDS=600 SEED=7 SEEDS=9000 for more
	@tests/plant/install
	@$(if $(wildcard tests/simulation/__main__.py),$(BIN)/python -m tests.simulation --seeds $(SEEDS))
	@echo "That the ledger can fail: services with a fault of design (some minutes)"
	@$(BIN)/pytest --quiet tests/chaos/smoke.py tests/chaos/planted.py
	@$(BIN)/python -m tests.chaos --faults $(FAULTS) --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

check: install ## style, types, import rules, translations, locks, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/messages --check
	$(BIN)/python scripts/openapi --check
	$(BIN)/python scripts/asyncapi --check
	$(BIN)/pytest --quiet tests/architecture

format: install ## puts the code into the house's style
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

LOCK := $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

lock: install ## writes requirements/*.txt anew from *.in; make lock UPGRADE=--upgrade takes newer versions
	cd requirements && ../$(LOCK) $(UPGRADE) --output-file runtime.txt runtime.in
	cd requirements && ../$(LOCK) $(UPGRADE) --output-file build.txt build.in
	cd requirements && ../$(LOCK) $(UPGRADE) --output-file development.txt development.in

clean: ## removes .venv and caches; keeps data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
