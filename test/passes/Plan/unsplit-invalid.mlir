// The phases behind `fold-weights` need its halves.
// RUN: %archc-opt --mf-pack-weights %s --verify-diagnostics
// RUN: %archc-opt --mf-plan %s --verify-diagnostics

// expected-error@+1 {{no functions `prepare` and `forward`; expected a module that `mf-split-prepare` has split}}
module {
  func.func @forward(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
    return %x : tensor<?x4xf32>
  }
}
