// RUN: %archc-opt --mf-differentiate=checkpoint-activations=layer --verify-diagnostics %s

// expected-error@+1 {{unknown checkpoints `layer`; expected `none`, `block` or `stage`}}
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  return %x : tensor<?x8xf32>
}
