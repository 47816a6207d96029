// Every op that only training has survives printing and parsing, in the custom and in the generic form.
// RUN: %archc-opt %s | %archc-opt | FileCheck %s
// RUN: %archc-opt --mlir-print-op-generic %s | %archc-opt | FileCheck %s

// CHECK-LABEL: func @losses
func.func @losses(%l: tensor<?x10xf32>, %t: tensor<?x10xf32>) -> (tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x10xf32>, tensor<?x10xf32>) {
  // CHECK: mf.cross_entropy %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %0 = mf.cross_entropy %l, %t : tensor<?x10xf32>
  // CHECK: mf.bce %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %1 = mf.bce %l, %t : tensor<?x10xf32>
  // CHECK: mf.cross_entropy_grad %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %2 = mf.cross_entropy_grad %l, %t : tensor<?x10xf32>
  // CHECK: mf.bce_grad %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %3 = mf.bce_grad %l, %t : tensor<?x10xf32>
  return %0, %1, %2, %3 : tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x10xf32>, tensor<?x10xf32>
}

// CHECK-LABEL: func @elementwise
func.func @elementwise(%x: tensor<?x7x5x8xf32>, %d: tensor<?x7x5x8xf32>, %f: tensor<?x3xf32>, %p: tensor<8x7x5xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK: mf.step %{{.*}} : tensor<?x7x5x8xf32>
  %0 = mf.step %x : tensor<?x7x5x8xf32>
  // CHECK: mf.mul %{{.*}}, %{{.*}} : tensor<?x7x5x8xf32>
  %1 = mf.mul %0, %d : tensor<?x7x5x8xf32>
  // CHECK: mf.mul %{{.*}}, %{{.*}} {factor = 2.000000e+00} : tensor<?x7x5x8xf32>
  %2 = mf.mul %1, %x {factor = 2.0} : tensor<?x7x5x8xf32>
  // CHECK: mf.gelu_grad %{{.*}}, %{{.*}} : tensor<?x7x5x8xf32>
  %3 = mf.gelu_grad %x, %2 : tensor<?x7x5x8xf32>
  // CHECK: mf.gelu_tanh_grad
  %4 = mf.gelu_tanh_grad %x, %3 : tensor<?x7x5x8xf32>
  // CHECK: mf.silu_grad
  %5 = mf.silu_grad %x, %4 : tensor<?x7x5x8xf32>
  // CHECK: mf.hardswish_grad
  %6 = mf.hardswish_grad %x, %5 : tensor<?x7x5x8xf32>
  // CHECK: mf.drop_path %{{.*}}, %{{.*}} {site = 2} : tensor<?x7x5x8xf32>, tensor<?x3xf32>
  %7 = mf.drop_path %6, %f {site = 2} : tensor<?x7x5x8xf32>, tensor<?x3xf32>
  // CHECK: mf.scale_position %{{.*}}, %{{.*}} : tensor<?x7x5x8xf32>, tensor<8x7x5xf32>
  %8 = mf.scale_position %7, %p : tensor<?x7x5x8xf32>, tensor<8x7x5xf32>
  return %8 : tensor<?x7x5x8xf32>
}

// CHECK-LABEL: func @weights
func.func @weights(%x: tensor<?x9x7x6xf32>, %d: tensor<?x5x4x8xf32>, %w: tensor<8x6x3x3xf32>, %k: tensor<6x1x3x5xf32>, %m: tensor<8x6xf32>)
    -> (tensor<?x9x7x6xf32>, tensor<8x6x3x3xf32>, tensor<6x1x3x5xf32>, tensor<6x6x1x1xf32>, tensor<63x63xf32>) {
  // CHECK: mf.adjoint_weight %{{.*}} : tensor<8x6x3x3xf32>
  %0 = mf.adjoint_weight %w : tensor<8x6x3x3xf32>
  // CHECK: mf.adjoint_weight %{{.*}} {groups = 6} : tensor<6x1x3x5xf32>
  %1 = mf.adjoint_weight %k {groups = 6} : tensor<6x1x3x5xf32>
  %2 = mf.adjoint_weight %m : tensor<8x6xf32>
  // CHECK: mf.conv2d_transposed %{{.*}}, %{{.*}} {stride = [2, 2], padding = [1, 1], height = 9, width = 7} : tensor<?x5x4x8xf32>, tensor<6x8x3x3xf64>
  %3 = mf.conv2d_transposed %d, %0 {stride = [2, 2], padding = [1, 1], height = 9, width = 7} : tensor<?x5x4x8xf32>, tensor<6x8x3x3xf64>
  // CHECK: mf.conv2d_weight_grad %{{.*}}, %{{.*}} {kernel = [3, 3], stride = [2, 2], padding = [1, 1]} : tensor<?x9x7x6xf32>, tensor<?x5x4x8xf32>
  %4 = mf.conv2d_weight_grad %x, %d {kernel = [3, 3], stride = [2, 2], padding = [1, 1]} : tensor<?x9x7x6xf32>, tensor<?x5x4x8xf32>
  // CHECK: mf.depthwise_conv2d %{{.*}}, %{{.*}} {padding = [1, 2]} : tensor<?x9x7x6xf32>, tensor<6x1x3x5xf64>
  %5 = mf.depthwise_conv2d %x, %1 {padding = [1, 2]} : tensor<?x9x7x6xf32>, tensor<6x1x3x5xf64>
  // CHECK: mf.depthwise_weight_grad %{{.*}}, %{{.*}} {kernel = [3, 5], padding = [1, 2]} : tensor<?x9x7x6xf32>, tensor<?x9x7x6xf32>
  %6 = mf.depthwise_weight_grad %x, %5 {kernel = [3, 5], padding = [1, 2]} : tensor<?x9x7x6xf32>, tensor<?x9x7x6xf32>
  // CHECK: mf.linear_weight_grad %{{.*}}, %{{.*}} : tensor<?x9x7x6xf32>, tensor<?x9x7x6xf32> -> tensor<6x6x1x1xf32>
  %7 = mf.linear_weight_grad %x, %3 : tensor<?x9x7x6xf32>, tensor<?x9x7x6xf32> -> tensor<6x6x1x1xf32>
  // CHECK: mf.spatial_weight_grad %{{.*}}, %{{.*}} : tensor<?x9x7x6xf32>
  %8 = mf.spatial_weight_grad %x, %3 : tensor<?x9x7x6xf32>
  // CHECK: mf.linear %{{.*}}, %{{.*}} : tensor<?x5x4x8xf32>, tensor<6x8xf64>
  %9 = mf.linear %d, %2 : tensor<?x5x4x8xf32>, tensor<6x8xf64>
  return %3, %4, %6, %7, %8 : tensor<?x9x7x6xf32>, tensor<8x6x3x3xf32>, tensor<6x1x3x5xf32>, tensor<6x6x1x1xf32>, tensor<63x63xf32>
}

// CHECK-LABEL: func @sums
func.func @sums(%x: tensor<?x7x5x8xf32>) -> (tensor<8xf32>, tensor<1xf32>, tensor<1x8x7x5xf32>, tensor<8x7x5xf32>, tensor<35xf32>) {
  // CHECK: mf.line_sums %{{.*}} times(%{{.*}} : tensor<?x7x5x8xf32>) : tensor<?x7x5x8xf32> -> tensor<?x7x1x8xf32>
  %l = mf.line_sums %x times(%x : tensor<?x7x5x8xf32>) : tensor<?x7x5x8xf32> -> tensor<?x7x1x8xf32>
  // CHECK: mf.channel_sum %{{.*}} : tensor<?x7x5x8xf32> -> tensor<8xf32>
  %0 = mf.channel_sum %x : tensor<?x7x5x8xf32> -> tensor<8xf32>
  // CHECK: mf.channel_sum %{{.*}} times(%{{.*}} : tensor<?x7x5x8xf32>) : tensor<?x7x5x8xf32> -> tensor<1xf32>
  %1 = mf.channel_sum %x times(%x : tensor<?x7x5x8xf32>) : tensor<?x7x5x8xf32> -> tensor<1xf32>
  // CHECK: mf.batch_sum %{{.*}} : tensor<?x7x5x8xf32> -> tensor<1x8x7x5xf32>
  %2 = mf.batch_sum %x : tensor<?x7x5x8xf32> -> tensor<1x8x7x5xf32>
  %3 = mf.batch_sum %x : tensor<?x7x5x8xf32> -> tensor<8x7x5xf32>
  %4 = mf.batch_sum %x : tensor<?x7x5x8xf32> -> tensor<35xf32>
  return %0, %1, %2, %3, %4 : tensor<8xf32>, tensor<1xf32>, tensor<1x8x7x5xf32>, tensor<8x7x5xf32>, tensor<35xf32>
}

// CHECK-LABEL: func @norms
func.func @norms(%x: tensor<?x7x5x8xf32>, %g: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK: mf.layer_norm_grad %{{.*}}, %{{.*}} {eps = 1.0e-06} : tensor<?x7x5x8xf32>
  %0 = mf.layer_norm_grad %x, %g {eps = 1.0e-6} : tensor<?x7x5x8xf32>
  // CHECK: mf.rms_norm_grad %{{.*}}, %{{.*}} {eps = 1.0e-06} : tensor<?x7x5x8xf32>
  %1 = mf.rms_norm_grad %x, %0 {eps = 1.0e-6} : tensor<?x7x5x8xf32>
  // CHECK: mf.group_norm_grad %{{.*}}, %{{.*}} {groups = 2, eps = 1.0e-05} : tensor<?x7x5x8xf32>
  %2 = mf.group_norm_grad %x, %1 {groups = 2, eps = 1.0e-5} : tensor<?x7x5x8xf32>
  return %2 : tensor<?x7x5x8xf32>
}

// CHECK-LABEL: func @mixers
func.func @mixers(%v: tensor<?x8xf32>, %q: tensor<?x7x5x24xf32>) -> tensor<?x7x5x24xf32> {
  // CHECK: mf.global_avg_pool_grad %{{.*}} {height = 7, width = 5} : tensor<?x8xf32>
  %0 = mf.global_avg_pool_grad %v {height = 7, width = 5} : tensor<?x8xf32>
  // CHECK: mf.pool_mix_grad %{{.*}} {size = 3} : tensor<?x7x5x8xf32>
  %1 = mf.pool_mix_grad %0 {size = 3} : tensor<?x7x5x8xf32>
  // CHECK: mf.attention_grad %{{.*}}, %{{.*}} {heads = 2, head_dim = 4, scale = 5.0e-01} : tensor<?x7x5x24xf32>, tensor<?x7x5x8xf32>
  %2 = mf.attention_grad %q, %1 {heads = 2, head_dim = 4, scale = 0.5} : tensor<?x7x5x24xf32>, tensor<?x7x5x8xf32>
  return %2 : tensor<?x7x5x24xf32>
}
