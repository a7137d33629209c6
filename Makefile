# Two commands on a fresh machine with Python 3.11, git and make: `make demo` and `make test`.
# Each target sets up what it needs in .venv; nothing is installed outside of it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check test-services bench verifier site man serve format clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("edochub needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

demo: $(READY)
	$(BIN)/edochub demo

test: $(READY)
	$(BIN)/python -m pytest -n 2 -m 'not services and not programs'

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-services: $(READY)
	$(BIN)/python -m pytest -m 'services or programs'

bench: $(READY)
	$(BIN)/python -m bench

# One file that verifies packages and evidence on a machine with nothing but Python.
verifier: $(READY)
	$(BIN)/python deploy/verifier/build.py dist/edochub-verify.pyz

# The documentation, once in Vietnamese and once in English. A warning fails it.
site: $(READY)
	for language in vi en; do $(BIN)/sphinx-build -q -W --keep-going -c deploy/site -D language=$$language docs dist/site/$$language || exit 1; done
	cp deploy/site/index.html dist/site/index.html

# The manual pages, English and Vietnamese: `man -M dist/man edochub-trace`.
man: $(READY)
	$(BIN)/python -m hub.commands._man dist/man

serve: $(READY)
	test -e edochub.toml || $(BIN)/edochub init .
	$(BIN)/edochub serve

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
