#!/bin/sh
# Makes the virtual environment with the engines that archc is compared with, from PyPI, and prints its python.
#
#   tools/bench/peers_environment.sh FOLDER
#
# PyPI's torch is built for CUDA and links its libraries at start, also where no GPU is used. With a CUDA toolkit on the machine the
# toolkit's libraries serve and only the few that are not part of it are installed; without one pip brings all of them (gigabytes).
set -eu
folder=${1:?usage: peers_environment.sh FOLDER}
python=$folder/bin/python
cuda=${CUDA_HOME:-/usr/local/cuda}
versions="torch==2.15.0 torchvision==0.29.2 timm==1.0.31"
engines="onnxruntime==1.32.0 openvino==2026.4.1 onnx"
mark="$folder/.complete"

if [ ! -f "$mark" ]; then
  python3 -m venv "$folder"
  pip="$python -m pip install -q"
  $pip --upgrade pip setuptools >&2 # torch.compile needs setuptools
  if [ -d "$cuda/lib64" ]; then
    $pip --no-deps $versions >&2
    $pip numpy pillow filelock typing-extensions sympy jinja2 fsspec networkx safetensors pyyaml huggingface_hub >&2
    $pip --no-deps nvidia-cufile nvidia-cusparselt-cu13 nvidia-nvshmem-cu13 nvidia-nccl-cu13 "triton~=3.9.0" >&2
  else
    $pip $versions >&2
  fi
  $pip $engines >&2
  touch "$mark"
fi
echo "$python"
