# `make demo` and `make test` do all of their own set-up; nothing here calls apt.
.PHONY: demo test lint types layers check bench clean

# Behind an inspecting proxy only the system knows the certificates (the newer and the older name of it).
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

demo: $(READY)
	@$(BIN)/xinzhi demo --out demo

test: $(READY)
	@$(BIN)/pytest -q -n 2

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

layers: $(READY)
	@$(BIN)/lint-imports

check: lint types layers test

bench: $(READY)
	@$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo build dist

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
