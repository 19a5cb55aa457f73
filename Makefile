.DEFAULT_GOAL := help
.PHONY: help run demo check format test bench bench-judgement shopify-standin docs words clean
PY := .venv/bin/python
# Homebrew on Apple silicon keeps Pango where macOS does not look for it.
BREW := export DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib:/usr/lib

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

run: ## install what is missing, fill the demo shop once, start on http://127.0.0.1:8050
	@scripts/setup run
	@$(BREW); exec $(PY) app.py serve

demo: ## fill the demo shop beside other shops
	@scripts/setup run
	@$(PY) app.py demo

check: ## format, lint, types, house rules
	@scripts/setup test
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -q tests/test_house.py

format: ## write the format that `check` wants
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

test: ## everything: format, lint, types, and all tests with servers and browser of their own
	@scripts/setup test
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(BREW); $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: ## measure the product's own figures, beside the same work done bare
	@scripts/setup test
	$(PY) -m benchmarks

bench-judgement: ## forecasts of real series beside naive floors, on ../shared/data
	@scripts/setup test
	$(PY) -m benchmarks judgement_forecasts judgement_anomalies judgement_why

screenshots: ## pictures of every page at three widths in both themes, into screenshots/
	@scripts/setup test
	$(PY) -m tests.browser.screenshots $(ARGS)

shopify-standin: ## a shop of our own that answers as Shopify does, on http://127.0.0.1:8055
	@scripts/setup test
	$(PY) -m tests.shopify_standin --port 8055 $(ARGS)

docs: ## write the reference pages from the code
	@$(PY) app.py docs

words: ## gather the screen's texts into agent/locales, to be translated there
	@$(PY) app.py words

clean: ## remove the environment and caches, never data
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
