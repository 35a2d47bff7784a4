.DEFAULT_GOAL := help

PY := .venv/bin/python
STRICT := $(PY) -X dev -W error
GATES := lint types coverage docs package suites matrix

.PHONY: help demo test check $(GATES) random wasm format bench stress mutants clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/demo ## run the examples, then a test file that is wrong on purpose
	@$(STRICT) .ci/demo.py

test: .venv/dev ## run the whole suite
	$(STRICT) -m unittest discover

check: .venv/dev ## run every gate below, and sum up
	@.ci/gates $(GATES)

lint: .venv/dev ## gate: ruff's rules, and its formatting
	.venv/bin/ruff check
	.venv/bin/ruff format --check

types: .venv/dev ## gate: mypy --strict and pyright
	.venv/bin/mypy tripwire tests
	.venv/bin/mypy .ci
	@for folder in examples/*/; do \
	    echo "mypy $$folder"; \
	    (cd $$folder && ../../.venv/bin/mypy --config-file ../../setup.cfg --cache-dir ../../.mypy_cache .) || exit 1; \
	done
	.venv/bin/pyright --project .ci/pyrightconfig.json --pythonpath $(PY)

coverage: .venv/dev ## gate: the suite covers every branch of the package and of itself
	$(STRICT) -m coverage run -m unittest discover
	$(PY) -m coverage report

docs: .venv/dev ## gate: the documents render without a warning
	@for document in *.rst tests/*.rst; do \
	    echo "docutils $$document"; \
	    $(PY) -m docutils --strict $$document /dev/null || exit 1; \
	done

package: .venv/dev ## gate: the sdist holds all, and what is installed from the wheel works
	@.venv/bin/check-manifest
	@$(PY) .ci/package.py

random: .venv/dev ## run the suite in random order, as each cell of the matrix does
	@$(STRICT) .ci/random_order.py

suites: .venv/dev ## gate: pymemcache's and Django's own tests over a store, and memcached
	@$(PY) .ci/suites.py

# Two cells at once on two processors. pyenv's Pythons need not be on the path; one that is nowhere
# is skipped and named, and in continuous integration fails.
matrix: .venv/dev ## gate: the suite, shuffled, on every Python, with old and new pymemcache
	@PATH="$$PATH$$(printf ':%s' "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/*/bin)" \
	    .venv/bin/tox run-parallel --quiet --parallel auto --parallel-no-spinner \
	    --skip-missing-interpreters $(if $(filter true,$(CI)),false,true)
	@$(PY) .ci/wasm.py

wasm: .venv/dev ## run the suite on Python 3.14, as WebAssembly in node
	@$(PY) .ci/wasm.py

format: .venv/dev ## put the code into ruff's format
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

bench: .venv/dev ## measure tripwire beside its rivals, and beside the last time
	@$(PY) .ci/bench.py

stress: .venv/dev ## run the thread stress for longer than the suite does
	@$(STRICT) .ci/stress.py

mutants: .venv/dev ## see whether the suite notices mutants of tripwire
	@$(PY) .ci/mutants.py

clean: ## remove whatever these targets made
	rm -rf .venv .tox .wasm .bench .suites build dist .mypy_cache .ruff_cache .hypothesis .mutants .coverage *.egg-info

# Each stamp is touched when the installation that it stands for is complete.
.venv/demo: setup.cfg setup.py
	@.ci/install pymemcache
	@touch $@

.venv/dev: setup.cfg setup.py
	@.ci/install pymemcache,dev
	@touch $@ .venv/demo
