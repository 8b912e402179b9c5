# The recipes are exactly the steps of the continuous integration. Everything runs in .countersign/venv,
# which bootstrap.py brings to what uv.lock says.
BOOTSTRAP := python3 backend/embedded/bootstrap.py
DEV := $(BOOTSTRAP) --dev
SOURCES := backend tenancy workflows rag ui tests

.PHONY: up down demo doctor test check fetch lint types arch fmt unit e2e

up: ## Start everything; Ctrl-C ends it. DETACH=1 returns when healthy
	@$(BOOTSTRAP) countersign up $(if $(filter-out 0,$(DETACH)),--detach)

down: ## End what `make up DETACH=1` started
	@$(BOOTSTRAP) countersign down

demo: ## The main job in the terminal, on a running stack
	@$(BOOTSTRAP) countersign demo

doctor: ## What is running and whether it is healthy
	@$(BOOTSTRAP) countersign doctor

test: check fetch unit e2e ## Everything that the continuous integration runs

check: lint types arch

fetch: ## What the first start would download and build
	@$(DEV) countersign fetch

lint:
	@$(DEV) ruff check .
	@$(DEV) ruff format --check .

types:
	@$(DEV) mypy --strict $(SOURCES)

arch:
	@$(DEV) lint-imports

fmt:
	@$(DEV) ruff format .
	@$(DEV) ruff check --fix .

unit:
	@$(DEV) pytest -n 2 tests --ignore=tests/e2e

e2e:
	@$(DEV) pytest tests/e2e
