// What each phase consists of.
// RUN: %archc-opt --archc-expand --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=EXPAND
// RUN: %archc-opt --archc-simplify --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=SIMPLIFY
// RUN: %archc-opt --archc-fold-weights --archc-fuse --archc-layout --archc-plan --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REST
// RUN: %archc-opt --archc-fold-weights --archc-fuse --archc-layout --archc-plan %s | FileCheck %s --check-prefix=PLANNED

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

// REST: builtin.module(
// REST-NEXT: func.func(
// REST-NEXT: mf-fold-affine{into-weights=true}
// REST-NEXT: ),
// REST-NEXT: mf-split-prepare,
// REST-NEXT: canonicalize
// REST-NEXT: cse,
// REST-NEXT: func.func(
// REST-NEXT: mf-split-statistics
// REST-NEXT: ),
// REST-NEXT: func.func(
// REST-NEXT: mf-fuse{cached-weights=524288 enabled=true min-rows=48 scratch-budget=262144 whole-lines=false}
// REST-NEXT: ),
// REST-NEXT: mf-pack-weights,
// REST-NEXT: mf-plan{{{.*}}target=cpu:x86-64-v3}
// REST-NEXT: )

// The program has the three functions that the runtime calls.
// PLANNED: plan.program "cpu:x86-64-v3"
// PLANNED: plan.function @prepare
// PLANNED: plan.function @forward_f32
// PLANNED: plan.function @forward_u8

module attributes {mf.params = [#mf.param<"w", tensor<3x4xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = true>]} {
  func.func @forward(%x: tensor<?x2x2x4xf32>) -> tensor<?x3xf32> {
    %w = mf.param "w" : tensor<3x4xf32>
    %p = mf.global_avg_pool %x : tensor<?x2x2x4xf32>
    %y = mf.linear %p, %w : tensor<?x4xf32>, tensor<3x4xf32>
    return %y : tensor<?x3xf32>
  }
}
