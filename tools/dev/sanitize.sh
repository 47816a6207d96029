#!/bin/sh
# Builds frontend, runtime, tools and their tests under AddressSanitizer and UBSan, with assertions, and runs what reads the files that
# users bring: the GoogleTest programs, and the file tests of specs, recipes, weights, images, artifacts and data sets. Ends with 1 when
# one fails; a report of a sanitizer is a failure.
#
# The compiler library is the ordinary build's: an MLIR source takes a minute under the sanitizers, and no file of a user reaches it
# but a spec that the frontend has checked. Its allocations go through the sanitized program all the same, so leaks and overflows of
# what it is given are seen.
#
#   tools/dev/sanitize.sh [BUILD]
set -eu
cd "$(dirname "$0")/../.."
compiler=$(realpath "${1:-build}")/lib/libarchc-compiler.so
if [ ! -e "$compiler" ]; then
  echo "sanitize: no \`$compiler\`; expected the compiler of a build (\`make build\`)" >&2
  exit 1
fi

cmake --preset asan -DARCHC_COMPILER_LIBRARY="$compiler" >/dev/null
cmake --build build-asan
status=0
python3 tools/dev/run_tests.py --build build-asan --only unit || status=1
# Not the emulator's: it belongs to the compiler, and AddressSanitizer cannot follow its fibers.
files=$(grep -L 'device=emu' test/tools/*.test)
# shellcheck disable=SC2086
python3 tools/dev/run_tests.py --build build-asan test/frontend test/fuzz $files || status=1
exit $status
