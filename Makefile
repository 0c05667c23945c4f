# Concord: the commands. Each sets up what it needs; `make demo` is the place to begin.

PYTHON ?= python3
BIN := .venv/bin
TRYTON := .venv-tryton
SPARK := .venv-spark
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: help demo demo-tryton dev check test golden soak evaluate cluster sandbox pictures format clean
.PHONY: bench bench-checks bench-loop bench-identity bench-sandbox bench-ingestion bench-usage bench-plan bench-push bench-revenue
help:  ## what can be typed
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/ready  ## run the whole loop once on an invented company
	@$(BIN)/concord demo

demo-tryton: .venv/ready $(TRYTON)/installed  ## the same loop with a real Tryton server as ERP
	@$(BIN)/concord demo --erp tryton

dev: .venv/ready  ## sandbox, Dagster UI and dashboard on loopback
	@$(BIN)/concord dev

sandbox: .venv/ready  ## the invented company's systems alone, on loopback; ARGS="--help" for options
	@$(BIN)/python -m sandbox --port 8765 --door-port 8766 --home .concord/sandbox $(ARGS)

check: .venv/ready-dev  ## formatting, lint, types, floors, SQL rules, dbt project
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/sqlfmt --quiet --check transform
	$(BIN)/sqruff lint transform/models
	$(BIN)/python -m orchestration.build
	$(BIN)/dbt-bouncer --config-file transform/dbt-bouncer.yml

test: .venv/ready-dev  ## every test but the long ones, which run with the soak
	@$(BIN)/python -m pytest -m "not long" --numprocesses 2 --dist loadgroup --no-loadscope-reorder

golden: .venv/ready  ## the golden cases of revenue; evidence in build/golden.json
	@$(BIN)/python -m orchestration.scenarios

bench: .venv/ready-dev  ## every bench; QUICK=1 for small sizes; ARGS="plan loop" these alone
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick) $(ARGS)

bench-checks: .venv/ready-dev  ## all checks over 100,000 customers, and after one change; ARGS="--quick"
	@$(BIN)/python -m tests.bench.bench_checks $(ARGS)

bench-loop: .venv/ready-dev  ## rounds without news, one change, dbt against its own SQL; ARGS="--quick"
	@$(BIN)/python -m tests.bench.bench_loop $(ARGS)

bench-identity: .venv/ready-dev  ## resolve a million records; ARGS="--customers 2000" how right it is
	@$(BIN)/python -m tests.bench.bench_identity $(or $(ARGS),--records 1000000)

bench-sandbox: .venv/ready-dev  ## fill a company of 100,000 customers and read pages of it
	@$(BIN)/python -m tests.bench.bench_sandbox $(ARGS)

bench-ingestion: .venv/ready-dev  ## load a million rows, count calls, wait for limits; ARGS="--quick"
	@$(BIN)/python -m tests.bench.bench_ingestion $(ARGS)

bench-usage: .venv/ready-dev  ## refresh the days of late usage events; ARGS="--events 100000000"
	@$(BIN)/python -m tests.bench.bench_usage $(ARGS)

evaluate: .venv/ready-dev  ## plant mistakes, reconcile, score every check; ARGS="--seed 7 --customers 250 --disorder all"
	@$(BIN)/python -m tests.evaluation $(ARGS)

bench-plan: .venv/ready-dev  ## compare a million records three ways; ARGS="--rows 100000"
	@$(BIN)/python -m tests.bench.bench_plan $(ARGS)

bench-push: .venv/ready-dev  ## write for ten minutes of virtual time at a vendor's limit
	@$(BIN)/python -m tests.bench.bench_push $(ARGS)

bench-revenue: .venv/ready-dev  ## recognize 100,000 contracts over 36 months, and one alone; ARGS="--contracts 10000"
	@$(BIN)/python -m tests.bench.bench_revenue $(ARGS)

cluster: .venv/ready $(SPARK)/installed  ## the models on an Apache Spark cluster, held to DuckDB's; ARGS="--kill-after 100"
	@$(BIN)/python -m orchestration.cluster $(ARGS)

soak: .venv/ready-dev  ## kill a push a thousand times, losing answers; ARGS="--kills 100"
	@$(BIN)/python -m pytest -m long
	@$(BIN)/python -m tests.reverse_etl.soak $(ARGS)

pictures: .venv/ready-dev  ## take the pictures of docs/tour.md again, after `make demo`
	@$(BIN)/python -m tests.dashboard.pictures

format: .venv/ready-dev  ## lay out Python and SQL
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet . ; $(BIN)/sqlfmt --quiet transform

clean:  ## remove what the commands made, demo homes included; .env stays
	rm -rf .venv $(TRYTON) $(SPARK) .concord/demo .concord/demo-tryton build transform/target

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Concord needs Python 3.11 or newer and %s is %d.%d: install one, or name it: make PYTHON=python3.12" % ((sys.executable,) + sys.version_info[:2]))'
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing: install it (Debian: apt install python3-venv)"; exit 1; }

.venv/ready: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing Concord into .venv (about a minute) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-dev: requirements-dev.lock tests/sandbox/netsuite/client.lock .venv/ready
	@echo "Installing the tools of check and test ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/sandbox/netsuite/client.lock
	@touch $@

$(TRYTON)/installed: sandbox/tryton/requirements.lock | .venv/bin/python
	@echo "Installing a Tryton server into $(TRYTON) ..."
	@$(BIN)/python -m sandbox.tryton.install

$(SPARK)/installed: orchestration/cluster/requirements.lock | .venv/bin/python
	@test -n "$$JAVA_HOME" || command -v java >/dev/null || { echo "Spark needs Java 17 or newer: install it (Debian: apt install openjdk-17-jre-headless), or name it in JAVA_HOME."; exit 1; }
	@echo "Installing Apache Spark into $(SPARK) (850 MB, some minutes) ..."
	@$(PYTHON) -m venv --clear $(SPARK)
	@$(SPARK)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@
