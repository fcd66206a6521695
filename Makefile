# Two commands do everything on a fresh machine: `make run` and `make test`.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# One static program: no C, and gin without msgpack.
export CGO_ENABLED := 0
export GOFLAGS := -buildvcs=false -trimpath -tags=nomsgpack -pgo=off

# The program itself is compiled for what it does most, as cmd/minqing/default.pgo has it.
PGO := auto

.PHONY: run test lint build assets bench profile eval replay pictures clean help

run: build ## build, and serve the demo city on http://localhost:8080
	exec bin/minqing serve --demo

test: ## everything: format, vet, lint, tests on both databases, browser journeys
	@scripts/test.sh

lint: ## formatting, go vet and staticcheck only
	@scripts/lint.sh

build: ## one static program, bin/minqing
	go build -pgo=$(PGO) -ldflags '-s -w -X main.version=$(VERSION)' -o bin/minqing ./cmd/minqing

assets: ## compile styles, scripts and icons into static/dist
	@scripts/assets.sh

bench: build ## measure the product against a bare floor; ARGS='-many 100000' for a shorter run
	@scripts/bench.sh $(ARGS)

profile: ## note anew what the program does most, for the compiler; takes about four minutes
	@scripts/profile.sh

eval: ## quality on data: our verdicts against a city's own; needs DATA=/path/FILE.csv[.gz]
	@scripts/eval.sh '$(DATA)'

replay: ## messages of years once more, against another count; needs DATA=/path/FILE.csv
	@scripts/replay.sh '$(DATA)'

pictures: build ## make the pictures of README.md from the running program
	@scripts/pictures.sh

clean: ## remove what was built; var/ with its database stays
	rm -rf bin e2e/test-results node_modules e2e/node_modules

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
