# The few commands of this project; every one sets up what it needs. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build bench test test-gpu test-page test-slurm lint docs soak peers eval-only fuzz

# What `make bench` passes on: a budget, and anything else that `bench all --help` lists.
BUDGET ?=
ARGS ?=
# `make setup|bench|test DEVICE=cuda` also set up what computes on GPUs; docs/gpu.md.
DEVICE ?=
CUDA := $(if $(filter cuda%,$(DEVICE)),--cuda)
# How long `make fuzz` runs each target.
SECONDS ?= 5

help: ## list these commands
	@echo 'make bench [BUDGET=smoke|quick|paper] [ARGS="--out DIR ..."] is the main job. All commands:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the native libraries into .deps/ (done by the others too)
	@scripts/setup.sh $(CUDA)

build: setup ## build the program: target/release/bench
	@cargo build --release

bench: build ## train and score every suite; tables and figures go to results/
	@target/release/bench all $(if $(BUDGET),--budget $(BUDGET)) $(if $(DEVICE),--device $(DEVICE)) $(ARGS)

test: setup ## build and run all tests, optimised
	@cargo build --release --workspace
	@cargo test --release --workspace
	$(if $(CUDA),@scripts/test_gpu.sh --require)

test-gpu: setup ## run the tests that need a GPU (ARGS=--require: fail without one)
	@cargo build --release --workspace
	@scripts/test_gpu.sh $(ARGS)

test-slurm: build ## submit, kill and compare runs on a real Slurm, which it installs (root and apt-get)
	@tests/slurm/test.sh

test-page: setup ## open report.html in headless Chromium (ARGS=--require: fail without it)
	@cargo test --release --workspace --test report page::
	@python3 tests/browser/report_page.py target/tmp/page $(ARGS)

soak: build ## kill RUNS runs (one of each variant) again and again and compare each with one that never stopped
	@cargo build --release --workspace
	@$(if $(RUNS),SOAK=$(RUNS)) cargo test --release --workspace --test stopping -- --ignored --nocapture soak

lint: setup ## formatting, clippy and rustdoc, warnings being errors
	@cargo fmt --all --check
	@cargo clippy --release --workspace --all-targets -- -D warnings
	@RUSTDOCFLAGS='-D warnings' cargo doc --release --workspace --no-deps

docs: build ## write docs/variants.md and docs/metrics.md from the registries
	@target/release/bench list metrics --markdown > docs/metrics.md
	@target/release/bench list variants --markdown > docs/variants.new
	@sed -n '/^## What a short training does/,$$p' docs/variants.md | sed '1s/^/\n/' >> docs/variants.new
	@mv docs/variants.new docs/variants.md

peers: build ## measure beside pytorch-fid and torch-fidelity (3 GB to install); docs/performance.md
	@scripts/peers.sh $(ARGS)

fuzz: ## build the fuzz targets and run each for SECONDS (5)
	@scripts/fuzz.sh $(SECONDS) $(ARGS)

eval-only: ## build a `bench` that evaluates and reports but cannot train, without libtorch
	@scripts/setup.sh --no-train
	@cargo build --release -p bench-harness --no-default-features
