#!/bin/sh
# Copies or makes the seeds of a fuzz target: fuzz_seeds.sh TARGET FOLDER BUILD, where BUILD has the target.
set -eu
target=$1 folder=$2 build=$(cd "$3" && pwd)
case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
cd "$(dirname "$0")/../.."
case $target in
  artifact-fuzz) "$build/fuzz/artifact-seeds" "$folder" ;;
  image-fuzz) cp test/runtime/images/*.png test/runtime/images/*.jpg "$folder" ;;
  *) cp test/fuzz/Inputs/"$target"/* "$folder" ;;
esac
if [ "$target" = spec-fuzz ]; then
  for spec in archs/*/s*.toml archs/*/tiny*.toml; do
    cp "$spec" "$folder/$(echo "$spec" | tr / -)"
  done
fi
