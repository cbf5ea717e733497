# Two commands: `make run` and `make test`. Needs Python 3.11 or newer and make; everything else is installed here.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check bench format lock clean

run: .venv/system node_modules/.package-lock.json
	@$(BIN)/kalkan run

test: check

check: .venv/development node_modules/.package-lock.json
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy kalkan tally
	$(BIN)/lint-imports
	$(BIN)/kalkan messages --check
	$(BIN)/kalkan manage makemigrations --check --dry-run
	HTTPS=1 $(BIN)/kalkan manage check --deploy --fail-level WARNING
	$(BIN)/python requirements/audit.py
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

bench: .venv/development
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

format: .venv/development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Lock files carry hashes, never addresses.
lock: .venv/development
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		pyproject.toml --extra system --extra build --output-file requirements/system.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		pyproject.toml --extra system --extra build --extra development --constraint requirements/system.txt \
		--output-file requirements/development.txt

.venv/system: requirements/system.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/system.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/development: requirements/development.txt .venv/system
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/development.txt
	touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc | .venv/system
	$(BIN)/npm ci --silent
	touch $@

clean:
	rm -rf .venv node_modules var
