# `make run` and `make test` do everything that they need on a machine with Rust.

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests page run demo test test-build test-page test-server test-e2e why fuzz fuzz-api lint lint-code lint-rest advisories fmt openapi bench bench-micro bench-peers bench-proxies bench-growth bench-report bench-postgres attack soak docs dist dist-check

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: ## Install what the build and the demo need besides Rust
	@./.ci/setup build

setup-tests: ## Install what the tests need besides: browsers, PostgreSQL, proxies, generators of clients
	@./.ci/setup tests
	@./.ci/tools
	@./.ci/geckodriver
	@./.ci/clients

page: ## Build the web page, if Node.js is there
	@./.ci/page

# Builds of the tests have all parts of the server. Always the whole workspace: another choice would be built with other
# features, and so once more.
ALL = --workspace --locked --features otlp
NEXTEST = target/tools/bin/cargo-nextest nextest run $(ALL)

# Not optimised: it is there in half the time, and `make test` goes on from what it built.
run: setup page ## Build and run the server on http://127.0.0.1:8000, with its database in dotcast.db
	cargo run --locked -- serve

demo: setup ## Show the main job: a stream that is cut and resumes without a loss
	cargo build --locked
	@./docs/demo.sh

test: setup-tests ## Run all tests, on SQLite and on PostgreSQL, and the page's in browsers
	@./.ci/page required
	@./.ci/parallel test-build test-page
	@$(MAKE) --no-print-directory test-server
	@$(MAKE) --no-print-directory test-e2e

# What `make test` is made of. Servers and browsers are not run beside each other: on two cores both take longer than
# one after the other, and time limits of a second pass.

test-build:
	$(NEXTEST) --no-run

test-page:
	npm --prefix web test

test-server:
	DOTCAST_TEST_DATABASE=sqlite ./.ci/postgres $(NEXTEST)
	DOTCAST_TEST_DATABASE=postgres ./.ci/postgres $(NEXTEST) --profile postgres
	cargo test $(ALL) --doc

test-e2e:
	npm --prefix web run e2e

why: setup-tests ## Show on a PostgreSQL what an outbox loses and waits for, and what the log does instead
	cargo build --locked --examples
	WHY_MEASURE=1 DOTCAST_TEST_DATABASE=sqlite cargo test --locked --test integration -- --nocapture examples::why

fuzz: ## Feed the parsers of what clients send with what libFuzzer thinks up, each for FUZZ_SECONDS (60)
	@./.ci/setup fuzz
	@./.ci/fuzz

fuzz-api: setup-tests ## Probe the server by its OpenAPI document, with other requests each time, on both databases
	DOTCAST_TEST_FUZZ=1 DOTCAST_TEST_DATABASE=sqlite cargo test --locked --test integration -- --nocapture clients::probing
	DOTCAST_TEST_FUZZ=1 DOTCAST_TEST_DATABASE=postgres cargo test --locked --test integration -- --nocapture clients::probing

lint: setup-tests ## Check formatting, spelling, the code with clippy, Biome and TypeScript, the OpenAPI document and dependencies
	@./.ci/page required
	@./.ci/parallel lint-code lint-rest

# What `make lint` is made of.

lint-code:
	cargo clippy $(ALL) --all-targets -- -D warnings

lint-rest:
	cargo fmt --all --check
	cargo fmt --check --manifest-path tests/clients/rust/Cargo.toml
	cargo fmt --check --manifest-path tests/fuzz/Cargo.toml
	target/tools/bin/typos
	./.ci/rust-version
	target/tools/bin/cargo-deny --workspace --locked check licenses bans sources
	npm --prefix web run check
	npm --prefix tests/clients run lint

advisories: setup-tests ## Look for dependencies that are known to be vulnerable; needs github.com
	target/tools/bin/cargo-deny --workspace --locked check advisories

fmt: ## Format the code
	cargo fmt --all
	npm --prefix web run format

docs: ## Build the documents as a site in target/docs, and check its links
	@./.ci/setup docs
	@./.ci/docs

openapi: ## Write the OpenAPI document to openapi/, in 3.0 and in 3.2
	@set -e; for version in 3.0 3.2; do for format in json yaml; do \
		file=openapi/openapi$$([ $$version = 3.0 ] || echo -$$version).$$format; \
		cargo run --locked --quiet -- openapi --version $$version --format $$format > $$file.new; \
		mv $$file.new $$file; \
	done; done

# What is measured is what is released.
MEASURED = cargo build --release --locked --features otlp --package dotcast

bench: setup ## Measure streams: cost, latency, storms, writes, in a quarter of an hour (QUICK=1: two minutes)
	$(MEASURED) --package dotcast-load
	@./benches/run

bench-micro: setup ## Measure what an event costs in memory: encoding, window, feed, watermark
	cargo bench --locked --bench log -- --warm-up-time 1 --measurement-time 2

bench-peers: setup ## Measure what a user would pick instead, beside dotcast, in half an hour
	$(MEASURED) --package dotcast-load
	@./benches/run peers

bench-proxies: setup-tests ## Measure how long the proxies of deploy/ hold events back, in a minute; fails above 50 ms
	$(MEASURED) --package dotcast-load
	@./benches/run proxies

bench-growth: setup-tests ## Measure what a log of a million events and of ten makes slower, on both databases, in an hour (QUICK=1: a few minutes)
	$(MEASURED) --package dotcast-load
	@./benches/run growth

bench-report: ## Write the tables and charts of docs/ from what was measured last
	cargo build --release --locked --quiet --package dotcast-load
	@./benches/run report

bench-postgres: setup ## Measure what the writers' lock costs on PostgreSQL, and boards beside pgbench, in a quarter of an hour
	cargo build --locked
	@./benches/postgres-writes/run
	$(MEASURED) --package dotcast-load
	@./benches/run postgres

attack: setup page ## Attack a server in every known way, and write the table of docs/RELIABILITY.md, in six minutes
	$(MEASURED) --package dotcast-trial
	@target=$${CARGO_TARGET_DIR:-target}; $$target/release/dotcast-trial attack \
		--dotcast $$target/release/dotcast --out $$target/trial --into docs/RELIABILITY.md

soak: setup page ## Run two servers for half an hour while one is killed again and again; check that nothing is lost
	$(MEASURED) --package dotcast-trial
	@target=$${CARGO_TARGET_DIR:-target}; $$target/release/dotcast-trial soak \
		--dotcast $$target/release/dotcast --out $$target/trial

dist: setup ## Make the archive, the Debian package and their checksums, in target/dist
	@./.ci/page required
	@./deploy/packages/dist

dist-check: ## Install what `make dist` made in clean Debian systems and run it, and the image; as root
	@./.ci/setup dist
	@./deploy/packages/check
