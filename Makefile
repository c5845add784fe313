PYTHON ?= python3
BIN = .venv/bin

.PHONY: table test lint reports bench clean

table: .venv/ready  ## Set up, and show GoogLeNet, checked layer by layer.
	$(BIN)/archcalc table googlenet --check

test: lint  ## Set up, lint, type-check, and run every test.
	$(BIN)/pytest -n 2

lint: .venv/ready  ## Format, lint and types.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

reports: .venv/ready  ## Write reports/ anew.
	$(BIN)/archcalc report

bench: .venv/ready  ## Time archcalc against its peers.
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/check.py
	$(BIN)/python benchmarks/sweep.py

clean:
	rm -rf .venv

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m compileall -q archcalc  # or every start compiles, where Python keeps no bytecode
	touch .venv/ready
