// What each phase consists of.
// RUN: %archc-opt --archc-expand --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=EXPAND
// RUN: %archc-opt --archc-simplify --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=SIMPLIFY

// EXPAND: builtin.module(
// EXPAND-NEXT: mf-expand-architecture,
// EXPAND-NEXT: verify-expanded
// EXPAND-NEXT: )

// SIMPLIFY: builtin.module(
// SIMPLIFY-NEXT: canonicalize
// SIMPLIFY-NEXT: cse,
// SIMPLIFY-NEXT: func.func(
// SIMPLIFY-NEXT: mf-cancel-norm-shift
// SIMPLIFY-NEXT: ),
// SIMPLIFY-NEXT: canonicalize
// SIMPLIFY-NEXT: cse
// SIMPLIFY-NEXT: )

func.func @forward(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}
