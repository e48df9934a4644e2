# Every target needs Python 3.11 or later and make; the rest installs itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test test-all test-oldest fuzz lint dist check-dist docs check-docs \
    bench bench-toy results results-page growth coverage clean

help:
	@echo "make demo         train and forecast a load series, print errors, save a picture"
	@echo "make test         run the tests"
	@echo "make test-all     run the slow tests too"
	@echo "make test-oldest  run the tests on the oldest versions that are supported"
	@echo "make fuzz         try thousands of odd frames and files (an hour)"
	@echo "make lint         check style, formatting, types and the direction of imports"
	@echo "make dist         build wheel and sdist in dist/"
	@echo "make check-dist   build them elsewhere, install each where nothing else is, run"
	@echo "make docs         build the documentation in docs/_build/html, run the examples"
	@echo "make check-docs   the same, then follow its links and try its search box"
	@echo "make bench        measure speed and memory, write docs/performance.md"
	@echo "make bench-toy    run each measurement once, small, to see that it works"
	@echo "make results      run the accuracy measurements that are missing (hours), write"
	@echo "                  docs/results.md; JOBS=2 processes at a time"
	@echo "make results-page write docs/results.md from the records that there are"
	@echo "make growth       measure costs as data grow (an hour), write docs/planning.rst"
	@echo "make coverage     measure how often intervals hold, write docs/coverage.md"

# A stamp for each set of packages: a second run does not install again.
$(VENV)/pip.stamp: constraints.txt
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/test.stamp: $(VENV)/pip.stamp pyproject.toml
	$(BIN)/python $(INSTALL) -c constraints.txt -e ".[test]"
	touch $@

$(VENV)/dev.stamp: $(VENV)/test.stamp
	$(BIN)/python $(INSTALL) -c constraints.txt -e ".[dev]"
	touch $@

.venv-oldest/test.stamp: constraints-oldest.txt pyproject.toml
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python $(INSTALL) -c constraints-oldest.txt -e ".[test]"
	touch $@

# The peer that is measured beside us brings packages of its own.
.venv-bench/bench.stamp: constraints.txt pyproject.toml benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python $(INSTALL) -c constraints.txt -e . \
	    -r benchmarks/requirements.txt
	touch $@

demo: $(VENV)/test.stamp
	$(BIN)/python -m skinformer demo

# Two processes of one thread each: tests of a file stay together.
TOGETHER := -n 2 --dist loadfile
test test-all test-oldest docs check-docs: export OMP_NUM_THREADS ?= 1

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest -q $(TOGETHER)

test-all: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -q -m "" $(TOGETHER)

test-oldest: .venv-oldest/test.stamp
	.venv-oldest/bin/python -m pytest -q $(TOGETHER) \
	    -o cache_dir=.venv-oldest/.pytest_cache

# Each shard draws other cases; what failed is kept in .hypothesis, and tried first.
SHARDS ?= 5
fuzz: $(VENV)/test.stamp
	for shard in $$(seq $(SHARDS)); do \
	    SKINFORMER_FUZZ=nightly SKINFORMER_FUZZ_EXAMPLES=1000 \
	    $(BIN)/python -m pytest -q tests/fuzz --hypothesis-show-statistics || exit 1; \
	done

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

dist: $(VENV)/dev.stamp
	rm -rf build dist *.egg-info
	$(BIN)/python -m build

check-dist: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -q -m "" tests/test_dist.py

docs: $(VENV)/dev.stamp
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

check-docs: docs
	$(BIN)/linkchecker --config docs/linkchecker.ini docs/_build/html/index.html
	SKINFORMER_SITE=docs/_build/html $(BIN)/python -m pytest -q \
	    tests/test_site.py tests/test_gallery.py tests/test_docstrings.py

bench: .venv-bench/bench.stamp
	.venv-bench/bin/python -m benchmarks --output docs/performance.md

bench-toy: .venv-bench/bench.stamp
	.venv-bench/bin/python -m benchmarks --toy
	.venv-bench/bin/python -m benchmarks.growth run --toy

# Can be broken off and called again: what has a record is not run again.
JOBS ?= 1
results: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.results run --jobs $(JOBS); ran=$$?; \
	$(BIN)/python -m benchmarks.results page && exit $$ran

results-page: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.results page

# As make results: what has a record is not run again.
growth: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.growth run; ran=$$?; \
	$(BIN)/python -m benchmarks.growth page && exit $$ran

coverage: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.coverage --output docs/coverage.md

clean:
	rm -rf $(VENV) .venv-oldest .venv-bench docs/_build docs/generated docs/auto_examples \
	    build dist *.egg-info
