// Every tensor op survives printing and parsing, in the custom and in the generic form.
// RUN: %archc-opt %s | %archc-opt | FileCheck %s
// RUN: %archc-opt --mlir-print-op-generic %s | %archc-opt | FileCheck %s

// CHECK-LABEL: func @convolutions
func.func @convolutions(%x: tensor<?x32x29x4xf32>, %w: tensor<16x4x7x7xf32>, %b: tensor<16xf32>, %d: tensor<16x1x5x3xf32>,
                        %v: tensor<8x16x1x1xf32>, %m: tensor<6x8xf32>, %g: tensor<4x3x2x2xf32>) -> tensor<?x7x6x4xf32> {
  // CHECK: mf.conv2d %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<16xf32>) {stride = [4, 4], padding = [2, 2]} : tensor<?x32x29x4xf32>, tensor<16x4x7x7xf32>
  %0 = mf.conv2d %x, %w bias(%b : tensor<16xf32>) {stride = [4, 4], padding = [2, 2]} : tensor<?x32x29x4xf32>, tensor<16x4x7x7xf32>
  // CHECK: mf.depthwise_conv2d %{{.*}}, %{{.*}} {padding = [2, 1]} : tensor<?x8x7x16xf32>, tensor<16x1x5x3xf32>
  %1 = mf.depthwise_conv2d %0, %d {padding = [2, 1]} : tensor<?x8x7x16xf32>, tensor<16x1x5x3xf32>
  // CHECK: mf.linear %{{.*}}, %{{.*}} : tensor<?x8x7x16xf32>, tensor<8x16x1x1xf32>
  %2 = mf.linear %1, %v : tensor<?x8x7x16xf32>, tensor<8x16x1x1xf32>
  // CHECK: mf.linear %{{.*}}, %{{.*}} : tensor<?x8x7x8xf32>, tensor<6x8xf32>
  %3 = mf.linear %2, %m : tensor<?x8x7x8xf32>, tensor<6x8xf32>
  // CHECK: mf.conv2d %{{.*}} {stride = [1, 1], padding = [0, 0], groups = 2} : tensor<?x8x7x6xf32>
  %4 = mf.conv2d %3, %g {stride = [1, 1], padding = [0, 0], groups = 2} : tensor<?x8x7x6xf32>, tensor<4x3x2x2xf32>
  return %4 : tensor<?x7x6x4xf32>
}

// CHECK-LABEL: func @norms
func.func @norms(%x: tensor<?x7x5x8xf32>, %c: tensor<8xf32>, %p: tensor<8x7x5xf32>) -> tensor<?x8xf32> {
  // CHECK: mf.layer_norm %{{.*}} weight(%{{.*}} : tensor<8xf32>) {eps = 1.0e-06} : tensor<?x7x5x8xf32>
  %0 = mf.layer_norm %x weight(%c : tensor<8xf32>) {eps = 1.0e-6} : tensor<?x7x5x8xf32>
  // CHECK: mf.layer_norm_chw %{{.*}} bias(%{{.*}} : tensor<8x7x5xf32>) {eps = 1.0e-05} : tensor<?x7x5x8xf32>
  %1 = mf.layer_norm_chw %0 bias(%p : tensor<8x7x5xf32>) {eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // CHECK: mf.group_norm %{{.*}} weight(%{{.*}} : tensor<8xf32>) bias(%{{.*}} : tensor<8xf32>) {groups = 4, eps = 1.0e-05} : tensor<?x7x5x8xf32>
  %2 = mf.group_norm %1 weight(%c : tensor<8xf32>) bias(%c : tensor<8xf32>) {groups = 4, eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // CHECK: mf.batch_norm %{{.*}}, %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<8xf32>) {eps = 1.0e-05} : tensor<?x7x5x8xf32>, tensor<8xf32>, tensor<8xf32>
  %3 = mf.batch_norm %2, %c, %c bias(%c : tensor<8xf32>) {eps = 1.0e-5} : tensor<?x7x5x8xf32>, tensor<8xf32>, tensor<8xf32>
  // CHECK: mf.rms_norm %{{.*}} {eps = 1.0e-06} : tensor<?x7x5x8xf32>
  %4 = mf.rms_norm %3 {eps = 1.0e-6} : tensor<?x7x5x8xf32>
  // CHECK: mf.norm_scale %{{.*}} by %{{.*}} weight(%{{.*}} : tensor<8xf32>) {eps = 1.0e-06} : tensor<?x7x5x8xf32>
  %5 = mf.norm_scale %4 by %x weight(%c : tensor<8xf32>) {eps = 1.0e-6} : tensor<?x7x5x8xf32>
  // CHECK: mf.global_avg_pool %{{.*}} : tensor<?x7x5x8xf32>
  %6 = mf.global_avg_pool %5 : tensor<?x7x5x8xf32>
  // CHECK: mf.group_norm %{{.*}} {groups = 1, eps = 1.0e-06} : tensor<?x8xf32>
  %7 = mf.group_norm %6 {groups = 1, eps = 1.0e-6} : tensor<?x8xf32>
  return %7 : tensor<?x8xf32>
}

// CHECK-LABEL: func @statistics
func.func @statistics(%i: tensor<?x7x5x8xui8>, %w: tensor<8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK: mf.normalize_image %{{.*}} {mean = [{{.*}}], std = [{{.*}}]} : tensor<?x7x5x8xui8> -> tensor<?x7x5x8xf32>
  %x = mf.normalize_image %i {mean = [0.5], std = [0.25]} : tensor<?x7x5x8xui8> -> tensor<?x7x5x8xf32>
  // CHECK: mf.image_stats %{{.*}} {groups = 2} : tensor<?x7x5x8xf32> -> tensor<?x7x2x2xf32>
  %s = mf.image_stats %x {groups = 2} : tensor<?x7x5x8xf32> -> tensor<?x7x2x2xf32>
  // CHECK: mf.normalize %{{.*}}, %{{.*}} weight(%{{.*}} : tensor<8xf32>) {groups = 2, eps = 1.0e-05, center = true} : tensor<?x7x5x8xf32>, tensor<?x7x2x2xf32>
  %y = mf.normalize %x, %s weight(%w : tensor<8xf32>) {groups = 2, eps = 1.0e-5, center = true} : tensor<?x7x5x8xf32>, tensor<?x7x2x2xf32>
  return %y : tensor<?x7x5x8xf32>
}

// CHECK-LABEL: func @elementwise
func.func @elementwise(%x: tensor<?x7x5x8xf32>, %c: tensor<8xf32>, %s: tensor<1xf32>, %p: tensor<1x8x7x5xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK: mf.relu %{{.*}} : tensor<?x7x5x8xf32>
  %0 = mf.relu %x : tensor<?x7x5x8xf32>
  // CHECK: mf.squared_relu
  %1 = mf.squared_relu %0 : tensor<?x7x5x8xf32>
  // CHECK: mf.gelu %
  %2 = mf.gelu %1 : tensor<?x7x5x8xf32>
  // CHECK: mf.gelu_tanh %
  %3 = mf.gelu_tanh %2 : tensor<?x7x5x8xf32>
  // CHECK: mf.silu %
  %4 = mf.silu %3 : tensor<?x7x5x8xf32>
  // CHECK: mf.hardswish %
  %5 = mf.hardswish %4 : tensor<?x7x5x8xf32>
  // CHECK: mf.star_relu %{{.*}} scale(%{{.*}} : tensor<1xf32>) bias(%{{.*}} : tensor<8xf32>) : tensor<?x7x5x8xf32>
  %6 = mf.star_relu %5 scale(%s : tensor<1xf32>) bias(%c : tensor<8xf32>) : tensor<?x7x5x8xf32>
  // CHECK: mf.star_relu %{{.*}} {scale_value = 8.944000e-01, bias_value = -4.472000e-01} : tensor<?x7x5x8xf32>
  %7 = mf.star_relu %6 {scale_value = 0.8944, bias_value = -0.4472} : tensor<?x7x5x8xf32>
  // CHECK: mf.scale %{{.*}}, %{{.*}} : tensor<?x7x5x8xf32>, tensor<8xf32>
  %8 = mf.scale %7, %c : tensor<?x7x5x8xf32>, tensor<8xf32>
  // CHECK: mf.affine %{{.*}} shift(%{{.*}} : tensor<1xf32>) : tensor<?x7x5x8xf32>
  %9 = mf.affine %8 shift(%s : tensor<1xf32>) : tensor<?x7x5x8xf32>
  // CHECK: mf.add %{{.*}}, %{{.*}} : tensor<?x7x5x8xf32>
  %10 = mf.add %9, %x : tensor<?x7x5x8xf32>
  // CHECK: mf.add_position %{{.*}}, %{{.*}} : tensor<?x7x5x8xf32>, tensor<1x8x7x5xf32>
  %11 = mf.add_position %10, %p : tensor<?x7x5x8xf32>, tensor<1x8x7x5xf32>
  return %11 : tensor<?x7x5x8xf32>
}

// CHECK-LABEL: func @mixers
func.func @mixers(%x: tensor<?x7x5x24xf32>, %m: tensor<35x35xf32>, %b: tensor<35xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK: mf.pool_mix %{{.*}} {size = 5} : tensor<?x7x5x24xf32>
  %0 = mf.pool_mix %x {size = 5} : tensor<?x7x5x24xf32>
  // CHECK: mf.spatial_matmul %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<35xf32>) : tensor<?x7x5x24xf32>, tensor<35x35xf32>
  %1 = mf.spatial_matmul %0, %m bias(%b : tensor<35xf32>) : tensor<?x7x5x24xf32>, tensor<35x35xf32>
  // CHECK: mf.attention %{{.*}} {heads = 2, head_dim = 4, scale = 5.0e-01} : tensor<?x7x5x24xf32>
  %2 = mf.attention %1 {heads = 2, head_dim = 4, scale = 0.5} : tensor<?x7x5x24xf32>
  return %2 : tensor<?x7x5x8xf32>
}

// CHECK-LABEL: func @fused
func.func @fused(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK: %[[W:.*]] = mf.param "blocks.0.fc.weight" : tensor<8x8xf32>
  %w = mf.param "blocks.0.fc.weight" : tensor<8x8xf32>
  // CHECK: mf.fused(%[[A:.*]] = %{{.*}}, %[[V:.*]] = %[[W]]) : (tensor<?x7x5x8xf32>, tensor<8x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.linear %[[A]], %[[V]]
  // CHECK: mf.yield
  %y = mf.fused(%a = %x, %v = %w) : (tensor<?x7x5x8xf32>, tensor<8x8xf32>) -> tensor<?x7x5x8xf32> {
    %0 = mf.linear %a, %v : tensor<?x7x5x8xf32>, tensor<8x8xf32>
    %1 = mf.gelu %0 : tensor<?x7x5x8xf32>
    mf.yield %1 : tensor<?x7x5x8xf32>
  }
  return %y : tensor<?x7x5x8xf32>
}

// CHECK-LABEL: func @prepare
func.func @prepare(%w: tensor<6x4xf32>, %s: tensor<4xf32>, %o: tensor<1xf32>, %v: tensor<4xf32>) -> (tensor<6x4xf32>, tensor<6xf32>) {
  // CHECK: mf.norm_stats_scale %{{.*}} weight(%{{.*}} : tensor<4xf32>) {eps = 1.0e-05} : tensor<4xf32>
  %a = mf.norm_stats_scale %v weight(%s : tensor<4xf32>) {eps = 1.0e-5} : tensor<4xf32>
  // CHECK: mf.norm_stats_shift %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xf64>
  %b = mf.norm_stats_shift %s, %a : tensor<4xf32>, tensor<4xf64>
  // CHECK: mf.multiply %{{.*}}, %{{.*}} : tensor<4xf64>, tensor<1xf32>
  %c = mf.multiply %a, %o : tensor<4xf64>, tensor<1xf32>
  // CHECK: mf.divide
  %d = mf.divide %b, %c : tensor<4xf64>, tensor<4xf64>
  // CHECK: mf.sum
  %e = mf.sum %d, %o : tensor<4xf64>, tensor<1xf32>
  // CHECK: mf.fold_weight %{{.*}} in_scale(%{{.*}} : tensor<4xf64>) {input_axis = 1} : tensor<6x4xf32>
  %f = mf.fold_weight %w in_scale(%c : tensor<4xf64>) {input_axis = 1} : tensor<6x4xf32>
  // CHECK: mf.fold_bias %{{.*}} in_shift(%{{.*}} : tensor<4xf64>) out_scale(%{{.*}} : tensor<1xf32>) {input_axis = 1} : tensor<6x4xf32>
  %g = mf.fold_bias %w in_shift(%e : tensor<4xf64>) out_scale(%o : tensor<1xf32>) {input_axis = 1} : tensor<6x4xf32>
  // CHECK: mf.pack %{{.*}} {layout = <panels>} : tensor<6x4xf64>
  %h = mf.pack %f {layout = #mf.layout<panels>} : tensor<6x4xf64>
  // CHECK: mf.pack %{{.*}} {layout = <vector>} : tensor<6xf64>
  %i = mf.pack %g {layout = #mf.layout<vector>} : tensor<6xf64>
  return %h, %i : tensor<6x4xf32>, tensor<6xf32>
}
