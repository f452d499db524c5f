# Everything is made inside the checkout: .venv, .venvs, target and dist.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Builds and Ray share small machines.
export CARGO_BUILD_JOBS ?= 2
# Files of tests that run at once, each with Rays of its own: a third of a test is waiting, so three keep two
# cores at work. They keep their order, as those of the most tests are not the longest.
TESTS_AT_ONCE ?= 3
PYTEST = -m pytest --numprocesses $(TESTS_AT_ONCE) --dist loadfile --no-loadscope-reorder
# Cargo takes make's own job server for one of its own.
ALONE = env --unset=MAKEFLAGS
# What runs beside tests on Ray leaves these the processors.
BESIDE = $(ALONE) nice -n 19

.PHONY: all demo build wheel test lint rust-lint python-lint stub-lint rust-test python-test oldest-test matrix chaos fuzz bench bench-planner bench-workers deny format clean

all: test

.venv/.made: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

build: .venv/.made
	$(ALONE) $(BIN)/maturin develop --release --quiet

demo: build
	$(BIN)/python examples/daft_with_cpu_workers.py

# What is compiled and linted runs beside what waits, pip and Ray's tests, at a lower priority; and the tests
# on the oldest Daft after those on the newest, since both want all cores.
test:
	$(MAKE) --jobs 2 IN_TURN=yes python-test lint rust-test oldest-test

lint: rust-lint python-lint stub-lint

rust-lint:
	cargo fmt --all --check
	$(BESIDE) cargo clippy --workspace --all-targets --quiet -- -D warnings

python-lint: build
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BESIDE) $(BIN)/mypy

# The stub against the module that was built.
stub-lint: build
	$(BESIDE) $(BIN)/python -m tests.support.stubtest

rust-test:
	$(BESIDE) cargo test --quiet

# The files of tests with these names, each with its folder.
test_files = $(foreach name,$(1),tests/$(dir $(name))test_$(notdir $(name)).py)

# The files that take longest come first, so that the last ones end at about the same time; those whose
# scenarios share a Ray of as many CPUs come together.
LONGEST = $(call test_files,cluster_client/live_command docs/docs worker/gil autoscaling/scaling \
	contract/lifecycle contract/drivers contract/in_effect contract/three_nodes contract/order contract/contexts \
	queries/parity queries/class_udfs contract/one_node queries/routing driver/outputs \
	worker/calls_at_once faults/query_faults queries/class_lifetimes queries/auto worker/shares \
	faults/worker_faults faults/group_faults faults/one_worker_faults faults/one_worker_write_faults queries/one_worker queries/one_worker_writes \
	queries/one_worker_catalogs queries/answers queries/splitting queries/writes runner/retirement queries/merging driver/plan_reading \
	core/pictures runner/restarts worker/prestarted_processes driver/progress driver/decisions cluster_client/surroundings)
ALL = $(sort $(wildcard tests/test_*.py tests/*/test_*.py))

python-test: wheel
	$(BIN)/python $(PYTEST) $(LONGEST) $(filter-out $(LONGEST),$(ALL))

wheel: build
	rm -rf dist
	$(ALONE) $(BIN)/maturin build --release --quiet --out dist

# What each supported Daft has to pass, from the wheel, in an environment of its own, the longest first.
# The newest passes all tests, in the environment of the checkout.
CONTRACT = $(call test_files,queries/routing queries/class_udfs contract/three_nodes contract/in_effect \
	contract/one_node seams/seams runner/cluster_view core/bad_input)
# And in the matrix, for which there is more time.
FAULTS = $(call test_files,faults/query_faults queries/class_lifetimes contract/drivers \
	queries/splitting queries/merging driver/one_worker_events driver/one_worker_config driver/decisions worker/calls_at_once driver/outputs driver/plan_reading driver/user_options queries/answers \
	queries/writes queries/parity queries/one_worker queries/one_worker_writes queries/partition_batches seams/partition_results \
	runner/partition_batches runner/first_answers runner/worker_groups faults/group_faults faults/one_worker_faults faults/one_worker_write_faults runner/retirement runner/restarts)
OLDEST := $(shell sed -n 's/^OLDEST_DAFT = "\(.*\)"/\1/p' python/protoplast/seams/daft.py)
# Releases between the ends at which something changed that the patch relies on.
BETWEEN = 0.6.2 0.6.6 0.6.14 0.7.1 0.7.6 0.7.10 0.7.14 0.7.16

oldest-test: .venvs/daft-$(OLDEST)/.made wheel $(if $(IN_TURN),python-test)
	$(MAKE) daft-$(OLDEST)

# Ten environments, each with the newest Ray that its Daft allows.
matrix: wheel
	$(MAKE) CONTRACT="$(CONTRACT) $(FAULTS)" $(addprefix daft-,$(OLDEST) $(BETWEEN))
	$(MAKE) python-test

.PRECIOUS: .venvs/daft-%/.made
.venvs/daft-%/.made: pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(@D)/bin/python -m pip install --quiet "daft[ray]==$*" --group contract
	touch $@

daft-%: .venvs/daft-%/.made
	.venvs/$@/bin/python -m pip install --quiet --no-deps --force-reinstall dist/*.whl
	.venvs/$@/bin/python $(PYTEST) $(CONTRACT)

# What takes longer than CI should: 20 workers killed, 50 rounds, every way to connect, rarer layouts.
chaos: wheel
	$(BIN)/python -m pip install --quiet --group jobs
	$(BIN)/python -m pytest -m chaos --timeout 900

# The cases that each of the fuzzed parts is given; `make rust-test` gives each a few hundred.
FUZZ_CASES ?= 1000000

fuzz:
	PROPTEST_CASES=$(FUZZ_CASES) cargo test --profile fuzz --package protoplast-planner --test fuzz -- --nocapture

# Systems side by side, in turns; for example make bench BENCH="--rounds 5 --only gil,native/q01".
BENCH ?=

bench: build
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m bench $(BENCH)

bench-workers: build
	$(BIN)/python bench/workers/overhead.py

bench-planner:
	cargo bench --package protoplast-bench-planner

# Licences, advisories, duplicates and sources of the crates. Not part of `make test`: it takes minutes to
# compile, and the advisories come from GitHub. Without them: make deny DENY="licenses bans sources".
CARGO_DENY = target/tools/bin/cargo-deny
DENY ?= all

$(CARGO_DENY):
	cargo install cargo-deny --locked --version 0.20.2 --root target/tools --quiet

deny: $(CARGO_DENY)
	$(CARGO_DENY) --workspace check $(DENY)

format: build
	cargo fmt --all
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .venvs dist target .demo .bench python/protoplast/*.so
