# Kykylompakko. `make demo` and `make test` are the two commands a newcomer needs; `make help` lists all.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The system's own Python where it will do: Debian and Ubuntu build it by profile, so it is about a tenth
# faster than one that was plainly built, and it is what services run under there.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := .stamps
ROOMS  := keys credential_schemas openid4vc service_kit issuer verifier wallet_sim
CODE   := $(ROOMS) demo bench clients tests tools
PYTEST := $(BIN)/pytest -q
SPREAD := -n auto --dist loadfile --no-loadscope-reorder
BROWSE := tests/browser tests/bench
CORE   := tests/keys tests/credential_schemas tests/openid4vc tests/service_kit tests/house \
          tests/issuer/test_issuer_flow.py tests/verifier/test_verifier_nine_checks.py

.PHONY: help demo serve test check lint format bench bench-desk pictures conformance mutants lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(STAMPS)/python ## set up, then run the whole story on loopback; leaves demo-output/
	@$(BIN)/python -m demo.story --output demo-output

serve: $(STAMPS)/python ## keep issuer (8001) and verifier (8002) up with demo data; Ctrl-C ends
	@$(BIN)/python -m demo.serve

test: $(STAMPS)/test ## set up, then every check and every test
	@$(MAKE) --no-print-directory lint
	$(PYTEST) $(SPREAD) $(BROWSE:%=--ignore %)
	@# A browser on a crowded machine can be late: what failed there is tried once more, alone.
	$(PYTEST) $(SPREAD) $(BROWSE) || \
	  { echo "Once more, one at a time:"; $(PYTEST) --last-failed $(BROWSE); }

check: $(STAMPS)/test ## the inner loop: lint, formats and rules, one flow of each kind; about a minute
	@$(MAKE) --no-print-directory lint
	$(PYTEST) $(SPREAD) -m "not slow" --hypothesis-profile check $(CORE)

lint: $(STAMPS)/test ## format, ruff, types, walls, dependencies, dead code
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy $(ROOMS) demo tools clients
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture

format: $(STAMPS)/test ## format the code
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

bench: $(STAMPS)/test ## measure issuing, presenting, verifying and status lists beside the bare libraries
	$(BIN)/python -m bench.core
	$(BIN)/python -m bench.status_list

bench-desk: $(STAMPS)/test ## measure from the client's answer to the outcome in a real browser
	$(BIN)/python -m bench.desk

pictures: $(STAMPS)/test ## take the pictures of the guides anew, in a real browser
	$(BIN)/python -m tools.guide_tables
	$(BIN)/python -m tools.desk_pictures
	$(BIN)/python -m tools.letter_pictures

conformance: $(STAMPS)/test ## say which requirement is covered by which test (docs/conformance.md)
	@$(BIN)/python -m tools.conformance

mutants: $(STAMPS)/test ## break the core checks one by one; a test must turn red for each
	@$(BIN)/python -m tools.mutants

lock: $(STAMPS)/test ## compile the lock files anew from pyproject.toml
	$(BIN)/python tools/lock.py

clean: ## remove everything that make made
	rm -rf $(VENV) $(STAMPS) demo-output run node_modules tests/interop/npm/node_modules tests/interop/oidc/node_modules *.egg-info \
	  .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Kykylompakko needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)." \
	       "Name another one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || $(PYTHON) tools/ensure_venv.py $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: requirements.lock pyproject.toml | $(STAMPS)/venv
	@echo "Setting up Python packages …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/test: $(STAMPS)/python requirements-dev.lock tests/interop/npm/package-lock.json tests/interop/oidc/package-lock.json tools/ensure_system.py
	@echo "Setting up the test tools …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python tools/ensure_system.py
	@touch $@
