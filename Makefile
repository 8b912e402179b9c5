# The recipes are exactly the steps of the continuous integration. Everything runs in .countersign/venv,
# which bootstrap.py brings to what uv.lock says.
BOOTSTRAP := python3 backend/embedded/bootstrap.py
DEV := $(BOOTSTRAP) --dev
PARALLEL := -n 2 --dist worksteal tests --ignore=tests/e2e --ignore=tests/chaos
SOURCES := backend tenancy workflows rag ui tests examples

.PHONY: help up down demo doctor test check fetch lint types arch fmt unit e2e long screens chaos-short chaos

help: ## This list
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed 's/:[^#]*## /\t/' | expand -t 12

up: ## Start everything; Ctrl-C ends it. DETACH=1 returns when healthy
	@$(BOOTSTRAP) countersign up $(if $(filter-out 0,$(DETACH)),--detach)

down: ## End what `make up DETACH=1` started
	@$(BOOTSTRAP) countersign down

demo: ## The main job in the terminal, on a running stack
	@$(BOOTSTRAP) countersign demo

doctor: ## What is running and whether it is healthy
	@$(BOOTSTRAP) countersign doctor

test: check fetch unit e2e ## Everything that the continuous integration runs

check: lint types arch ## All that needs no test run

fetch: ## What the first start would download and build
	@$(DEV) countersign fetch

lint: ## Style and formatting
	@$(DEV) ruff check .
	@$(DEV) ruff format --check .

types: ## Types of sources and tests
	@$(DEV) mypy --strict $(SOURCES)

arch: ## Who may import whom
	@$(DEV) lint-imports

fmt: ## Format the sources
	@$(DEV) ruff format .
	@$(DEV) ruff check --fix .

unit: ## All tests but those in a browser and the kills
	@$(DEV) pytest $(PARALLEL) -m "not long"

e2e: ## The tests in a browser, on a stack of their own
	@$(DEV) pytest tests/e2e -m "not long"

long: chaos-short ## What takes longest: kills, the fuzzed API, every page in every width, fifty decisions by keys
	@$(DEV) pytest $(PARALLEL) -m long
	@$(DEV) pytest tests/e2e -m long

screens: ## Pictures of every page and state, of a running `make up`, into docs/screens
	@$(DEV) python -m tests.screens

chaos-short: ## SIGKILL of every process at the worst moments, 3 minutes
	@$(DEV) pytest -p no:randomly tests/chaos

chaos: ## The same at every moment, 216 kills in 45 minutes; begun again, it goes on where it stopped
	@$(DEV) python -m tests.chaos
