// RUN: %archc-opt --mf-split-prepare --split-input-file --verify-diagnostics %s | FileCheck %s

// What needs parameters alone moves out; its results come in as arguments, in the order of their use.
// CHECK-LABEL: func.func @prepare() -> (tensor<16x8xf64>, tensor<16xf32>)
// CHECK: %[[W:.*]] = mf.param "w"
// CHECK: %[[V:.*]] = mf.fold_weight %[[W]]
// CHECK: return %[[V]], %{{.*}}
// CHECK-LABEL: func.func @forward(
// CHECK-SAME: %[[X:.*]]: tensor<?x7x7x8xf32>, %[[A:.*]]: tensor<16x8xf64>, %[[B:.*]]: tensor<16xf32>)
// CHECK-NOT: mf.param
// CHECK: mf.linear %[[X]], %[[A]] bias(%[[B]]
func.func @forward(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x16xf32> {
  %w = mf.param "w" : tensor<16x8xf32>
  %s = mf.param "s" : tensor<8xf32>
  %c = mf.param "c" : tensor<16xf32>
  %v = mf.fold_weight %w in_scale(%s : tensor<8xf32>) {input_axis = 1} : tensor<16x8xf32>
  %y = mf.linear %x, %v bias(%c : tensor<16xf32>) : tensor<?x7x7x8xf32>, tensor<16x8xf64>
  return %y : tensor<?x7x7x16xf32>
}

// -----

// A training step is split likewise; what is prepared for it comes behind what its caller binds.
// CHECK-LABEL: func.func @prepare_grad() -> (tensor<16x8xf32>, tensor<8x16xf64>)
// CHECK: mf.adjoint_weight
// CHECK-LABEL: func.func @grad(
// CHECK-SAME: %{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<?x16xf32>, %[[W:.*]]: tensor<16x8xf32>, %[[A:.*]]: tensor<8x16xf64>)
// CHECK: mf.linear %{{.*}}, %[[W]]
// CHECK: mf.linear %{{.*}}, %[[A]]
module {
  func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x16xf32> {
    %w = mf.param "w" : tensor<16x8xf32>
    %y = mf.linear %x, %w : tensor<?x8xf32>, tensor<16x8xf32>
    return %y : tensor<?x16xf32>
  }
  func.func @grad(%x: tensor<?x8xf32>, %t: tensor<?x16xf32>) -> (tensor<?x1xf32>, tensor<?x16xf32>, tensor<?x8xf32>) {
    %w = mf.param "w" : tensor<16x8xf32>
    %y = mf.linear %x, %w : tensor<?x8xf32>, tensor<16x8xf32>
    %l = mf.cross_entropy %y, %t : tensor<?x16xf32>
    %g = mf.cross_entropy_grad %y, %t : tensor<?x16xf32>
    %a = mf.adjoint_weight %w : tensor<16x8xf32>
    %d = mf.linear %g, %a : tensor<?x16xf32>, tensor<8x16xf64>
    return %l, %y, %d : tensor<?x1xf32>, tensor<?x16xf32>, tensor<?x8xf32>
  }
}

// -----

// expected-error@+1 {{no function `forward` of one argument to split}}
module {
  func.func @other(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
    return %x : tensor<?x7x7x8xf32>
  }
}
