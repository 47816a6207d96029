#!/bin/sh
# Prints the folders that PyPI's torch needs on LD_LIBRARY_PATH: the toolkit's, if there is one, and those inside nvidia's wheels.
set -eu
python=${1:?usage: cuda_libraries.sh PYTHON}
cuda=${CUDA_HOME:-/usr/local/cuda}
site=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
list=
for folder in "$cuda/lib64" "$cuda/extras/CUPTI/lib64" "$site"/nvidia/*/lib; do
  [ ! -d "$folder" ] || list="$list:$folder"
done
echo "${list#:}"
