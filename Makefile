# Each target is one Python command, and works without make: python3 make.py TARGET
PYTHON ?= python3

help book test check bench serve seeds bases measure exercises mutants resolve address:
	@$(PYTHON) make.py $@ $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help book test check bench serve seeds bases measure exercises mutants resolve address
