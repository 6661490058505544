# The commands of the project. Each one sets up what it needs first; a second run reuses it in seconds.
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench lock catalogues

VENV := .venv
BIN := $(VENV)/bin
export UV_NO_PROGRESS = 1
# Networks that inspect TLS have an authority of their own, which only the system's certificates name.
export UV_SYSTEM_CERTS = 1

help:
	@echo "make run    the service with its demonstration content, on this machine"
	@echo "make test   every test; sets itself up"
	@echo "make check  what CI runs: lint, types, import contract, migrations, tests"
	@echo "make bench  the budgets of docs/design, measured"

# uv installs a lock file several times faster than pip; it is itself pinned with hashes. Unlike pip it compiles nothing by
# itself, and where Python may not write beside the code, every start of every process would take two seconds longer.
$(VENV)/.run: requirements/run.txt requirements/uv.txt
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo 'Python lacks venv: run "sudo apt-get install python3-venv", then try again.'; exit 1; }
	@test -x $(BIN)/python || { echo 'Creating the environment (about a minute, once) …'; python3 -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/dev.txt
	@touch $@

# Compressed copies beside the static files, served to browsers that take them.
STATIC := $(shell find webinars/static -name '*.css' -o -name '*.js' -o -name '*.svg')
$(VENV)/.static: $(VENV)/.run $(STATIC)
	@$(BIN)/python -m whitenoise.compress --quiet webinars/static woff2 md txt json sh
	@touch $@

# The Spanish catalogue, compiled.
CATALOGUE := webinars/translations/es/LC_MESSAGES/messages
$(CATALOGUE).mo: $(CATALOGUE).po $(VENV)/.run
	@$(BIN)/pybabel -q compile -i $(CATALOGUE).po -o $@ -l es

setup: $(VENV)/.run $(VENV)/.static $(CATALOGUE).mo

run: setup
	@exec $(BIN)/flask start

test: setup $(VENV)/.dev
	@$(BIN)/pytest

check: setup $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --lint --quiet
	$(BIN)/python -m tests.check_catalogues
	$(BIN)/python -m tests.check_migrations
	$(MAKE) test

bench: setup $(VENV)/.dev
	@$(BIN)/python -m benchmarks

# Bring the catalogue up to date with the texts in code and templates; what is new stands there empty until translated.
EXTRACT := -F pyproject.toml -k _ -k _l -k lazy_gettext -k lazy_pgettext:1c,2 --no-location --sort-output --project webinars --version 1
catalogues: setup
	@$(BIN)/pybabel -q extract $(EXTRACT) -o $(VENV)/messages.pot .
	@sed '/^$$/q' $(CATALOGUE).po > $(VENV)/header.po
	@$(BIN)/pybabel -q update -i $(VENV)/messages.pot -o $(CATALOGUE).po -l es -w 120 --no-fuzzy-matching --ignore-obsolete --omit-header
	@cat $(VENV)/header.po $(CATALOGUE).po > $(VENV)/whole.po && mv $(VENV)/whole.po $(CATALOGUE).po

# Resolve the lock files again from pyproject.toml; `make lock UPGRADE=--upgrade` takes newer versions.
lock: setup
	@$(BIN)/uv pip compile -q $(UPGRADE) --generate-hashes --universal --python-version 3.11 --no-annotate --no-header pyproject.toml -o requirements/run.txt
	@$(BIN)/uv pip compile -q $(UPGRADE) --generate-hashes --universal --python-version 3.11 --no-annotate --no-header pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	@echo uv | $(BIN)/uv pip compile -q $(UPGRADE) --generate-hashes --universal --no-annotate --no-header - -o requirements/uv.txt
