# Floodgate's commands. `make` lists them. `rehearse` and `test` set up all that they need.
.DEFAULT_GOAL := help
.PHONY: help doctor site docs translations setup tools engine browser rehearse test check bench bench-storm bench-loop prove-seats drill prove-kills prove-going-back prove-front prove-docs prove-wordpress prove-gate newest-locust storm approve reject remote page heal backup clock capacity cost shell delete-stack continue-rollback status down lint types format audit hooks test-templates synth lint-templates keeps-data php-symbols lock packages
# Bytecode of the project's own files is kept, whatever the environment says: half of a test's start is its compilation.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
# A synthesis validates its templates by WebAssembly, and is over before V8's threads, four by default, have optimized that:
# they are a fifth of its processor time. A person's own options come last, so they hold.
one_thread := --v8-pool-size=1
export NODE_OPTIONS := $(strip $(one_thread) $(filter-out $(one_thread),$(NODE_OPTIONS)))

python := .venv/bin/python
LOCK ?= requirements/all.txt
# One more than a machine of two cores has: what waits for a registry, a subprocess or a clock leaves its core to another.
WORKERS ?= 3
# A recipe that needs another target's work takes its commands from a variable. With a recursive call in it, make would run the
# whole line, and all that it is joined with, in a dry run too; and a shell function is run by it in any case.
types = { echo "mypy: about a minute the first time, for the types of the CDK; seconds after that"; $(python) -m mypy --no-error-summary .; }
lint_python = $(python) -m ruff check --quiet . && $(python) -m ruff format --quiet --check . && $(python) -m lint.dead_code
# What has passed today on the same files that it reads is not run again: a build of a commit that differs from one that was built
# before in what the site shows, or not at all, is over sooner. What a check reads: [tool.once] in pyproject.toml.
once = $(python) -m lint.once
lint = { $(once) lint-python -- sh -c '$(lint_python)' && $(once) lint-php -- $(python) -m lint php && $(once) lint-others -- $(python) -m lint --but php; }

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

rehearse: setup ## the whole pipeline on this machine, from the current commit to a promoted site (APPROVE=yes|no decides beforehand)
	@$(python) -m rehearsal run

ifdef ONLY
test: tools ## every test: decisions, templates, real containers, whole rehearsals; types and lint before them (ONLY="PATH -k WORD -x": some of them alone)
	@$(python) -m pytest $(ONLY)
else
test: setup browser
	@$(lint) && { $(types) & types=$$!; \
	  $(python) -m pytest --numprocesses $(WORKERS) --no-loadscope-reorder; tests=$$?; \
	  wait "$$types" && exit "$$tests"; }
endif

check: tools ## before a commit, in one to two minutes: lint, types, and every test that needs no container engine, no browser, no real time; the storm's not again on the same files
	@$(lint) & lint=$$!; \
	  $(types) & types=$$!; \
	  $(python) -m pytest --quiet --numprocesses $(WORKERS) --no-loadscope-reorder --once -m "not engine and not browser and not realtime"; tests=$$?; \
	  wait "$$types"; types=$$?; wait "$$lint" && [ "$$types" = 0 ] && exit "$$tests"

site: tools engine ## the site from the working tree, where an edit of src/ is seen in the next reload; Ctrl-C removes it (PORTS=9000)
	@$(python) -m preview

prove-seats: setup ## a hundred random storms with aborts and kills: no seat sold twice, none lost; then a database frozen for a minute (STORMS=n, SEED=n, FREEZE=seconds)
	@$(python) -m tests.site.seats --storms $(or $(STORMS),100) --seed $(or $(SEED),1) --freeze $(or $(FREEZE),60)

drill: setup ## faults in the dev site that stands, each under a storm; its bounds are in docs/drill.md (ONLY="php frozen", DRILL="--quick", "--publish")
	@$(python) -m drill $(if $(ONLY),--only $(ONLY)) $(DRILL)

prove-kills: setup ## a rehearsal killed at twenty moments, and the next one after each: it promotes (KILLS=n, SEED=n; half an hour)
	@$(python) -m tests.whole.kills --kills $(or $(KILLS),20) --seed $(or $(SEED),1)

prove-going-back: setup ## a plugin in prod that fails with the next commit: prod serves the commit before, and says so (a quarter of an hour)
	@$(python) -m tests.whole.going_back

prove-front: setup ## whole rehearsals of a dev closed to strangers, and of CloudFront and a firewall before dev and prod (a quarter of an hour)
	@$(python) -m tests.whole.front

prove-docs: setup ## docs/aws.md walked with the CDK's own CLI against an emulated AWS, from empty accounts to the first promoted commit (10 minutes)
	@$(python) -m tests.whole.first_day

prove-wordpress: setup browser ## all tests that ask a real site, on each WordPress that a team can have; the last line counts them (WORDPRESS="7.1", TESTS=tests/site/test_mail.py; half an hour)
	@$(python) -m tests.site.versions $(if $(WORDPRESS),--lines $(WORDPRESS)) $(if $(TESTS),--tests $(TESTS))

prove-gate: tools ## what the gate's comparison with history promises, measured: false alarms and what it finds (about 10 minutes)
	@$(python) -m tests.loadtest.prove_gate

newest-locust: tools ## the storm's own tests on the newest Locust that the registry has, in the place of the locked one
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  .venv/bin/uv pip install --quiet --no-deps --target "$$folder" locust && \
	  PYTHONPATH="$$folder" $(python) -c 'import locust; print(f"locust {locust.__version__}")' && \
	  PYTHONPATH="$$folder" $(python) -m pytest --quiet -n 0 tests/loadtest/generator -k "not clock and not hopeless"

approve: tools ## promote the commit that waits for approval
	@$(python) -m rehearsal approve

reject: tools ## refuse the commit that waits for approval
	@$(python) -m rehearsal reject

shell: tools ## a shell in which aws, cdk and boto3 find what stands here: stacks, logs, secrets, buckets
	@$(python) -m rehearsal shell

delete-stack: tools ## delete what is left of a stack whose creation failed (STACK=name)
	@$(python) -m rehearsal delete-stack $(STACK)

continue-rollback: tools ## bring a stack back whose rollback failed (STACK=name)
	@$(python) -m rehearsal continue-rollback $(STACK)

remote: tools ## a git remote: `git push rehearsal main` takes main through the pipeline (REMOTE=name)
	@$(python) -m rehearsal remote $(if $(REMOTE),--name $(REMOTE))

page: tools ## the pipeline in your browser: stages, live logs, the approval with its evidence (PAGE=8071)
	@$(python) -m rehearsal.page $(if $(PAGE),--port $(PAGE))

storm: tools ## the nightly storm, against the dev site that stands
	@$(python) -m rehearsal storm

heal: tools ## bring back what stood and is down, as after a restart of the container engine; `make status` says what is
	@$(python) -m rehearsal heal

backup: tools ## back up the database and the content of what stands here, and say what settings.toml calls them (docs/restore.md)
	@$(python) -m rehearsal backup

clock: tools ## the rehearsal's clock: AT="2026-12-01 09:55 Europe/Berlin", AT=10:00 or AT=now sets it, SPEED=10 lets it run; alone it says what comes
	@$(python) -m rehearsal clock $(if $(AT),--at "$(AT)") $(if $(SPEED),--speed $(SPEED))

capacity: tools ## what so many people need in prod, and what their window costs (PEOPLE=20000, LEAD=60, COOL_DOWN=60: minutes; HISTORY=s3://…: by the last storms)
	@$(python) -m promotion capacity --people $(or $(PEOPLE),1000) $(if $(LEAD),--lead $(LEAD)) $(if $(COOL_DOWN),--cool-down $(COOL_DOWN)) $(if $(HISTORY),--history $(HISTORY))

cost: tools ## what a month of each stage costs, by promotion/prices.toml
	@$(python) -m promotion cost

status: tools ## what stands here, where, and at which commit
	@$(python) -m rehearsal status

bench: tools ## this site beside others that serve the same page: rates, claims, collapse (BENCH="--quick", "--only pages claims", "--publish")
	@$(python) -m bench $(BENCH)

bench-storm: tools ## what the storm's generator costs, beside Locust's own users and wrk (BENCH="--quick", "--only rates rest", "--publish")
	@$(python) -m bench.generator $(BENCH)

bench-loop: tools ## make check, test and rehearse in turns with an earlier commit, and their ratios (BASE=commit, BENCH="--only test --turns 1"; hours)
	@$(python) -m bench.loop $(or $(BASE),HEAD~1) $(BENCH)

down: tools ## remove all that the rehearsal and `make site` made
	@$(python) -m preview down; site=$$?; \
	  $(python) -m rehearsal down && exit "$$site"

doctor: ## what this machine has of what Floodgate needs, and what to do about the rest
	@python3 -m containers.doctor

setup: tools engine ## the set-up alone: locked Python and Node tools, a container engine, the base image

tools: # the tools alone, as a build in the pipeline needs them
	@sh requirements/install.sh $(LOCK)
ifeq ($(LOCK),requirements/all.txt)
	@cmp -s package-lock.json node_modules/installed.json || { echo "setup: the Node tools of package-lock.json" && npm ci --include=dev --include=optional --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null && cp package-lock.json node_modules/installed.json; }
endif

engine: tools
	@$(python) -m containers.engine src/*/Dockerfile rehearsal/fargate/task/own_images/*/Dockerfile rehearsal/fargate/task/own_images/*/*/Dockerfile

browser: # Chromium, for the tests that see what people see
	@sh tests/site/browser/chromium.sh

lint: tools ## ruff and vulture on Python; shell, PHP, JavaScript, CSS and Dockerfiles by their own linters
	@$(lint)

types: tools ## mypy, strict
	@$(types)

format: tools ## ruff's formatter and its safe mends
	@$(python) -m ruff check --quiet --fix . ; $(python) -m ruff format .

audit: tools ## secrets in the commit's files, known vulnerabilities of the locked packages
	@$(python) -m supply_chain secrets & secrets=$$!; \
	  $(python) -m supply_chain vulnerabilities; known=$$?; \
	  wait "$$secrets" && exit "$$known"

hooks: tools ## let git run `make lint` before each commit, and look at its message
	@pre-commit install --install-hooks

test-templates: tools ## the tests of the settings and of the synthesized templates
	@$(once) test-templates -- $(python) -m pytest -q tests/settings tests/templates

# What an earlier synthesis left, of a stack that is gone, would stay beside what there is. The CDK validates templates for a
# third of its time: those that only name other contents of images than they did are not validated again.
synth: tools ## cdk.out, by the pinned CLI
	@rm -rf cdk.out && $(once) synth --known CDK_VALIDATION=false -- cdk synth --quiet

lint-templates: tools synth # cfn-lint on every template of cdk.out
	@$(once) lint-templates -- $(python) -m lint.by_region cdk.out

keeps-data: tools synth ## refuse a commit under which data of prod would be lost; what prod runs, the pipeline alone may read
	@$(python) -m promotion keeps-data --assembly cdk.out $${PROD_READER:+--role "$$PROD_READER"}

translations: tools engine ## the translation files of the site, anew from its code and from what translators wrote
	@$(python) -m tests.site.translations

docs: tools ## the parts of docs that are made from the code
	@$(python) -m tests.house.documents

php-symbols: tools engine ## what the linter knows of WordPress and PHP, anew from the site's image
	@$(python) -m tests.lint.outside

packages: setup ## move the versions of Debian's packages that the images are built from to today's, and say what changes
	@$(python) -m supply_chain packages

lock: tools # the lock files, anew from requirements/*.in
	@cd requirements && for name in bootstrap loadtest worker sbom all; do \
	  ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" "$$name.in" -o "$$name.txt"; done
