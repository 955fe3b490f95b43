# ka: keepalived.conf, compiled. `make help` lists the targets.

GO          ?= go
PREFIX      ?= /usr/local
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
COMMANDS    := kalint kac karun
# The commands that read no kernel build everywhere.
PORTABLE    := darwin/arm64 windows/amd64 js/wasm
# Where skipped tests write their reasons.
export KA_SKIPS := $(CURDIR)/bin/skips.txt

.PHONY: build install demo test bench fmt clean help deps lint portable unit

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build kalint, kac and karun into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/...

install: build ## install the commands, their manual pages and the systemd unit below PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 0755 $(addprefix bin/,$(COMMANDS)) $(DESTDIR)$(PREFIX)/bin/
	install -m 0644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	sed 's|@bindir@|$(PREFIX)/bin|' docs/systemd/karun.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/karun.service

demo: build ## lint, preview and run two nodes to a failover, in half a minute
	@sh testdata/demo/demo.sh bin

test: ## everything: vet, staticcheck, unit, golden, namespaces, interoperation, IPVS in User-Mode Linux
	@mkdir -p bin && : > $(KA_SKIPS)
	@sh .ci/deps
	@$(MAKE) --no-print-directory lint portable unit; status=$$?; \
	if [ -s $(KA_SKIPS) ]; then echo; echo "skipped:"; sort -u $(KA_SKIPS) | sed 's/^/  /'; fi; \
	exit $$status

lint:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$bad" ] || { echo "not gofmt-ed: $$bad"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

portable:
	@for p in $(PORTABLE); do \
	  echo "build kalint kac $$p"; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/kalint && \
	  GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/kac || exit 1; \
	done

unit:
	$(GO) test -race -timeout 15m ./...

bench: ## time the commands and the director beside keepalived in one run (about an hour); prints ratios
	$(GO) test -run '^$$' -bench . -benchtime 5x ./cmd/internal/bench ./cmd/internal/cli/kalint ./lang/syntax ./lint/failover
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 90m ./runtime/lab/bench

fmt: ## format the Go code
	gofmt -w $$(git ls-files '*.go')

clean: ## remove what was built
	rm -rf bin
