// RUN: %archc-opt --mf-differentiate="head-dropout=true drop-path=true" %s | FileCheck %s

// What the last linear layer reads is multiplied, and its gradient, too; no gradient goes to the factors.
// CHECK-LABEL: func.func @grad
// CHECK-SAME: (%{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<?x5xf32>, %[[KEPT:.*]]: tensor<?x6xf32>) ->
// CHECK: %[[A:.*]] = mf.linear
// CHECK: %[[R:.*]] = mf.relu %[[A]]
// CHECK: %[[D:.*]] = mf.mul %[[R]], %[[KEPT]]
// CHECK: %[[L:.*]] = mf.linear %[[D]]
// CHECK: %[[G:.*]] = mf.linear %{{.*}}
// CHECK: mf.linear_weight_grad %[[D]]
// CHECK: mf.mul %[[G]], %[[KEPT]]
// CHECK-NOT: %[[KEPT]]
module attributes {mf.params = [#mf.param<"fc1.weight", tensor<6x8xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = true>,
                                #mf.param<"fc2.weight", tensor<5x6xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = true>]} {
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x5xf32> {
  %w = mf.param "fc1.weight" : tensor<6x8xf32>
  %v = mf.param "fc2.weight" : tensor<5x6xf32>
  %0 = mf.linear %x, %w : tensor<?x8xf32>, tensor<6x8xf32>
  %1 = mf.relu %0 : tensor<?x6xf32>
  %2 = mf.linear %1, %v : tensor<?x6xf32>, tensor<5x6xf32>
  return %2 : tensor<?x5xf32>
}
}
