#!/usr/bin/env bash
# Generates the library's code for Python, Java, C# and Go, so that a name which one of them refuses is found here.
# Their compilers are not needed. Needs a compiled library.
set -euo pipefail

cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for language in python java dotnet go; do
  npx --no-install jsii-pacmak --code-only --target "$language" --outdir "$out" >"$out/log" 2>&1 || {
    cat "$out/log" >&2
    printf 'check-languages: no code for %s\n' "$language" >&2
    exit 1
  }
  printf 'check-languages: %s, %s files\n' "$language" "$(find "$out/$language" -type f | wc -l)"
done
