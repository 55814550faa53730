# The one list of commands; `make help` prints it. CI and pre-commit call these and nothing else.
#
# Everything runs in environments that are made on first use: .venv (everything) and .venv-quick (no Airflow).
# They are refreshed when pyproject.toml or constraints.txt changes. Recipes name relative paths only, so that
# the folder may be called anything, and programs are started as `python -m`, so that the shell's PATH plays no part.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
ARGS ?=
VERSIONS ?= 3.1 3.2 3.3 3.4
export PYTHON

full := .venv/bin/python
quick := .venv-quick/bin/python
say = @printf '\n== %s\n'
# Two processes, as CI has two cores; each starts Airflow once, so that the tests of one file stay together.
parallel := -n 2 --dist loadfile

.PHONY: help env quick-env quick test test-all test-airflow test-backends test-matrix lint lint-style lint-types lint-layers lint-spelling format demo bench docs check-deploy build constraints clean

help: ## print this list
	@printf 'usage: make COMMAND [PYTHON=/path/to/python3] [ARGS="..."]\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-14s %s\n' "$$name" "$$text"; done

env: .venv/.stamp ## make or refresh .venv: the package with every extra, and the tools

quick-env: .venv-quick/.stamp ## make or refresh .venv-quick: the package without Airflow

.venv/.stamp: pyproject.toml constraints.txt tools/env.sh
	$(say) 'environment .venv'
	@sh tools/env.sh .venv full
	@touch $@

.venv-backends/.stamp: pyproject.toml constraints.txt tools/env.sh
	$(say) 'environment .venv-backends'
	@sh tools/env.sh .venv-backends backends
	@touch $@

.venv-airflow-%/.stamp: pyproject.toml constraints.txt tools/env.sh $(wildcard tools/matrix/*.txt)
	$(say) 'environment .venv-airflow-$*'
	@sh tools/env.sh .venv-airflow-$* airflow-$*
	@touch $@

.venv-quick/.stamp: pyproject.toml constraints.txt tools/env.sh
	$(say) 'environment .venv-quick'
	@sh tools/env.sh .venv-quick quick
	@touch $@

quick: .venv-quick/.stamp ## run the tests that need no Airflow (ARGS go to pytest)
	$(say) 'tests without Airflow'
	@$(quick) -m pytest tests/unit tests/acme -q $(parallel) $(ARGS)

# One after the other also under `make -j`: two test runs at once would fight for two cores. Each is run whatever
# the one before it found, so that one call shows everything.
test: .venv/.stamp .venv-quick/.stamp ## run quick, lint and every test that needs no server of the operating system's
	@failed=; \
	$(MAKE) quick ARGS= || failed="$$failed quick"; \
	$(MAKE) -k lint || failed="$$failed lint"; \
	$(MAKE) test-all || failed="$$failed test-all"; \
	if [ -n "$$failed" ]; then printf '\nfailed:%s\n' "$$failed" >&2; exit 1; fi

test-all: .venv/.stamp
	$(say) 'tests with Airflow and with servers'
	@$(full) -m pytest tests/integration tests/acme -q $(parallel) $(ARGS)

test-airflow: .venv/.stamp ## run the tests with real processes of Airflow, also on Celery, PostgreSQL and Redis (minutes)
	@sh tools/debian.sh postgresql redis-server
	$(say) 'tests with real processes of Airflow'
	@DAGWRIGHT_TEST_AIRFLOW=1 $(full) -m pytest tests/airflow -q $(ARGS)

# The version of constraints.txt is among them, so that one table shows all.
test-matrix: ## run the tests that depend on Airflow's version on each (VERSIONS="3.1 3.4" chooses; minutes)
	@MAKE='$(MAKE)' sh tools/matrix.sh test $(VERSIONS) -- $(ARGS)

test-backends: .venv-backends/.stamp ## run the tests with containers (podman), databases (PostgreSQL) and AWS (moto), on this machine
	@sh tools/debian.sh busybox-static podman postgresql runc
	@sh tools/azurite.sh .venv-backends/azurite
	$(say) 'tests with containers, databases and AWS'
	@.venv-backends/bin/python -m pytest tests/backends -q $(ARGS)

# Parts of their own, so that `make -k lint` reports them all and a pre-commit hook can call one.
lint: lint-style lint-types lint-layers lint-spelling ## check style, types, layers and spelling; changes nothing

lint-style: .venv/.stamp
	$(say) 'ruff: rules and format'
	@$(full) -m ruff check --quiet --output-format concise
	@$(full) -m ruff format --check --quiet

lint-types: .venv/.stamp
	$(say) 'mypy: types'
	@$(full) -m mypy

lint-layers: .venv/.stamp
	$(say) 'import-linter: layers'
	@$(full) -c 'from importlinter.cli import lint_imports_command as main; main()' --no-logo

lint-spelling: .venv/.stamp
	$(say) 'codespell: spelling'
	@$(full) -m codespell_lib

format: .venv/.stamp ## format the code and apply ruff's safe fixes
	$(say) 'ruff'
	@$(full) -m ruff check --fix --quiet --exit-zero
	@$(full) -m ruff format --quiet

demo: .venv/.stamp ## run examples/typical against a real SFTP server and S3 endpoint (ARGS=--break-row breaks it)
	@$(full) -m demo $(ARGS)

bench: .venv/.stamp ## run the benchmarks (minutes; ARGS go to them)
	$(say) 'benchmarks'
	@$(full) -m benchmarks $(ARGS)

docs: .venv/.stamp ## check the links in README.md, CONTRIBUTING.md and docs/
	$(say) 'links in the documentation'
	@$(full) tools/check_links.py

check-deploy: .venv/.stamp ## check deploy/ (CHART=folder: Airflow's Helm chart; COMPOSE_SCHEMA=file: compose-spec.json)
	$(say) 'files of deploy/'
	@DAGWRIGHT_CHART='$(CHART)' DAGWRIGHT_COMPOSE_SCHEMA='$(COMPOSE_SCHEMA)' \
		$(full) -m pytest tests/integration/deploy -q $(ARGS)

build: .venv/.stamp ## build the wheel into dist/
	$(say) 'wheel'
	@$(full) -m uv build --quiet --wheel --python $(full) --build-constraints constraints.txt
	@ls dist

constraints: ## resolve constraints.txt and tools/matrix anew (ARGS=--upgrade takes the newest versions)
	$(say) 'constraints.txt, tools/matrix'
	@sh tools/env.sh .venv-quick uv
	@.venv-quick/bin/python -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
		--fork-strategy fewest --all-extras --group dev --group clusters --generate-hashes --no-header --no-annotate \
		--output-file constraints.txt $(ARGS)
	@sh tools/matrix.sh resolve $(ARGS)
	@if grep -nE '://|--[a-z-]*(index|find-links|trusted)' constraints.txt tools/matrix/*; then \
		printf 'error: these lines name an address\n' >&2; exit 1; fi

clean: ## remove environments, caches and build results
	rm -rf .venv .venv-* dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
