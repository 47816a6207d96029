// RUN: %archc-opt --mf-fold-affine --canonicalize %s | FileCheck %s

// A norm's weight and bias move into the linear layer behind it.
// CHECK-LABEL: @norm_into_consumer
// CHECK-DAG: %[[G:.*]] = mf.param "g"
// CHECK-DAG: %[[B:.*]] = mf.param "b"
// CHECK-DAG: %[[W:.*]] = mf.param "w"
// CHECK-DAG: %[[C:.*]] = mf.fold_bias %[[W]] in_shift(%[[B]]
// CHECK-DAG: %[[V:.*]] = mf.fold_weight %[[W]] in_scale(%[[G]]
// CHECK-DAG: %[[N:.*]] = mf.layer_norm %{{.*}} {eps
// CHECK: mf.linear %[[N]], %[[V]] bias(%[[C]]
func.func @norm_into_consumer(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x16xf32> {
  %g = mf.param "g" : tensor<8xf32>
  %b = mf.param "b" : tensor<8xf32>
  %n = mf.layer_norm %x weight(%g : tensor<8xf32>) bias(%b : tensor<8xf32>) {eps = 1.0e-6} : tensor<?x7x7x8xf32>
  %w = mf.param "w" : tensor<16x8x1x1xf32>
  %y = mf.linear %n, %w : tensor<?x7x7x8xf32>, tensor<16x8x1x1xf32>
  return %y : tensor<?x7x7x16xf32>
}

// A layer scale moves back into the product it scales, weights and bias alike.
// CHECK-LABEL: @scale_into_producer
// CHECK-DAG: %[[S:.*]] = mf.param "s"
// CHECK-DAG: %[[W:.*]] = mf.param "w"
// CHECK-DAG: %[[C:.*]] = mf.fold_bias %[[W]] bias(%{{.*}}) out_scale(%[[S]]
// CHECK-DAG: %[[V:.*]] = mf.fold_weight %[[W]] out_scale(%[[S]]
// CHECK: %[[Y:.*]] = mf.linear %{{.*}}, %[[V]] bias(%[[C]]
// CHECK-NOT: mf.scale
// CHECK: return %[[Y]]
func.func @scale_into_producer(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x16xf32> {
  %w = mf.param "w" : tensor<16x8xf32>
  %c = mf.param "c" : tensor<16xf32>
  %y = mf.linear %x, %w bias(%c : tensor<16xf32>) : tensor<?x7x7x8xf32>, tensor<16x8xf32>
  %s = mf.param "s" : tensor<16xf32>
  %z = mf.scale %y, %s : tensor<?x7x7x16xf32>, tensor<16xf32>
  return %z : tensor<?x7x7x16xf32>
}

// Batch norm with running statistics is affine, and moves back into the convolution before it.
// CHECK-LABEL: @batch_norm_into_convolution
// CHECK-NOT: mf.batch_norm
// CHECK: %[[A:.*]] = mf.norm_stats_scale
// CHECK: %[[B:.*]] = mf.norm_stats_shift
// CHECK-DAG: mf.fold_weight %{{.*}} out_scale(%[[A]]
// CHECK: mf.conv2d %{{.*}} bias(
func.func @batch_norm_into_convolution(%x: tensor<?x8x8x3xf32>) -> tensor<?x4x4x8xf32> {
  %w = mf.param "w" : tensor<8x3x2x2xf32>
  %y = mf.conv2d %x, %w {stride = [2, 2], padding = [0, 0]} : tensor<?x8x8x3xf32>, tensor<8x3x2x2xf32>
  %m = mf.param "mean" : tensor<8xf32>
  %v = mf.param "var" : tensor<8xf32>
  %z = mf.batch_norm %y, %m, %v {eps = 1.0e-5} : tensor<?x4x4x8xf32>, tensor<8xf32>, tensor<8xf32>
  return %z : tensor<?x4x4x8xf32>
}
