# Floodgate's commands. `make` lists them. `rehearse` and `test` set up all that they need.
.DEFAULT_GOAL := help
.PHONY: help translations setup tools engine browser rehearse test bench bench-storm prove-seats prove-gate storm approve reject status down lint types format audit hooks test-templates synth lint-templates lock
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)

python := .venv/bin/python
LOCK ?= requirements/all.txt
templates = $(shell find cdk.out -name '*.template.json')
region = $(shell sed -n '/^\[pipeline\]/,/^\[/s/^region *= *"\(.*\)".*/\1/p' settings.toml)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

rehearse: setup ## the whole pipeline on this machine, from the current commit to a promoted site (APPROVE=yes|no decides beforehand)
	@$(python) -m rehearsal run

test: setup browser lint ## types, and every test: decisions, templates, real containers, whole rehearsals
	@$(MAKE) --no-print-directory types & types=$$!; \
	  $(python) -m pytest --numprocesses 3 --no-loadscope-reorder; tests=$$?; \
	  wait $$types && exit $$tests

prove-seats: setup ## a hundred random storms with aborts and kills: no seat sold twice, none lost (STORMS=n, SEED=n)
	@$(python) -m tests.src.seats --storms $(or $(STORMS),100) --seed $(or $(SEED),1)

prove-gate: tools ## what the gate's comparison with history promises, measured: false alarms and what it finds (about 5 minutes)
	@$(python) -m tests.loadtest.prove_gate

approve: tools ## promote the commit that waits for approval
	@$(python) -m rehearsal approve

reject: tools ## refuse the commit that waits for approval
	@$(python) -m rehearsal reject

storm: tools ## the nightly storm, against the dev site that stands
	@$(python) -m rehearsal storm

status: tools ## what stands here, where, and at which commit
	@$(python) -m rehearsal status

bench: tools ## this site beside others that serve the same page: rates, claims, collapse (BENCH="--quick", "--only pages claims", "--publish")
	@$(python) -m bench $(BENCH)

bench-storm: tools ## what the storm's generator costs, beside Locust's own users and wrk (BENCH="--quick", "--only rates rest", "--publish")
	@$(python) -m bench.storm $(BENCH)

down: tools ## remove all that the rehearsal made
	@$(python) -m rehearsal down

setup: tools engine ## the set-up alone: locked Python and Node tools, a container engine, the base image

tools: # the tools alone, as a build in the pipeline needs them
	@sh requirements/install.sh $(LOCK)
ifeq ($(LOCK),requirements/all.txt)
	@cmp -s package-lock.json node_modules/installed.json || { echo "setup: the Node tools of package-lock.json" && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null && cp package-lock.json node_modules/installed.json; }
endif

engine: tools
	@$(python) -m rehearsal.engine src/*/Dockerfile rehearsal/fargate/images/*/Dockerfile

browser: # Chromium, for the tests that see what people see
	@sh tests/browser/chromium.sh

lint: tools ## ruff: its rules and its format
	@$(python) -m ruff check --quiet . && $(python) -m ruff format --quiet --check .

types: tools ## mypy, strict
	@echo "mypy: about a minute the first time, for the types of the CDK; seconds after that"
	@$(python) -m mypy --no-error-summary .

format: tools ## ruff's formatter and its safe mends
	@$(python) -m ruff check --quiet --fix . ; $(python) -m ruff format .

audit: tools ## secrets in the commit's files, known vulnerabilities of the locked packages
	@$(python) -m supply_chain secrets & secrets=$$!; \
	  $(python) -m supply_chain vulnerabilities; known=$$?; \
	  wait $$secrets && exit $$known

hooks: tools ## let git run `make lint` before each commit, and look at its message
	@pre-commit install --install-hooks

test-templates: tools ## the tests of the settings and of the synthesized templates
	@$(python) -m pytest -q tests/settings tests/templates

synth: tools ## cdk.out, by the pinned CLI
	@cdk synth --quiet

lint-templates: tools # cfn-lint on every template of cdk.out
	@cfn-lint -r $(region) -- $(templates)

translations: tools engine ## the translation files of the site, anew from its code and from what translators wrote
	@$(python) -m tests.src.translations

lock: tools # the lock files, anew from requirements/*.in
	@cd requirements && for name in bootstrap loadtest worker sbom all; do \
	  ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" $$name.in -o $$name.txt; done
