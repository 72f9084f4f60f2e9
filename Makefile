# Every target sets up what it needs by itself; `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

SYSTEM := $(shell uname -s)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONDONTWRITEBYTECODE := 1

# lld links several times faster than the default linker. macOS has its own, and the Swift library is part of it.
ifeq ($(SYSTEM),Darwin)
  BREW := $(shell brew --prefix)
  export PKG_CONFIG_PATH := $(BREW)/opt/curl/lib/pkgconfig:$(BREW)/opt/openssl@3/lib/pkgconfig:$(PKG_CONFIG_PATH)
  DEBUG :=
  RELEASE := -c release
else
  DEBUG := -Xswiftc -use-ld=lld
  # No library is looked for beside the program.
  RELEASE := -c release --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker -s --disable-local-rpath
  # Packed relocations save 1 MB of disk and 1 MB of memory; they need glibc 2.36, here and where the program
  # runs.
  GLIBC := $(or $(lastword $(shell getconf GNU_LIBC_VERSION 2>/dev/null)),0)
  ifeq ($(shell printf '%s\n' 2.36 $(GLIBC) | sort -V | head -n 1),2.36)
    RELEASE += -Xlinker -z -Xlinker pack-relative-relocs
  endif
endif

SWIFT_FILES := Package.swift Sources Tests Plugins
# The folders whose JavaScript, CSS, HTML and JSON the formatter and the linter look at.
WEB_FILES := deno.json templates web Tests bench
# Deno has no stand-in for a file it may not read, so tests get what they ask for; they run no foreign code.
DENO_TEST := deno test --allow-all --no-prompt
# A stage that hangs says so long before whoever waits for it gives up. Of what the runners print, the lines of tests
# that passed are not shown.
LIMIT := scripts/limit
HIDE_SWIFT := --hide '^◇ |^✔ (Suite|Test (?!run )).* passed after|^\[[0-9]+/[0-9]+\]|^$$'
HIDE_DENO := --hide '\.\.\.( ok \(.*\))?$$|^running [0-9]+ tests? from|^-+ .*output.* -+$$|^Check |^$$'

.PHONY: help up build dist test test-swift test-orbit test-web test-e2e test-full test-sanitize lint format bench setup clean

help: ## List the targets.
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1  /p' $(MAKEFILE_LIST) | awk -F'  ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

up: build ## Build, then start the demo: relay, Codex, anchor and a scripted model on this machine (ARGS="…").
	@exec .build/release/codex-remote up --demo $(ARGS)

build: setup ## Build the program for release: .build/release/codex-remote, stripped.
	swift build $(RELEASE) --product codex-remote
ifeq ($(SYSTEM),Darwin)
	@strip -x .build/release/codex-remote
endif

dist: build ## Make the files of a release in dist/: tarballs, a .deb, a Homebrew formula, checksums.
	@scripts/setup --dist
	@scripts/dist $(ARGS)

test: lint test-swift test-orbit test-web test-e2e ## Run everything; the large matrices as a seeded sample.

test-full: export TEST_FULL := 1
test-full: test ## Run everything, the large matrices whole.

lint: setup-tests ## Check format and style, and the types of the JavaScript.
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)
	scripts/rules
	deno fmt --check --quiet $(WEB_FILES)
	deno lint --quiet $(WEB_FILES)
	deno check --quiet $(filter-out deno.json,$(WEB_FILES))

format: setup-tests ## Format every file in place.
	swift format --in-place --recursive --parallel $(SWIFT_FILES)
	deno fmt --quiet $(WEB_FILES)

# One test after the other: beside the ones that compute for seconds, those with real processes would run into their
# limits on a machine with few cores, and together they take no less time.
SWIFT_TEST := swift test $(DEBUG) --disable-xctest --no-parallel

test-swift: setup-tests ## Test the Swift modules.
	$(LIMIT) 40 $(HIDE_SWIFT) $(SWIFT_TEST)

test-orbit: setup-tests ## Test the relay under Deno.
	$(LIMIT) $(if $(TEST_FULL),120,40) $(HIDE_DENO) $(DENO_TEST) Tests/Orbit

test-web: setup-tests ## Test the web client's modules under Deno.
	$(LIMIT) 10 $(HIDE_DENO) $(DENO_TEST) Tests/Web

test-e2e: setup-tests build ## Test the whole, with the real Codex, Deno and Chromium.
	$(LIMIT) $(if $(TEST_FULL),240,40) python -m pytest -rs Tests/EndToEnd Tests/SelfHost Tests/Release

# A build folder a sanitizer, since each compiles everything in its own way.
test-sanitize: setup-tests ## Test the Swift modules under ThreadSanitizer and AddressSanitizer.
	$(SWIFT_TEST) --sanitize=thread --scratch-path .build/sanitize-thread
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT_TEST) --sanitize=address --scratch-path .build/sanitize-address

bench: setup-tests build ## Measure; writes bench/results.json.
	bench/run

setup: ## Install what a build and the program need.
	@scripts/setup

.PHONY: setup-tests
setup-tests: # Install what the tests need on top.
	@scripts/setup --tests

clean: ## Remove what was built.
	rm -rf .build .artifacts dist
