# Every target works on a fresh machine: .venv is made, and filled again when the requirements change.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint format bench screenshots clean

run: .venv/.run
	$(BIN)/streamlit run app.py

test: .venv/.dev
	$(BIN)/python -m pytest

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev .venv-peers/.done
	$(BIN)/python -m benchmarks $(if $(DATA),--data "$(DATA)")

screenshots: .venv/.dev
	$(BIN)/python -m benchmarks.screenshots

clean:
	rm -rf .venv .venv-peers static

.venv/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'embedlab needs Python 3.11 or newer')"
	$(PYTHON) -m venv .venv

.venv/.run: requirements.txt | .venv/bin/python
	$(BIN)/pip install --disable-pip-version-check --quiet -r requirements.txt
	$(BIN)/python -m embedlab prepare
	touch $@

.venv/.dev: requirements-dev.txt requirements.txt | .venv/bin/python
	$(BIN)/pip install --disable-pip-version-check --quiet -r requirements-dev.txt
	touch $@

.venv-peers/.done: benchmarks/requirements-peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --disable-pip-version-check --quiet -r $<
	touch $@
