// RUN: %archc-opt --mf-differentiate=loss=hinge --verify-diagnostics %s

// expected-error@+1 {{unknown loss `hinge`; expected `cross_entropy` or `bce`}}
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  return %x : tensor<?x8xf32>
}
