#!/bin/sh
# The main job on real data: a spec becomes an artifact, which classifies the test images of Fashion-MNIST with trained weights.
#
#   tools/dev/demo.sh BUILD_FOLDER
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
