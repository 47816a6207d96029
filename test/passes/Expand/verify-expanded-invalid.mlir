// RUN: %archc-opt --verify-expanded --split-input-file --verify-diagnostics %s

// expected-error@+1 {{has no function `forward` after `expand`}}
module {}
// -----
func.func @forward(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
  // expected-error@+1 {{is left after `expand`}}
  %0 = mf.block "stages.0.blocks.0" %x {arrangement = "sequential", branches = [], params = []}
    : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32>
  return %0 : tensor<?x7x7x8xf32>
}
// -----
func.func @forward() -> tensor<4xf32> {
  // expected-error@+1 {{reads `a`, which `mf.params` does not declare}}
  %0 = mf.param "a" : tensor<4xf32>
  return %0 : tensor<4xf32>
}
// -----
module attributes {mf.params = [#mf.param<"a", tensor<8xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]} {
  func.func @forward() -> tensor<4xf32> {
    // expected-error@+1 {{reads `a` as 'tensor<4xf32>'; declared as 'tensor<8xf32>'}}
    %0 = mf.param "a" : tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}
