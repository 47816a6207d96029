#!/bin/sh
# The main job on real data: a spec becomes an artifact, which classifies the test images of Fashion-MNIST with trained weights; then
# the same spec is trained from nothing for about a minute, evaluated, and used.
#
#   tools/dev/demo.sh BUILD_FOLDER
#   DEMO_TRAIN="--epochs 5" tools/dev/demo.sh BUILD_FOLDER    other options for `archc train`
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$source/build}" && pwd)
weights=archs/weights/caformer_tiny28_fashion_mnist.safetensors
artifact=$build/demo/caformer_tiny28.archx
PATH=$build/bin:$PATH
mkdir -p "$build/demo"
cd "$source"

step() {
  printf '\n$ %s\n' "$*"
  "$@"
}

step archc check archs/caformer/tiny28.toml
step archc summary archs/caformer/tiny28.toml --memory=off
step archc compile archs/caformer/tiny28.toml --labels archs/weights/fashion_mnist_labels.txt -o "$artifact"
step archc accuracy "$artifact" --weights $weights --data fashion-mnist --show 5
step archc run "$artifact" --weights $weights --input docs/images/ankle_boot.png --top 3
run=$build/demo/run
rm -rf "$run"
# shellcheck disable=SC2086
step archc train caformer_tiny28 --recipe fashion_mnist --data fashion-mnist --out "$run" ${DEMO_TRAIN:---epochs 2}
step archc eval "$run" --data fashion-mnist
step archc run "$run" --input docs/images/ankle_boot.png --top 3
printf '\nThe curves are in %s\n' "$run/curves.png"
