# Everything a person does with this project, in one word each. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
DATA_DIR ?= .loresmith
SEED ?= 1

# Without bytecode each of the hundreds of processes that the tests start compiles the product again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up check test web bundle format types snapshots chaos mutants compat servers bench proto lock clean

help: ## list these
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(VENV)/.dev ## make .venv with everything for developers

# The same pinned and hashed packages everywhere; ours goes in beside them without asking for more.
$(VENV)/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Loresmith needs Python 3.11 or newer; say PYTHON=python3.11"; exit 1; }
	@echo "Setting up $(VENV) (about a minute, once)..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.run ## start everything, generate three characters, show them, stop
	@$(BIN)/loresmith demo

up: $(VENV)/.run ## run the whole stack until stopped (PORT=8080 DATA_DIR=.loresmith)
	@$(BIN)/loresmith up --port $(PORT) --data-dir $(DATA_DIR)

check: $(VENV)/.dev ## the quick half: style, types, imports, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q -n auto -m "not integration and not thorough" tests/architecture tests/store tests/unit

test: export EXAMPLES := full
test: check web ## all tests; what CI runs
	$(BIN)/python -m pytest -q -n 2 -m "(integration or thorough) and not e2e and not browser"
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "e2e or browser"

web: tests/web/node_modules/.made ## the tests of the page and the browser client, on node
	cd tests/web && node --test

bundle: tests/web/node_modules/.made ## make the committed JavaScript bundles of api/static
	cd tests/web && node bundle.js

format: tests/web/node_modules/.made ## format the JavaScript and CSS
	cd tests/web && node format.js

types: tests/web/node_modules/.made ## make the committed TypeScript types of api/static
	cd tests/web && node types.js

tests/web/node_modules/.made: tests/web/package.json
	cd tests/web && npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@

snapshots: $(VENV)/.dev ## rewrite the snapshots of the public surface
	$(BIN)/python -m tests.architecture.snapshots

chaos: $(VENV)/.dev ## kill everything at random for 10 minutes and audit what is left (SEED=1)
	$(BIN)/python -m chaos --seed $(SEED)

mutants: $(VENV)/.dev ## remove each rule from a copy of the source; a test must fail
	$(BIN)/python -m tests.mutants

compat: $(VENV)/.dev .compat/.made tests/compat/node_modules/.made ## run unmodified SDKs and frameworks of others against /v1
	$(BIN)/python -m tests.compat

.compat/.made: tests/compat/requirements.txt
	@$(PYTHON) -m venv .compat
	@.compat/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

tests/compat/node_modules/.made: tests/compat/package-lock.json
	cd tests/compat && npm ci --silent --no-audit --no-fund
	@touch $@

servers: $(VENV)/.dev ## run jobs on llama.cpp, LiteLLM and two mock servers, and print what each honours
	$(BIN)/python -m tests.third_party

bench: $(VENV)/.dev ## the published figures (about 15 minutes)
	$(BIN)/python -m bench.latency
	$(BIN)/python -m bench.submit
	$(BIN)/python -m bench.overhead --chunks 8
	$(BIN)/python -m bench.concurrency
	$(BIN)/python -m bench.streams
	$(BIN)/python -m bench.lists
	$(BIN)/python -m bench.budget_race
	$(BIN)/python -m bench.canary

proto: $(VENV)/.dev ## generate the code of protos/
	PATH="$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I . --python_out=. --grpc_python_out=. --mypy_out=quiet:. --mypy_grpc_out=quiet:. loresmith/protos/lore/v1/lore.proto

lock: $(VENV)/.dev ## pin all packages, with hashes and without addresses
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe --extra build -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe --extra build --extra dev -o requirements-dev.txt pyproject.toml

clean: ## remove .venv and what tools left behind
	rm -rf $(VENV) .compat .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
