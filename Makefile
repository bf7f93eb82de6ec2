# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# What a newcomer needs; the work is in scripts/. Start with 'make up'.

.PHONY: help up down build package test test-long format lint corpus fuzz bench bench-registry bench-publisher clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

up: ## build once, serve on 127.0.0.1:5000, mount; Ctrl-C stops both
	@scripts/up.sh

down: ## undo 'make up' after a crash
	@scripts/down.sh

build: ## build the two programs (release)
	@scripts/build.sh programs

package: ## build the Debian packages wharf and wharf-server
	@scripts/package.sh

test: ## everything: format, build, tests, images, end to end
	@scripts/test.sh

test-long: ## the same with the large image and many more kills
	@scripts/test.sh --long

format: ## format the sources
	@swift format --in-place --parallel --recursive Sources Tests Fuzzing/Sources/fuzz Package.swift

lint: ## check format and scripts
	@scripts/lint.sh

corpus: ## build the test images into .build/corpus
	@scripts/corpus.sh

fuzz: ## feed the parsers with noise for hours
	@scripts/if-present.sh Fuzzing/run.sh "fuzz targets"

bench: build ## measure, beside the peers named in docs/performance.md
	@scripts/if-present.sh Benchmarks/run.sh "benchmarks"

bench-registry: build ## the registry beside docker-registry and nginx
	@scripts/packages.sh tests
	@Benchmarks/registry.py

bench-publisher: build ## many images at once, a million files, small changes, bytes stored
	@scripts/packages.sh tests
	@Benchmarks/publisher.py

clean: ## remove what was built (not the data of 'make up')
	@rm -rf .build .wharf-up
