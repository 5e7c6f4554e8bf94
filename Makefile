# Everything that people and CI call. Needs Python 3.11 and make; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check

.PHONY: run test durability fuzz bench lint audit docs lock clean

run: $(VENV)/run.installed  ## Serve the demo on http://127.0.0.1:8000
	$(BIN)/python -m tools.build_web
	HOTELMATE_DEMO=$${HOTELMATE_DEMO:-1} $(BIN)/hotelmate serve

test: $(VENV)/dev.installed  ## Run every test that this machine can run, and name what it leaves out
	$(BIN)/python -m tools.build_web --dev
	$(BIN)/python -m tests.clients.install
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

durability: $(VENV)/dev.installed  ## Kill servers, PostgreSQL and Redis at random under load; KILLS=200, SEED= of a report
	$(BIN)/python -m tests.durability --kills $${KILLS:-200} $${SEED:+--seed $$SEED}

fuzz: $(VENV)/dev.installed  ## Send servers whatever they may trip over; REQUESTS=10000, LIVES=200, SEED= of a report
	$(BIN)/python -m tools.build_web --dev
	$(BIN)/python -m tests.fuzzing --requests $${REQUESTS:-10000} $${SEED:+--seed $$SEED}
	env HOTELMATE_TEST_LIVES=$${LIVES:-200} $${SEED:+HOTELMATE_TEST_SEED=$$SEED} \
		$(BIN)/pytest --quiet --timeout 3600 --capture no tests/invariants

bench: $(VENV)/dev.installed  ## Measure the speed, and write docs/benchmarks.md
	$(BIN)/python -m bench $(BENCH)

lint: $(VENV)/dev.installed  ## Check format, style, types, and that imports run one way
	$(BIN)/ruff format --check hotelmate tests tools examples bench
	$(BIN)/ruff check hotelmate tests tools examples bench
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# 75 says that the advisories cannot be had, which is no fault of what is here.
audit: $(VENV)/dev.installed  ## Look the locked packages up in the published advisories
	$(BIN)/python -m tools.audit || test $$? -eq 75

docs: $(VENV)/dev.installed  ## Build the documents into dist/docs; warnings are errors
	$(BIN)/python -m tools.reference
	$(BIN)/sphinx-build -q -W -n -b html docs dist/docs

lock: $(VENV)/dev.installed  ## Resolve the versions anew; needs uv
	$(BIN)/python -m uv --version >/dev/null 2>&1 || $(PIP) install --quiet uv
	$(LOCK) --all-extras --group build --group docs --group bench --group dev --output-file requirements/dev.lock pyproject.toml
	$(LOCK) --group build --constraints requirements/dev.lock --output-file requirements/run.lock pyproject.toml
	$(LOCK) --group node --output-file requirements/node.lock

LOCK := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

clean:  ## Remove what the other commands have made, data included
	rm -rf $(VENV) data dist tests/clients/node_modules examples/node_modules web/node_modules web/dist hotelmate/web/static

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "HotelMate needs Python 3.11 or later; say which with make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.installed: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --quiet --require-hashes --requirement requirements/run.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.installed: requirements/dev.lock $(VENV)/run.installed
	$(PIP) install --quiet --require-hashes --requirement requirements/dev.lock
	@touch $@
