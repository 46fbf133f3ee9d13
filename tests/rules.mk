# Tests: each folder's own rules.
include $(wildcard tests/*/rules.mk)
