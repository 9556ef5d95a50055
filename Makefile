# make run              sets everything up and serves the site at http://127.0.0.1:8000/ (PORT=8123 for another port)
# make check            sets everything up and checks what needs no tests: style, types, imports, templates, migrations
# make test-fast        runs the tests on SQLite that take less than seconds, with few generated cases
# make test             runs every check and every test
# make test-long        runs what takes longer: many more generated cases, and large ones
# make bench            measures the portal beside what people would otherwise pick (GROUPS="pages cold": these alone)
# make screenshots      makes the pictures of the README from the running product
# make system-packages  installs what parts of the tests need beyond Python, from Debian or Ubuntu

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run check test-fast test test-long bench bench-packages screenshots system-packages administrator format lock clean

run: $(VENV)/run
	@$(BIN)/python manage.py serve

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files '*.html' | xargs $(BIN)/djade --check --target-version 5.2
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	SITE_URL=https://portal.example $(BIN)/python manage.py check --deploy --fail-level WARNING

test-fast: $(VENV)/dev
	@$(BIN)/python -m tests.everything fast

test: check
	@$(BIN)/python -m tests.everything

test-long: $(VENV)/dev
	@$(BIN)/python -m tests.everything long long-postgresql alone coverage

bench:
	@$(MAKE) --no-print-directory -j3 $(VENV)/run var/bench/venv/ready bench-packages
	@$(BIN)/python -m bench $(GROUPS)

bench-packages:
	@bench/system-packages

screenshots: $(VENV)/dev
	@$(BIN)/python -m tests.screenshots

system-packages:
	@tests/system-packages

administrator: $(VENV)/run
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py administrator

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files '*.html' | xargs $(BIN)/djade --target-version 5.2

# Resolves for every supported Python at once and writes the hashes.
lock: $(VENV)/dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade pyproject.toml --output-file requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade bench/requirements.in --output-file bench/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade --group dev --constraint requirements/run.txt pyproject.toml --output-file requirements/dev.txt

clean:
	rm -rf $(VENV) var

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "Python 3.11〜3.13 が要ります（$$($(PYTHON) --version 2>&1)）。PYTHON=python3.12 make run のように指定できます。" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "仮想環境を作れません。venv（Debian では python3-venv）があるか、このフォルダーに書けるかを確かめてください。" >&2; exit 1; }
	@touch $@

$(VENV)/run: requirements/run.txt | $(VENV)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || { \
		echo "ライブラリを取り寄せられません。ネットワークとパッケージの取得先を確かめてください。" >&2; exit 1; }
	@touch $@

$(VENV)/dev: requirements/dev.txt | $(VENV)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || { \
		echo "ライブラリを取り寄せられません。ネットワークとパッケージの取得先を確かめてください。" >&2; exit 1; }
	@touch $@ $(VENV)/run

var/bench/venv/ready: bench/requirements.txt | $(VENV)/python
	@$(PYTHON) -m venv var/bench/venv
	@var/bench/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || { \
		echo "ライブラリを取り寄せられません。ネットワークとパッケージの取得先を確かめてください。" >&2; exit 1; }
	@touch $@
