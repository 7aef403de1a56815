# `make run` starts the portal with all that it needs; `make test` runs every check. Both make .venv first.

PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.requirements-embedded
DEV_STAMP := .venv/.requirements-dev
# A stack of its own for the checks: neither this shell's settings nor `.env` reach it.
CLEAN := env -u DATABASE_URL -u DATABASE_OWNER_URL -u DATABASE_PLATFORM_ROLE -u REDIS_URL -u SECRET_KEY -u ENCRYPTION_KEYS -u DEBUG \
	-u ALLOWED_HOSTS -u PUBLIC_URL \
	-u META_GRAPH_URL -u META_GRAPH_VERSION -u META_DIALOG_URL -u META_MANAGEMENT_URL -u META_TIMEOUT \
	-u META_FLOW_CONFIG_IN -u META_VERTICAL_MESSAGING -u META_VERTICAL_DATA_INTEGRATION -u PORT -u SANDBOX_PORT \
	-u TRUSTED_PROXIES -u FEEDS_MAY_BE_PRIVATE -u LOG_LEVEL -u EMAIL_URL -u DEFAULT_FROM_EMAIL -u DJANGO_SETTINGS_MODULE ENV_FILE=/dev/null
PRODUCTION := DATABASE_URL=postgresql://portal_app@127.0.0.1/portal REDIS_URL=redis://127.0.0.1/0 \
	PUBLIC_URL=https://portal.example.com TRUSTED_PROXIES=1 SECRET_KEY=$$(head -c 48 /dev/urandom | base64 | tr -d '\n') \
	ENCRYPTION_KEYS=$$(head -c 32 /dev/urandom | base64)
TEST_STACK := $(CLEAN) VAR_DIR=var-test $(BIN)/python -m config.stack

.PHONY: run test test-long bench format clean checks
.DEFAULT_GOAL := run

run: $(RUN_STAMP)
	@exec $(BIN)/python -m config.stack

test: checks
	@$(TEST_STACK) $(BIN)/python -m pytest -q -n 2 -rs

test-long: $(DEV_STAMP)
	@$(TEST_STACK) $(BIN)/python -m pytest -q -m long -rs -o faulthandler_timeout=1800

bench: $(DEV_STAMP)
	@$(CLEAN) VAR_DIR=var-bench $(BIN)/python -m config.stack $(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

checks: $(DEV_STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(CLEAN) VAR_DIR=var-test $(BIN)/mypy .
	@$(CLEAN) $(PRODUCTION) VAR_DIR=var-test $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(TEST_STACK) $(BIN)/python manage.py makemigrations --check --dry-run

format: $(DEV_STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	rm -rf .venv var-test var-bench .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one with PYTHON=…")'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

$(RUN_STAMP): requirements-embedded.txt | $(BIN)/python
	@echo "installing the requirements"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(BIN)/python
	@echo "installing the requirements"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@ $(RUN_STAMP)
