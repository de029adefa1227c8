#!/usr/bin/env bash
# The fuzz targets, to be sourced: what explain draws, the text grammar, TLS, and the one target of all framings once for each kind, with a corpus of its own.
# shellcheck disable=SC2034 # read by those who source it
targets=(explain grammar tls lines delimited fixed length varint ber decimal hex digits header netstring record chunks idle)

program_of() { if [[ $1 =~ ^(explain|grammar|tls)$ ]]; then echo "fuzz_$1"; else echo fuzz_framing; fi; }
kind_of() { if [[ ! $1 =~ ^(explain|grammar|tls)$ ]]; then echo "FRAMING_KIND=$1"; fi; }
