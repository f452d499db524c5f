# Everything is made inside the checkout: .venv, .venvs, target and dist.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Builds and Ray share small machines.
export CARGO_BUILD_JOBS ?= 2

.PHONY: all demo build test lint rust-test python-test oldest-test fuzz bench-planner format clean

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

test: lint rust-test python-test oldest-test

lint: build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest protoplast._core

rust-test:
	cargo test --workspace --quiet

python-test: build
	$(BIN)/python -m pytest

# The same tests on the oldest Daft that is supported, from the wheel. Parity is left to the newest,
# which has every query of it.
OLDEST = $(shell $(BIN)/python -c "from protoplast.daft_seams import OLDEST_DAFT; print(OLDEST_DAFT)")
OLDEST_ENV = .venvs/daft-$(OLDEST)

oldest-test: build
	rm -rf dist
	$(BIN)/maturin build --release --quiet --out dist
	test -d $(OLDEST_ENV) || $(PYTHON) -m venv $(OLDEST_ENV)
	$(OLDEST_ENV)/bin/python -m pip install --quiet "daft[ray]==$(OLDEST)" pytest pytest-timeout
	$(OLDEST_ENV)/bin/python -m pip install --quiet --no-deps --force-reinstall dist/*.whl
	$(OLDEST_ENV)/bin/python -m pytest --ignore tests/test_parity.py

# The cases that each of the fuzzed parts is given; `make rust-test` gives each a few hundred.
FUZZ_CASES ?= 1000000

fuzz:
	PROPTEST_CASES=$(FUZZ_CASES) cargo test --profile fuzz --package protoplast-layout --test fuzz -- --nocapture

bench-planner:
	cargo bench --package protoplast-bench-planner

format: build
	cargo fmt --all
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .venvs dist target .demo python/protoplast/*.so
