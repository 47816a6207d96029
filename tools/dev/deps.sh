#!/bin/sh
# Installs what the build, the tests and the demo need from Debian 12's own packages. Idempotent: says what is missing and
# installs only that, as root or through sudo; does nothing, and asks for no rights, when nothing is missing.
#
#   tools/dev/deps.sh            install
#   tools/dev/deps.sh --fuzz     install, with what `make fuzz` needs besides
#   tools/dev/deps.sh --peers    install, with what `make bench-peers` needs besides
#   tools/dev/deps.sh --list     print the packages, one a line
#   tools/dev/deps.sh --missing  print those that are not installed, one a line
set -eu

# Compiler and build: make is here already when the Makefile calls this script.
packages="g++ cmake ninja-build ccache make"
# The compiler is built on MLIR; FileCheck, not, count, split-file and lit come with llvm-22-tools.
packages="$packages libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools"
# The emulator of GPU kernels switches between threads' stacks with it.
packages="$packages libboost-context-dev"
# Libraries.
packages="$packages libtomlplusplus-dev libcli11-dev nlohmann-json3-dev libflatbuffers-dev flatbuffers-compiler"
packages="$packages libxxhash-dev libjpeg62-turbo-dev libpng-dev zlib1g-dev libgtest-dev"
# Tests, lint and the demo's images.
packages="$packages python3 clang-format pkg-config dataset-fashion-mnist"

# Fuzzing needs Clang and its runtime libraries.
[ "${1:-}" != --fuzz ] || packages="$packages clang-14 libclang-rt-14-dev"
# The peers live in a virtual environment.
[ "${1:-}" != --peers ] || packages="$packages python3-venv"

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for package in $packages; do
  installed "$package" || missing="$missing $package"
done

case "${1:-}" in
  --list) printf '%s\n' $packages; exit 0 ;;
  --missing) [ -z "$missing" ] || printf '%s\n' $missing; exit 0 ;;
  "" | --fuzz | --peers) ;;
  *) echo "deps.sh: unknown argument \`$1\`; expected \`--fuzz\`, \`--peers\`, \`--list\`, \`--missing\` or none" >&2; exit 2 ;;
esac

if [ -z "$missing" ]; then
  echo "deps: everything is installed"
  exit 0
fi

echo "deps: installing$missing"
if [ "$(id -u)" -eq 0 ]; then
  root=
elif command -v sudo >/dev/null; then
  root=sudo
else
  echo "deps: not root and no sudo; run as root: apt-get install$missing" >&2
  exit 1
fi
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "deps: done"
