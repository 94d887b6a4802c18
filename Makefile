# `make run` and `make test` do everything that they need on a machine with Rust.

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests page run demo test why fuzz fuzz-api lint fmt openapi openapi-check bench bench-micro bench-peers bench-report bench-postgres attack soak

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: ## Install what the build and the demo need besides Rust
	@./.ci/setup build

setup-tests: ## Install what the tests need besides: browsers, PostgreSQL, nginx, generators of clients
	@./.ci/setup tests
	@./.ci/geckodriver
	@./.ci/clients

page: ## Build the web page, if Node.js is there
	@./.ci/page

# What the second run of the tests leaves out: modules without a database, and those that name theirs.
RUN_ONCE = readme clients::generated examples::why cli::options cli::openapi browser::swagger_ui deploy outside runbook sqlite postgres

# Not optimised: it is there in half the time, and `make test` goes on from what it built.
run: setup page ## Build and run the server on http://127.0.0.1:8000, with its database in dotcast.db
	cargo run --locked -- serve

demo: setup ## Show the main job: a stream that is cut and resumes without a loss
	cargo build --locked
	@./docs/demo.sh

test: setup-tests ## Run all tests, on SQLite and on PostgreSQL, and the page's in browsers
	@./.ci/page required
	npm --prefix web test
	DOTCAST_TEST_DATABASE=sqlite cargo test --workspace --locked
	DOTCAST_TEST_DATABASE=postgres cargo test --locked --test integration -- $(RUN_ONCE:%=--skip %::)
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

lint: ## Check formatting, the code with clippy, Biome and TypeScript, and the OpenAPI document
	@./.ci/page required
	@./.ci/clients
	npm --prefix web run check
	npm --prefix tests/clients run lint
	cargo fmt --all --check
	cargo fmt --check --manifest-path tests/clients/rust/Cargo.toml
	cargo fmt --check --manifest-path tests/fuzz/Cargo.toml
	cargo clippy --workspace --all-targets --locked -- -D warnings

fmt: ## Format the code
	cargo fmt --all
	npm --prefix web run format

openapi: ## Write the OpenAPI document to openapi/
	cargo run --locked --quiet -- openapi --format json > openapi/openapi.json.new
	cargo run --locked --quiet -- openapi --format yaml > openapi/openapi.yaml.new
	mv openapi/openapi.json.new openapi/openapi.json
	mv openapi/openapi.yaml.new openapi/openapi.yaml

openapi-check: openapi ## Fail when the committed OpenAPI document is not what the code says
	git diff --exit-code -- openapi

bench: setup ## Measure streams: cost, latency, storms, writes, in a quarter of an hour (QUICK=1: two minutes)
	cargo build --release --locked --package dotcast --package dotcast-load
	@./benches/run

bench-micro: setup ## Measure what an event costs in memory: encoding, window, feed, watermark
	cargo bench --locked --bench log -- --warm-up-time 1 --measurement-time 2

bench-peers: setup ## Measure what a user would pick instead, beside dotcast, in half an hour
	cargo build --release --locked --package dotcast --package dotcast-load
	@./benches/run peers

bench-report: ## Write the tables and charts of docs/ from what was measured last
	cargo build --release --locked --quiet --package dotcast-load
	@./benches/run report

bench-postgres: setup ## Measure what the writers' lock costs on PostgreSQL, in a quarter of an hour
	cargo build --locked
	@./benches/postgres-writes/run

attack: setup page ## Attack a server in every known way, and write the table of docs/RELIABILITY.md, in six minutes
	cargo build --release --locked --package dotcast --package dotcast-trial
	@target=$${CARGO_TARGET_DIR:-target}; $$target/release/dotcast-trial attack \
		--dotcast $$target/release/dotcast --out $$target/trial --into docs/RELIABILITY.md

soak: setup page ## Run two servers for half an hour while one is killed again and again; check that nothing is lost
	cargo build --release --locked --package dotcast --package dotcast-trial
	@target=$${CARGO_TARGET_DIR:-target}; $$target/release/dotcast-trial soak \
		--dotcast $$target/release/dotcast --out $$target/trial
