#!/usr/bin/env bash
# Defines the fuzz targets; other scripts source this file. The targets explain, grammar and tls have their own
# programs. The other targets are kinds of framings: one program runs once for each kind, with a separate corpus.
# shellcheck disable=SC2034 # the scripts that source this file read it
targets=(explain grammar tls lines delimited fixed length varint netstring record chunks idle)

program_of() { if [[ $1 =~ ^(explain|grammar|tls)$ ]]; then echo "fuzz_$1"; else echo fuzz_framing; fi; }
kind_of() { if [[ ! $1 =~ ^(explain|grammar|tls)$ ]]; then echo "FRAMING_KIND=$1"; fi; }
