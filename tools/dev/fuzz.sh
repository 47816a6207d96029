#!/bin/sh
# Builds the fuzz targets with Clang and runs each for so many seconds from its seeds. Ends with 1 when one finds something; what it found
# lies in build-fuzz/found/.
#
#   tools/dev/fuzz.sh [SECONDS] [TARGET...]
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
build=build-fuzz
targets=${*:-$(sed -n 's/^ *archc_fuzz_target(\([a-z-]*\) .*/\1/p' test/fuzz/CMakeLists.txt)}

cmake -G Ninja -S . -B $build -DARCHC_FUZZ=ON -DARCHC_BUILD_COMPILER=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 >/dev/null
# shellcheck disable=SC2086
ninja -C $build $targets

mkdir -p $build/found
failed=
for target in $targets; do
  mkdir -p "$build/corpus/$target"
  tools/dev/fuzz_seeds.sh "$target" "$build/corpus/$target" "$build"
  echo "fuzz: $target for $seconds s"
  "$build/fuzz/$target" "$build/corpus/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="$build/found/$target-" -verbosity=0 || failed="$failed $target"
done
if [ -n "$failed" ]; then
  echo "fuzz: found something in$failed; see $build/found/" >&2
  exit 1
fi
echo "fuzz: nothing found"
