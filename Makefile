# `make run` starts a demo ward, `make test` proves everything. Nothing else is needed to begin.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1 [::1]
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-installed
DEV_STAMP := $(VENV)/.dev-installed
HOUSEHOLDS ?= 12000

# Tests start some hundred processes; each would compile everything anew where this is set.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test lint bench faults assets assets-check lock translations clean tools-check agent

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

# A machine may have Python without venv, or without pip; each has a way round, and what is missing is named.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (found: $$($(PYTHON) --version))"; exit 2; }
	@if $(PYTHON) -m venv $(VENV) >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then rm -rf $(VENV); apt-get update -qq; apt-get install -y -qq --no-install-recommends python3-venv python3-pip; $(PYTHON) -m venv $(VENV); \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then rm -rf $(VENV); $(PYTHON) -m pip install --quiet --target .tools uv; .tools/bin/uv venv --quiet --seed $(VENV); \
	else echo "Python's venv module is missing: apt-get install python3-venv"; exit 2; fi

# uv installs in seconds what takes pip a minute; where it cannot work (it does not read pip's configuration) pip does it.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
define install
$(PIP) --require-hashes -r requirements/uv.txt && VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r $(1) || $(PIP) --require-hashes -r $(1)
endef

$(RUN_STAMP): requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing the program into $(VENV) …"
	@$(call install,requirements/run.txt)
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements/dev.txt requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing the program and its tests into $(VENV) …"
	@$(call install,requirements/dev.txt)
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(RUN_STAMP)

run: $(RUN_STAMP) ## Start the demo ward (PORT=8000, HOST="0.0.0.0 [::]" to be reached from elsewhere)
	@export PHS_PORT=$(PORT) PHS_HOST="$(HOST)" PHS_BASE_URL=$${PHS_BASE_URL:-http://localhost:$(PORT)}; \
	$(BIN)/phs demo --if-empty --households $(HOUSEHOLDS) && exec $(BIN)/phs serve

# Tests need a browser, a database server and pdfsig: installed when we are root, otherwise named.
tools-check:
	@missing=""; \
	[ -n "$$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null || command -v initdb)" ] || missing="$$missing postgresql"; \
	command -v pdfsig >/dev/null || missing="$$missing poppler-utils"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v softhsm2-util >/dev/null || missing="$$missing softhsm2"; \
	command -v soffice >/dev/null || missing="$$missing libreoffice-writer-nogui"; \
	command -v node >/dev/null || missing="$$missing nodejs"; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing:$$missing"; apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "Missing for the tests:$$missing — install them (apt-get install$$missing) and run make test again"; exit 2; fi; fi

lint: $(DEV_STAMP) ## Check style, types, rooms, templates, dead code and dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint webapp/templates --lint --quiet
	$(BIN)/vulture
	$(BIN)/deptry .

test: tools-check lint assets-check ## Run everything: checks, both databases, signing, browser
	$(BIN)/python -m pytest -n 2 --ignore tests/browser
	$(BIN)/python -m pytest tests/browser

bench: $(DEV_STAMP) ## Measure speed against peers in the same run
	$(BIN)/python -m tests.benchmarks

faults: $(DEV_STAMP) ## Kill the server and the signers two hundred times each, on both databases
	PHS_SIGNING_KILLS=200 $(BIN)/python -m pytest -s tests/faults

node_modules: package-lock.json
	npm ci --no-audit --no-fund --silent
	@touch $@

assets: node_modules ## Build style sheet, scripts and fonts from the npm packages
	npm run --silent build

assets-check: node_modules ## Rebuild the assets and compare with the committed ones
	npm run --silent check

agent: $(DEV_STAMP) ## Build the signing agent for staff PCs: a wheel for pipx and a single .pyz, in dist/
	$(BIN)/python deploy/agent/build.py

translations: $(DEV_STAMP) ## Collect the texts and compile the English catalogue
	@mkdir -p build
	$(BIN)/pybabel -q extract -F pyproject.toml -k _l -k N_ --no-location --sort-output --project "Phường Số" -o build/messages.pot .
	$(BIN)/pybabel -q update -i build/messages.pot -d webapp/translations -l en --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 100
	$(BIN)/pybabel -q compile -d webapp/translations -l en

lock: $(DEV_STAMP) ## Lock the newest compatible versions
	$(BIN)/python requirements/lock.py

clean: ## Remove what was installed and built (not the data in instance/)
	rm -rf $(VENV) .tools node_modules .mypy_cache .ruff_cache .pytest_cache build dist
