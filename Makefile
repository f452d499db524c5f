# Everything is made inside the checkout: .venv, .venvs, target and dist.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Builds and Ray share small machines.
export CARGO_BUILD_JOBS ?= 2

.PHONY: all demo build test lint rust-test python-test oldest-test bench-planner format clean

all: test

.venv/.made: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

build: .venv/.made
	$(BIN)/maturin develop --release --quiet

demo: build
	$(BIN)/python examples/daft_with_cpu_workers.py

