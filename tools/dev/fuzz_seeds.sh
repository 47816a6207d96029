#!/bin/sh
# Copies the seeds of a fuzz target into a folder: fuzz_seeds.sh TARGET FOLDER.
set -eu
cd "$(dirname "$0")/../.."
target=$1 folder=$2
cp test/fuzz/Inputs/"$target"/* "$folder"
if [ "$target" = spec-fuzz ]; then
  for spec in archs/*/s*.toml archs/*/tiny*.toml; do
    cp "$spec" "$folder/$(echo "$spec" | tr / -)"
  done
fi
