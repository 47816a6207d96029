# How lit runs the file tests. Values of the build come from lit.site.cfg.py, which CMake writes into the build tree.

import os
import shutil
import sys

import lit.formats

# `lit test/lint` finds this file first: read the values of the build, which load this file again.
if not hasattr(config, "archc_build"):
    build = lit_config.params.get("build", os.path.join(os.path.dirname(__file__), "..", "build"))
    lit_config.load_config(config, os.path.join(build, "test", "lit.site.cfg.py"))
    raise SystemExit

config.name = "archc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".toml", ".mlir", ".test", ".txt"]
config.excludes = ["Inputs", "fixtures", "specs", "names", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.archc_build, "test")

# Tools are found by name, ours first; the spellings with % make a missing tool visible as a test that cannot start.
bin_folder = os.path.join(config.archc_build, "bin")
config.environment["PATH"] = os.pathsep.join([bin_folder, config.llvm_tools, config.environment["PATH"]])
config.environment["LC_ALL"] = "C.UTF-8"
# Longer names first: a substitution also matches at the beginning of a longer word.
config.substitutions += [
    ("%archc-opt", os.path.join(bin_folder, "archc-opt")),
    ("%archc", os.path.join(bin_folder, "archc")),
    ("%mlir-include", os.path.join(config.llvm_tools, os.pardir, "include")),
    ("%archs", os.path.join(config.archc_source, "archs")),
    ("%src", config.archc_source),
    ("%build", config.archc_build),
    ("%python", sys.executable),
]


def processor_flags():
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            return set(next((line for line in file if line.startswith("flags")), "").split())
    except OSError:
        return set()


# Features that a test may ask for with REQUIRES. The first group is what a machine may lack: run_tests.py accepts those, and
# only those, as reasons to skip.
flags = processor_flags()
if {"avx2", "fma", "f16c"} <= flags:
    config.available_features.add("avx2")
if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags:
    config.available_features.add("avx512")
if "avx512_bf16" in flags:
    config.available_features.add("avx512bf16")
if os.path.exists("/dev/nvidia0"):
    config.available_features.add("gpu")
if shutil.which("ptxas") or os.path.exists("/usr/local/cuda/bin/ptxas"):
    config.available_features.add("ptxas")

# What a build may leave out.
if config.archc_has_compiler:
    config.available_features.add("compiler")
elif config.archc_compiler_library:
    config.available_features.add("compiler")
    config.environment["ARCHC_COMPILER"] = config.archc_compiler_library
if config.archc_sanitize:
    config.available_features.add("asan")
    # A signal, because an exit code passes for the tool's own where a test expects a failure.
    config.environment["ASAN_OPTIONS"] = "abort_on_error=1"
    config.environment["UBSAN_OPTIONS"] = "abort_on_error=1:print_stacktrace=1"
