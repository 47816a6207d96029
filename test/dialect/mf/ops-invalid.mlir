// One case per numbered constraint of the tensor ops.
// RUN: %archc-opt --split-input-file --verify-diagnostics %s

func.func @conv2d_c1_groups(%x: tensor<?x8x8x4xf32>, %w: tensor<6x2x1x1xf32>) {
  // expected-error@+1 {{'mf.conv2d' op has 3 groups; expected a divisor of 4 input and 6 output channels}}
  %0 = mf.conv2d %x, %w {stride = [1, 1], padding = [0, 0], groups = 3} : tensor<?x8x8x4xf32>, tensor<6x2x1x1xf32>
  return
}
// -----
func.func @conv2d_c1_channels(%x: tensor<?x8x8x4xf32>, %w: tensor<6x3x1x1xf32>) {
  // expected-error@+1 {{'mf.conv2d' op has a weight for 3 input channels; expected 4}}
  %0 = mf.conv2d %x, %w {stride = [1, 1], padding = [0, 0]} : tensor<?x8x8x4xf32>, tensor<6x3x1x1xf32>
  return
}
// -----
func.func @conv2d_c2(%x: tensor<?x8x8x4xf32>, %w: tensor<6x4x1x1xf32>) {
  // expected-error@+1 {{`stride` is [1, 0]; expected two numbers of at least 1}}
  %0 = mf.conv2d %x, %w {stride = [1, 0], padding = [0, 0]} : tensor<?x8x8x4xf32>, tensor<6x4x1x1xf32>
  return
}
// -----
func.func @conv2d_c3(%x: tensor<?x8x8x4xf32>, %w: tensor<6x4x11x1xf32>) {
  // expected-error@+1 {{kernel extent 11 exceeds 8 positions padded by 1}}
  %0 = mf.conv2d %x, %w {stride = [1, 1], padding = [1, 0]} : tensor<?x8x8x4xf32>, tensor<6x4x11x1xf32>
  return
}
// -----
func.func @conv2d_c4(%x: tensor<?x8x8x4xf32>, %w: tensor<6x4x1x1xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{'mf.conv2d' op has `bias` of shape [4]; expected [6]}}
  %0 = mf.conv2d %x, %w bias(%b : tensor<4xf32>) {stride = [1, 1], padding = [0, 0]} : tensor<?x8x8x4xf32>, tensor<6x4x1x1xf32>
  return
}
// -----
func.func @depthwise_conv2d_c1(%x: tensor<?x8x8x4xf32>, %w: tensor<6x1x3x3xf32>) {
  // expected-error@+1 {{'mf.depthwise_conv2d' op has `weight` of shape [6, 1, 3, 3]; expected [4, 1, 3, 3]}}
  %0 = mf.depthwise_conv2d %x, %w {padding = [1, 1]} : tensor<?x8x8x4xf32>, tensor<6x1x3x3xf32>
  return
}
// -----
func.func @depthwise_conv2d_c2(%x: tensor<?x8x8x4xf32>, %w: tensor<4x1x3x3xf32>) {
  // expected-error@+1 {{`padding` is [-1, 1]; expected two numbers of at least 0}}
  %0 = mf.depthwise_conv2d %x, %w {padding = [-1, 1]} : tensor<?x8x8x4xf32>, tensor<4x1x3x3xf32>
  return
}
// -----
func.func @depthwise_conv2d_c3(%x: tensor<?x8x8x4xf32>, %w: tensor<4x1x3x3xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{'mf.depthwise_conv2d' op has `bias` of shape [3]; expected [4]}}
  %0 = mf.depthwise_conv2d %x, %w bias(%b : tensor<3xf32>) {padding = [1, 1]} : tensor<?x8x8x4xf32>, tensor<4x1x3x3xf32>
  return
}
// -----
func.func @linear_c1(%x: tensor<?x8x8x4xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error@+1 {{'mf.linear' op has `weight` of shape [6, 4, 3, 3]; expected [6, 4, 1, 1]}}
  %0 = mf.linear %x, %w : tensor<?x8x8x4xf32>, tensor<6x4x3x3xf32>
  return
}
// -----
func.func @linear_c2(%x: tensor<?x4xf32>, %w: tensor<6x4xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{'mf.linear' op has `bias` of shape [4]; expected [6]}}
  %0 = mf.linear %x, %w bias(%b : tensor<4xf32>) : tensor<?x4xf32>, tensor<6x4xf32>
  return
}
// -----
func.func @norm_c1(%x: tensor<?x8x8x4xf32>, %w: tensor<1xf32>) {
  // expected-error@+1 {{'mf.layer_norm' op has `weight` of shape [1]; expected [4]}}
  %0 = mf.layer_norm %x weight(%w : tensor<1xf32>) {eps = 1.0e-6} : tensor<?x8x8x4xf32>
  return
}
// -----
func.func @norm_c2(%x: tensor<?x8x8x4xf32>) {
  // expected-error@+1 {{'mf.rms_norm' op has negative `eps`}}
  %0 = mf.rms_norm %x {eps = -1.0} : tensor<?x8x8x4xf32>
  return
}
// -----
func.func @layer_norm_chw_c1(%x: tensor<?x8x7x4xf32>, %w: tensor<8x7x4xf32>) {
  // expected-error@+1 {{'mf.layer_norm_chw' op has `weight` of shape [8, 7, 4]; expected [4, 8, 7]}}
  %0 = mf.layer_norm_chw %x weight(%w : tensor<8x7x4xf32>) {eps = 1.0e-6} : tensor<?x8x7x4xf32>
  return
}
// -----
func.func @group_norm_c1(%x: tensor<?x8x8x4xf32>) {
  // expected-error@+1 {{'mf.group_norm' op has 3 groups; expected a divisor of 4 channels}}
  %0 = mf.group_norm %x {groups = 3, eps = 1.0e-6} : tensor<?x8x8x4xf32>
  return
}
// -----
func.func @image_stats_c1(%x: tensor<?x8x8x4xf32>) {
  // expected-error@+1 {{'mf.image_stats' op has 3 groups; expected a divisor of 4 channels}}
  %0 = mf.image_stats %x {groups = 3} : tensor<?x8x8x4xf32> -> tensor<?x8x3x2xf32>
  return
}
// -----
func.func @normalize_c1(%x: tensor<?x8x8x4xf32>, %s: tensor<?x1x1x2xf32>) {
  // expected-error@+1 {{'mf.normalize' op has `lines` of shape [}}
  %0 = mf.normalize %x, %s {groups = 1, eps = 1.0e-6, center = true} : tensor<?x8x8x4xf32>, tensor<?x1x1x2xf32>
  return
}
// -----
func.func @normalize_c2(%x: tensor<?x8x8x4xf32>, %s: tensor<?x8x1x2xf32>, %w: tensor<8xf32>) {
  // expected-error@+1 {{'mf.normalize' op has `weight` of shape [8]; expected [4]}}
  %0 = mf.normalize %x, %s weight(%w : tensor<8xf32>) {groups = 1, eps = 1.0e-6, center = true} : tensor<?x8x8x4xf32>, tensor<?x8x1x2xf32>
  return
}
// -----
func.func @batch_norm_c1(%x: tensor<?x8x8x4xf32>, %m: tensor<3xf32>, %v: tensor<4xf32>) {
  // expected-error@+1 {{'mf.batch_norm' op has `mean` of shape [3]; expected [4]}}
  %0 = mf.batch_norm %x, %m, %v {eps = 1.0e-6} : tensor<?x8x8x4xf32>, tensor<3xf32>, tensor<4xf32>
  return
}
// -----
func.func @star_relu_c1(%x: tensor<?x8x8x4xf32>, %s: tensor<2xf32>) {
  // expected-error@+1 {{'mf.star_relu' op has `scale` of 2 numbers; expected 1 or 4}}
  %0 = mf.star_relu %x scale(%s : tensor<2xf32>) : tensor<?x8x8x4xf32>
  return
}
// -----
func.func @scale_c1(%x: tensor<?x8x8x4xf32>, %s: tensor<2xf32>) {
  // expected-error@+1 {{'mf.scale' op has `gamma` of 2 numbers; expected 1 or 4}}
  %0 = mf.scale %x, %s : tensor<?x8x8x4xf32>, tensor<2xf32>
  return
}
// -----
func.func @affine_c1(%x: tensor<?x8x8x4xf32>, %s: tensor<2xf32>) {
  // expected-error@+1 {{'mf.affine' op has `shift` of 2 numbers; expected 1 or 4}}
  %0 = mf.affine %x shift(%s : tensor<2xf32>) : tensor<?x8x8x4xf32>
  return
}
// -----
func.func @add_c1(%x: tensor<?x8x8x4xf32>, %y: tensor<?x8x8x2xf32>) {
  // expected-error@+1 {{'mf.add' op failed to verify that all of {x, other} have same type}}
  %0 = "mf.add"(%x, %y) : (tensor<?x8x8x4xf32>, tensor<?x8x8x2xf32>) -> tensor<?x8x8x4xf32>
  return
}
// -----
func.func @add_position_c1(%x: tensor<?x8x7x4xf32>, %p: tensor<1x4x7x8xf32>) {
  // expected-error@+1 {{'mf.add_position' op has `position` of shape [1, 4, 7, 8]; expected [1, 4, 8, 7]}}
  %0 = mf.add_position %x, %p : tensor<?x8x7x4xf32>, tensor<1x4x7x8xf32>
  return
}
// -----
func.func @pool_mix_c1(%x: tensor<?x8x8x4xf32>) {
  // expected-error@+1 {{'mf.pool_mix' op has `size` 4; expected a positive odd number}}
  %0 = mf.pool_mix %x {size = 4} : tensor<?x8x8x4xf32>
  return
}
// -----
func.func @norm_scale_c1(%x: tensor<?x8x8x4xf32>, %y: tensor<?x8x8x2xf32>) {
  // expected-error@+1 {{'mf.norm_scale' op failed to verify that all of {x, source, y} have same type}}
  %0 = "mf.norm_scale"(%x, %y) {eps = 1.0e-6 : f64} : (tensor<?x8x8x4xf32>, tensor<?x8x8x2xf32>) -> tensor<?x8x8x4xf32>
  return
}
// -----
func.func @spatial_matmul_c1(%x: tensor<?x4x4x4xf32>, %m: tensor<4x4xf32>) {
  // expected-error@+1 {{'mf.spatial_matmul' op has `matrix` of shape [4, 4]; expected [16, 16]}}
  %0 = mf.spatial_matmul %x, %m : tensor<?x4x4x4xf32>, tensor<4x4xf32>
  return
}
// -----
func.func @spatial_matmul_c2(%x: tensor<?x2x2x8xf32>, %m: tensor<4x4xf32>, %b: tensor<8xf32>) {
  // expected-error@+1 {{'mf.spatial_matmul' op has `bias` of shape [8]; expected [4]}}
  %0 = mf.spatial_matmul %x, %m bias(%b : tensor<8xf32>) : tensor<?x2x2x8xf32>, tensor<4x4xf32>
  return
}
// -----
func.func @attention_c1(%x: tensor<?x8x8x16xf32>) {
  // expected-error@+1 {{`qkv` has 16 channels; expected 3 x 2 heads x 4 components}}
  %0 = mf.attention %x {heads = 2, head_dim = 4, scale = 0.5} : tensor<?x8x8x16xf32>
  return
}
// -----
func.func @param_c1() {
  // expected-error@+1 {{'mf.param' op has an empty name}}
  %0 = mf.param "" : tensor<4xf32>
  return
}
// -----
func.func @fused_c1(%x: tensor<?x4xf32>) {
  // expected-error@+1 {{'mf.fused' op has block arguments of other types than its operands}}
  "mf.fused"(%x) ({
  ^bb0(%a: tensor<?x8xf32>):
    "mf.yield"() : () -> ()
  }) : (tensor<?x4xf32>) -> ()
  return
}
// -----
func.func @fused_c2(%x: tensor<?x4xf32>) {
  // expected-error@+1 {{'mf.fused' op has results of other types than its `mf.yield`}}
  %0 = mf.fused(%a = %x) : (tensor<?x4xf32>) -> tensor<?x8xf32> {
    mf.yield %a : tensor<?x4xf32>
  }
  return
}
// -----
func.func @fold_weight_c1(%w: tensor<6x4xf32>, %s: tensor<6xf32>) {
  // expected-error@+1 {{'mf.fold_weight' op has `in_scale` of 6 numbers; expected 1 or 4}}
  %0 = mf.fold_weight %w in_scale(%s : tensor<6xf32>) {input_axis = 1} : tensor<6x4xf32>
  return
}
// -----
func.func @fold_weight_c2(%w: tensor<6x4xf32>) {
  // expected-error@+1 {{'mf.fold_weight' op has `input_axis` 2; expected 0 or 1}}
  %0 = mf.fold_weight %w {input_axis = 2} : tensor<6x4xf32>
  return
}
// -----
func.func @fold_bias_c1(%w: tensor<6x4xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{'mf.fold_bias' op has `bias` of shape [4]; expected [6]}}
  %0 = mf.fold_bias %w bias(%b : tensor<4xf32>) {input_axis = 1} : tensor<6x4xf32>
  return
}
// -----
func.func @fold_bias_c2(%w: tensor<6x4xf32>) {
  // expected-error@+1 {{'mf.fold_bias' op has `input_axis` 3; expected 0 or 1}}
  %0 = mf.fold_bias %w {input_axis = 3} : tensor<6x4xf32>
  return
}
// -----
func.func @norm_stats_c1(%v: tensor<4xf32>, %w: tensor<6xf32>) {
  // expected-error@+1 {{'mf.norm_stats_scale' op has `weight` of shape [6]; expected [4]}}
  %0 = mf.norm_stats_scale %v weight(%w : tensor<6xf32>) {eps = 1.0e-6} : tensor<4xf32>
  return
}
// -----
func.func @vector_arithmetic_c1(%a: tensor<4xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{operands have 4 and 6 numbers; expected one or equally many}}
  %0 = mf.multiply %a, %b : tensor<4xf32>, tensor<6xf32>
  return
}
// -----
func.func @pack_c1(%w: tensor<6x4xf32>) {
  // expected-error@+1 {{'mf.pack' op has layout `taps` for a value of rank 2}}
  %0 = mf.pack %w {layout = #mf.layout<taps>} : tensor<6x4xf32>
  return
}
// -----
// expected-error@+1 {{'builtin.module' op names parameter `a` twice in `mf.params`}}
module attributes {mf.params = [
    #mf.param<"a", tensor<4xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>,
    #mf.param<"a", tensor<4xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]} {}
// -----
// expected-error@+1 {{'builtin.module' op has 3 : i64 in `mf.params`; expected `#mf.param`}}
module attributes {mf.params = [3]} {}
// -----
// expected-error@+1 {{'func.func' op has `mf.params`; expected an array of `#mf.param` on a module}}
func.func private @params_elsewhere() attributes {mf.params = []}
