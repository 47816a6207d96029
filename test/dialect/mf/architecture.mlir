// The architecture level survives printing and parsing.
// RUN: %archc-opt %s | %archc-opt | FileCheck %s
// RUN: %archc-opt --mlir-print-op-generic %s | %archc-opt | FileCheck %s

// CHECK: mf.arch @tiny classes 10 {
mf.arch @tiny classes 10 {
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<?x28x28x1xf32>):
^bb0(%x: tensor<?x28x28x1xf32>):
  // CHECK: mf.stage 0 (%[[A:.*]] = %[[X]]) : (tensor<?x28x28x1xf32>) -> tensor<?x7x7x8xf32> {
  %0 = mf.stage 0 (%a = %x) : (tensor<?x28x28x1xf32>) -> tensor<?x7x7x8xf32> {
    // CHECK: mf.embed "stem" %[[A]] {component = {bias = false, kernel = array<i64: 4, 4>, kind = "conv"
    // CHECK-SAME: params = [#mf.param<"conv.weight", tensor<8x1x4x4xf32>, trainable, <"trunc_normal", 2.000000e-02 : f64, 0.000000e+00 : f64>, decay = true>]
    %1 = mf.embed "stem" %a {
        component = {kind = "conv", kernel = array<i64: 4, 4>, stride = array<i64: 4, 4>, padding = array<i64: 0, 0>, bias = false,
                     pre_norm = {kind = "none"}, post_norm = {kind = "none"}},
        params = [#mf.param<"conv.weight", tensor<8x1x4x4xf32>, trainable, #mf.init<"trunc_normal", 0.02, 0.0>, decay = true>]}
      : tensor<?x28x28x1xf32> -> tensor<?x7x7x8xf32>
    // CHECK: mf.position "stages.0"
    %2 = mf.position "stages.0" %1 {component = {kind = "learned"}, params = [
        #mf.param<"pos_embed", tensor<1x8x7x7xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
      : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32>
    // CHECK: mf.block "stages.0.blocks.0"
    // CHECK-SAME: #mf.branch<order = "pre_norm", slot = "mixer", function = {kind = "pooling", size = 3 : i64}
    // CHECK-SAME: names = <"token_mixer", "norm1", "layer_scale1", "res_scale1">>
    %3 = mf.block "stages.0.blocks.0" %2 {arrangement = "sequential", branches = [
        #mf.branch<order = "pre_norm", slot = "mixer", function = {kind = "pooling", size = 3}, norm = {kind = "none"},
                   scale = {kind = "none"}, names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>],
        params = []} : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32>
    mf.yield %3 : tensor<?x7x7x8xf32>
  }
  // CHECK: mf.head "head"
  %4 = mf.head "head" %0 {order = "pool_norm", pool = "avg", norm = {kind = "none"}, classifier = {kind = "linear"}, params = [
      #mf.param<"fc.weight", tensor<10x8xf32>, trainable, #mf.init<"trunc_normal", 0.02, 0.0>, decay = true>,
      #mf.param<"fc.bias", tensor<10xf32>, frozen, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
    : tensor<?x7x7x8xf32> -> tensor<?x10xf32>
  mf.yield %4 : tensor<?x10xf32>
}
