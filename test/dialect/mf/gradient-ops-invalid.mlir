// One case per numbered constraint of the ops that only training has.
// RUN: %archc-opt --split-input-file --verify-diagnostics %s

func.func @drop_path_c1(%x: tensor<?x8xf32>, %f: tensor<?x3xf32>) {
  // expected-error@+1 {{'mf.drop_path' op has `site` 3; expected one of the 3 columns of `factors`}}
  %0 = mf.drop_path %x, %f {site = 3} : tensor<?x8xf32>, tensor<?x3xf32>
  return
}
// -----
func.func @scale_position_c1(%x: tensor<?x7x5x8xf32>, %p: tensor<8x5x7xf32>) {
  // expected-error@+1 {{'mf.scale_position' op has `position` of shape [8, 5, 7]; expected [8, 7, 5]}}
  %0 = mf.scale_position %x, %p : tensor<?x7x5x8xf32>, tensor<8x5x7xf32>
  return
}
// -----
func.func @adjoint_weight_c1(%w: tensor<6x4x1x1xf32>) {
  // expected-error@+1 {{`groups` is 4; expected a divisor of 6, and 1 for a matrix}}
  %0 = mf.adjoint_weight %w {groups = 4} : tensor<6x4x1x1xf32>
  return
}
// -----
func.func @adjoint_weight_c1_matrix(%w: tensor<6x4xf32>) {
  // expected-error@+1 {{`groups` is 2; expected a divisor of 6, and 1 for a matrix}}
  %0 = mf.adjoint_weight %w {groups = 2} : tensor<6x4xf32>
  return
}
// -----
func.func @conv2d_transposed_c1_groups(%d: tensor<?x4x4x6xf32>, %w: tensor<4x2x2x2xf32>) {
  // expected-error@+1 {{'mf.conv2d_transposed' op has 3 groups; expected a divisor of 4 input and 6 output channels}}
  %0 = mf.conv2d_transposed %d, %w {stride = [2, 2], padding = [0, 0], height = 8, width = 8, groups = 3} : tensor<?x4x4x6xf32>, tensor<4x2x2x2xf32>
  return
}
// -----
func.func @conv2d_transposed_c1_channels(%d: tensor<?x4x4x6xf32>, %w: tensor<4x5x2x2xf32>) {
  // expected-error@+1 {{'mf.conv2d_transposed' op has a weight for 5 channels; expected 6}}
  %0 = mf.conv2d_transposed %d, %w {stride = [2, 2], padding = [0, 0], height = 8, width = 8} : tensor<?x4x4x6xf32>, tensor<4x5x2x2xf32>
  return
}
// -----
func.func @conv2d_transposed_c2(%d: tensor<?x4x4x6xf32>, %w: tensor<4x6x2x2xf32>) {
  // expected-error@+1 {{`stride` is [0, 2]; expected two numbers of at least 1}}
  %0 = mf.conv2d_transposed %d, %w {stride = [0, 2], padding = [0, 0], height = 8, width = 8} : tensor<?x4x4x6xf32>, tensor<4x6x2x2xf32>
  return
}
// -----
func.func @conv2d_transposed_c3(%d: tensor<?x4x4x6xf32>, %w: tensor<4x6x2x2xf32>) {
  // expected-error@+1 {{'mf.conv2d_transposed' op has a gradient of 4 columns; expected 5 of a convolution from 10}}
  %0 = mf.conv2d_transposed %d, %w {stride = [2, 2], padding = [0, 0], height = 8, width = 10} : tensor<?x4x4x6xf32>, tensor<4x6x2x2xf32>
  return
}
// -----
func.func @linear_weight_grad_c1(%x: tensor<?x4x4x6xf32>, %d: tensor<?x4x5x8xf32>) {
  // expected-error@+1 {{'mf.linear_weight_grad' op has a map of shape [-9223372036854775808, 4, 4, 6] and a gradient of shape [-9223372036854775808, 4, 5, 8]; expected the same positions}}
  %0 = mf.linear_weight_grad %x, %d : tensor<?x4x4x6xf32>, tensor<?x4x5x8xf32> -> tensor<8x6xf32>
  return
}
// -----
func.func @linear_weight_grad_c2(%x: tensor<?x4x4x6xf32>, %d: tensor<?x4x4x8xf32>) {
  // expected-error@+1 {{'mf.linear_weight_grad' op has `gradient` of shape [6, 8]; expected [8, 6]}}
  %0 = mf.linear_weight_grad %x, %d : tensor<?x4x4x6xf32>, tensor<?x4x4x8xf32> -> tensor<6x8xf32>
  return
}
// -----
func.func @conv2d_weight_grad_c1(%x: tensor<?x8x8x6xf32>, %d: tensor<?x4x4x8xf32>) {
  // expected-error@+1 {{`kernel` is [2]; expected two numbers of at least 1}}
  %0 = mf.conv2d_weight_grad %x, %d {kernel = [2], stride = [2, 2], padding = [0, 0]} : tensor<?x8x8x6xf32>, tensor<?x4x4x8xf32>
  return
}
// -----
func.func @conv2d_weight_grad_c2(%x: tensor<?x8x8x6xf32>, %d: tensor<?x3x4x8xf32>) {
  // expected-error@+1 {{'mf.conv2d_weight_grad' op has a gradient of 3 rows; expected 4 of a convolution from 8}}
  %0 = mf.conv2d_weight_grad %x, %d {kernel = [2, 2], stride = [2, 2], padding = [0, 0]} : tensor<?x8x8x6xf32>, tensor<?x3x4x8xf32>
  return
}
// -----
func.func @conv2d_weight_grad_c3(%x: tensor<?x8x8x6xf32>, %d: tensor<?x4x4x8xf32>) {
  // expected-error@+1 {{'mf.conv2d_weight_grad' op has 3 groups; expected a divisor of 6 input and 8 output channels}}
  %0 = mf.conv2d_weight_grad %x, %d {kernel = [2, 2], stride = [2, 2], padding = [0, 0], groups = 3} : tensor<?x8x8x6xf32>, tensor<?x4x4x8xf32>
  return
}
// -----
func.func @depthwise_weight_grad_c1(%x: tensor<?x8x8x6xf32>, %d: tensor<?x8x8x6xf32>) {
  // expected-error@+1 {{`padding` is [-1, 1]; expected two numbers of at least 0}}
  %0 = mf.depthwise_weight_grad %x, %d {kernel = [3, 3], padding = [-1, 1]} : tensor<?x8x8x6xf32>, tensor<?x8x8x6xf32>
  return
}
// -----
func.func @depthwise_weight_grad_c2(%x: tensor<?x8x8x6xf32>, %d: tensor<?x8x8x4xf32>) {
  // expected-error@+1 {{'mf.depthwise_weight_grad' op has a gradient of 4 channels; expected 6}}
  %0 = mf.depthwise_weight_grad %x, %d {kernel = [3, 3], padding = [1, 1]} : tensor<?x8x8x6xf32>, tensor<?x8x8x4xf32>
  return
}
// -----
func.func @channel_sum_c1(%x: tensor<?x8xf32>, %o: tensor<?x4xf32>) {
  // expected-error@+1 {{'mf.channel_sum' op has `other` of type 'tensor<?x4xf32>'; expected 'tensor<?x8xf32>'}}
  %0 = mf.channel_sum %x times(%o : tensor<?x4xf32>) : tensor<?x8xf32> -> tensor<8xf32>
  return
}
// -----
func.func @channel_sum_c2(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{'mf.channel_sum' op has `sum` of shape [4]; expected [8]}}
  %0 = mf.channel_sum %x : tensor<?x8xf32> -> tensor<4xf32>
  return
}
// -----
func.func @line_sums_c1(%x: tensor<?x7x5x8xf32>, %o: tensor<?x5x7x8xf32>) {
  // expected-error@+1 {{'mf.line_sums' op has `other` of type 'tensor<?x5x7x8xf32>'; expected 'tensor<?x7x5x8xf32>'}}
  %0 = mf.line_sums %x times(%o : tensor<?x5x7x8xf32>) : tensor<?x7x5x8xf32> -> tensor<?x7x1x8xf32>
  return
}
// -----
func.func @line_sums_c2(%x: tensor<?x7x5x8xf32>) {
  // expected-error@+1 {{'mf.line_sums' op has `sums` of shape}}
  %0 = mf.line_sums %x : tensor<?x7x5x8xf32> -> tensor<?x5x1x8xf32>
  return
}
// -----
func.func @batch_sum_c1(%x: tensor<?x7x5x8xf32>) {
  // expected-error@+1 {{'mf.batch_sum' op has `sum` of shape [8, 5, 7]; expected [8, 7, 5]}}
  %0 = mf.batch_sum %x : tensor<?x7x5x8xf32> -> tensor<8x5x7xf32>
  return
}
// -----
func.func @norm_c2(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{'mf.layer_norm_grad' op has negative `eps`}}
  %0 = mf.layer_norm_grad %x, %x {eps = -1.0} : tensor<?x8xf32>
  return
}
// -----
func.func @group_norm_c1(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{'mf.group_norm_grad' op has 3 groups; expected a divisor of 8 channels}}
  %0 = mf.group_norm_grad %x, %x {groups = 3, eps = 1.0} : tensor<?x8xf32>
  return
}
// -----
func.func @pool_mix_c1(%d: tensor<?x7x5x8xf32>) {
  // expected-error@+1 {{'mf.pool_mix_grad' op has `size` 2; expected a positive odd number}}
  %0 = mf.pool_mix_grad %d {size = 2} : tensor<?x7x5x8xf32>
  return
}
// -----
func.func @global_avg_pool_grad_c1(%d: tensor<?x8xf32>) {
  // expected-error@+1 {{a map of 0 x 5 positions; expected positive extents}}
  %0 = mf.global_avg_pool_grad %d {height = 0, width = 5} : tensor<?x8xf32>
  return
}
// -----
func.func @attention_c1(%q: tensor<?x2x2x24xf32>, %d: tensor<?x2x2x8xf32>) {
  // expected-error@+1 {{'mf.attention_grad' op has `qkv` of 24 channels; expected 3 x 3 heads x 4 components}}
  %0 = mf.attention_grad %q, %d {heads = 3, head_dim = 4, scale = 0.5} : tensor<?x2x2x24xf32>, tensor<?x2x2x8xf32>
  return
}
// -----
func.func @attention_grad_c1(%q: tensor<?x2x2x24xf32>, %d: tensor<?x2x2x6xf32>) {
  // expected-error@+1 {{'mf.attention_grad' op has `dout` of shape [-9223372036854775808, 2, 2, 6]; expected [-9223372036854775808, 2, 2, 8]}}
  %0 = mf.attention_grad %q, %d {heads = 2, head_dim = 4, scale = 0.5} : tensor<?x2x2x24xf32>, tensor<?x2x2x6xf32>
  return
}
