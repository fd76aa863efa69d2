BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --group build \
	--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" pyproject.toml
# Under CI the tests must find a PostgreSQL; elsewhere they skip its half without one.
export ONRECORD_REQUIRE_POSTGRES ?= $(if $(CI),1)

.PHONY: help install serve migrate test check openapi bench soak lock attack schemathesis lint-openapi clients release-contract
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s  %s\n", $$1, $$2 }' Makefile
install: .venv/developed ## Everything to work on Onrecord, in .venv
serve: .venv/installed ## Serve the bundled record, or whatever ONRECORD_DATABASE_URL names
	@exec $(BIN)/onrecord serve
migrate: .venv/installed ## Bring the store's tables to this version
	@$(BIN)/onrecord migrate
test: .venv/developed ## All tests, on SQLite and PostgreSQL
	@$(BIN)/pytest -q -n 2 --dist worksteal
check: .venv/developed ## What needs no running: style, types, layers, and that openapi.json is fresh
	$(BIN)/ruff check && $(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/onrecord openapi --check
openapi: .venv/installed ## Write openapi/openapi.json from the code
	@$(BIN)/onrecord openapi
bench: .venv/developed ## How fast it is, beside Datasette and others (ONRECORD_BENCH_SIZES=10000,…)
	@$(BIN)/python -m benchmarks.bench
soak: .venv/developed ## How it holds under load for long
	@$(BIN)/python -m benchmarks.soak
schemathesis: .venv/developed ## Every operation, asked by Schemathesis with all its checks
	@benchmarks/schemathesis.sh
attack: .venv/developed ## 100,000 hostile requests, none of which may be our fault
	@$(BIN)/python -m benchmarks.attack
release-contract: ## Say that the document of now is that of the last release
	@$(BIN)/python -c 'import json; json.dump(json.load(open("openapi/openapi.json")), open("openapi/released.json", "w"), ensure_ascii=False, separators=(",", ":"))'
lint-openapi: ## What linters find in openapi/openapi.json: nothing (needs node)
	@cd openapi && npm install --no-package-lock --ignore-scripts --silent
	@cd openapi && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		node_modules/.bin/redocly lint --config redocly.yaml openapi.json
	@cd openapi && node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity hint openapi.json
clients: .venv/installed ## A TypeScript and a Python client from openapi/openapi.json, tried (needs node)
	@openapi/clients/make.sh $(CURDIR)/$(BIN)/python
lock: .venv/developed ## The lock files from pyproject.toml and benchmarks/requirements.in, keeping the versions that still fit
	$(LOCK) --extra dev --output-file requirements-dev.lock
	$(LOCK) --constraint requirements-dev.lock --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-index-url --custom-compile-command "make lock" benchmarks/requirements.in \
		--output-file benchmarks/requirements.lock

.venv/installed: pyproject.toml requirements.lock
	$(or $(PYTHON),python3) -m venv .venv
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
.venv/developed: .venv/installed requirements-dev.lock
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@
