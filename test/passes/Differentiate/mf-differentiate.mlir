// RUN: %archc-opt --mf-differentiate %s --split-input-file | FileCheck %s
// RUN: %archc-opt --mf-differentiate="loss=bce drop-path=true" %s --split-input-file | FileCheck %s --check-prefix=DROP

// The network stays as it is; `grad` has a gradient per trainable parameter, in the order of mf.params.
// CHECK: func.func @forward(%{{.*}}: tensor<?x4x3x8xf32>) -> tensor<?x5xf32>
// CHECK-LABEL: func.func @grad
// CHECK-SAME: (%[[X:.*]]: tensor<?x4x3x8xf32>, %[[T:.*]]: tensor<?x5xf32>) ->
// CHECK-SAME: (tensor<?x1xf32>, tensor<?x5xf32>, tensor<8x8xf32> {mf.gradient_of = "fc.weight"}, tensor<1xf32> {mf.gradient_of = "act.scale"},
// CHECK-SAME: tensor<5x8xf32> {mf.gradient_of = "head.weight"}, tensor<5xf32> {mf.gradient_of = "head.bias"})
// CHECK: %[[W:.*]] = mf.param "fc.weight"
// CHECK: %[[S:.*]] = mf.param "act.scale"
// CHECK: %[[H:.*]] = mf.param "head.weight"
// CHECK: %[[A:.*]] = mf.linear %[[X]], %[[W]]
// CHECK: %[[B:.*]] = mf.star_relu %[[A]]
// CHECK: %[[C:.*]] = mf.add %[[X]], %[[B]]
// CHECK-NOT: mf.observed
// CHECK: %[[P:.*]] = mf.global_avg_pool
// CHECK: %[[L:.*]] = mf.linear %[[P]], %[[H]]
// CHECK: %[[LOSS:.*]] = mf.cross_entropy %[[L]], %[[T]]
// CHECK: %[[DL:.*]] = mf.cross_entropy_grad %[[L]], %[[T]]
// CHECK: %[[HT:.*]] = mf.adjoint_weight %[[H]]
// CHECK: %[[DP:.*]] = mf.linear %[[DL]], %[[HT]]
// CHECK: %[[DH:.*]] = mf.linear_weight_grad %[[P]], %[[DL]] : {{.*}} -> tensor<5x8xf32>
// CHECK: %[[DB:.*]] = mf.channel_sum %[[DL]] : {{.*}} -> tensor<5xf32>
// CHECK: %[[DC:.*]] = mf.global_avg_pool_grad %[[DP]] {height = 4, width = 3}
// The frozen norm behind passes its gradient on and gets none; so does the residual sum.
// CHECK: %[[DN:.*]] = mf.layer_norm_grad %{{.*}}, %{{.*}} {eps = 1.0e-06}
// CHECK-NOT: mf.layer_norm
// CHECK: %[[R:.*]] = mf.relu %[[A]]
// CHECK: %[[M:.*]] = mf.mul %[[DN]], %[[R]] {factor = 2.000000e+00}
// CHECK: %[[DA:.*]] = mf.scale %[[M]], %[[S]]
// CHECK: %[[Q:.*]] = mf.squared_relu %[[A]]
// CHECK: %[[DS:.*]] = mf.channel_sum %[[DN]] times(%[[Q]]
// No gradient goes to the image: nothing reads the adjoint of the first weight.
// CHECK-NOT: mf.adjoint_weight
// CHECK: %[[DW:.*]] = mf.linear_weight_grad %[[X]], %[[DA]]
// CHECK: return %[[LOSS]], %[[L]], %[[DW]], %[[DS]], %[[DH]], %[[DB]]

// DROP-LABEL: func.func @grad
// DROP-SAME: %[[F:[a-z0-9]*]]: tensor<?x1xf32>)
// DROP: %[[B:.*]] = mf.star_relu
// DROP: %[[D:.*]] = mf.drop_path %[[B]], %[[F]] {site = 0}
// DROP: mf.add %{{.*}}, %[[D]]
// DROP: mf.bce
// DROP: mf.bce_grad
// DROP: mf.drop_path %{{.*}}, %[[F]] {site = 0}
module attributes {mf.params = [#mf.param<"fc.weight", tensor<8x8xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = true>,
                                #mf.param<"act.scale", tensor<1xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
                                #mf.param<"norm.weight", tensor<8xf32>, frozen, #mf.init<"ones", 0.0, 0.0>, decay = false>,
                                #mf.param<"head.weight", tensor<5x8xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = true>,
                                #mf.param<"head.bias", tensor<5xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]} {
func.func @forward(%x: tensor<?x4x3x8xf32>) -> tensor<?x5xf32> {
  %w = mf.param "fc.weight" : tensor<8x8xf32>
  %s = mf.param "act.scale" : tensor<1xf32>
  %g = mf.param "norm.weight" : tensor<8xf32>
  %h = mf.param "head.weight" : tensor<5x8xf32>
  %c = mf.param "head.bias" : tensor<5xf32>
  %0 = mf.linear %x, %w : tensor<?x4x3x8xf32>, tensor<8x8xf32>
  %1 = mf.star_relu %0 scale(%s : tensor<1xf32>) : tensor<?x4x3x8xf32>
  %2 = mf.add %x, %1 {mf.observed} : tensor<?x4x3x8xf32>
  %3 = mf.layer_norm %2 weight(%g : tensor<8xf32>) {eps = 1.0e-6} : tensor<?x4x3x8xf32>
  %4 = mf.global_avg_pool %3 : tensor<?x4x3x8xf32>
  %5 = mf.linear %4, %h bias(%c : tensor<5xf32>) : tensor<?x8xf32>, tensor<5x8xf32>
  return %5 : tensor<?x5xf32>
}
}
