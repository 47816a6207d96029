// What each phase consists of.
// RUN: %archc-opt --archc-expand --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=EXPAND
// RUN: %archc-opt --archc-simplify --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=SIMPLIFY

// EXPAND: builtin.module(mf-expand-architecture,verify-expanded)
// SIMPLIFY: builtin.module(canonicalize{{.*}},cse,func.func(mf-cancel-norm-shift),canonicalize{{.*}},cse)

func.func @forward(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}
