// What cannot be trained, and how the user learns of it.
// RUN: %archc-opt --mf-differentiate --split-input-file --verify-diagnostics %s

module attributes {mf.params = [#mf.param<"w", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
                                #mf.param<"m", tensor<8xf32>, buffer, #mf.init<"ones", 0.0, 0.0>, decay = false>]} {
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %w = mf.param "w" : tensor<8xf32>
  %m = mf.param "m" : tensor<8xf32>
  // expected-error@+1 {{batch norm cannot be trained: its statistics are those stored with the weights; expected another norm, such as `group_norm` or `layer_norm`}}
  %y = mf.batch_norm %x, %m, %m weight(%w : tensor<8xf32>) {eps = 1.0e-5} : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
  return %y : tensor<?x8xf32>
}
}
// -----
// An op that passes behind this phase make.
module attributes {mf.params = [#mf.param<"w", tensor<1x8x2x2xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>]} {
func.func @forward(%x: tensor<?x2x2x8xf32>) -> tensor<?x8xf32> {
  %w = mf.param "w" : tensor<1x8x2x2xf32>
  %a = mf.add_position %x, %w : tensor<?x2x2x8xf32>, tensor<1x8x2x2xf32>
  // expected-error@+1 {{`mf.norm_scale` has no gradient}}
  %y = mf.norm_scale %x by %a {eps = 1.0e-5} : tensor<?x2x2x8xf32>
  %p = mf.global_avg_pool %y : tensor<?x2x2x8xf32>
  return %p : tensor<?x8xf32>
}
}
// -----
module attributes {mf.params = [#mf.param<"w", tensor<8x8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>]} {
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error@+1 {{parameter `w` is read by several ops; expected one, to train it}}
  %w = mf.param "w" : tensor<8x8xf32>
  %a = mf.linear %x, %w : tensor<?x8xf32>, tensor<8x8xf32>
  %y = mf.linear %a, %w : tensor<?x8xf32>, tensor<8x8xf32>
  return %y : tensor<?x8xf32>
}
}
// -----
module attributes {mf.params = [#mf.param<"w", tensor<8x1x3x3xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
                                #mf.param<"p", tensor<1x8x2x2xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>]} {
func.func @forward(%x: tensor<?x2x2x8xf32>) -> tensor<?x8xf32> {
  %w = mf.param "w" : tensor<8x1x3x3xf32>
  %p = mf.param "p" : tensor<1x8x2x2xf32>
  %a = mf.add_position %x, %p : tensor<?x2x2x8xf32>, tensor<1x8x2x2xf32>
  // expected-error@+1 {{a depthwise convolution of kernel [3, 3] with padding [3, 3] cannot be trained; expected a padding below the kernel}}
  %b = mf.depthwise_conv2d %a, %w {padding = [3, 3]} : tensor<?x2x2x8xf32>, tensor<8x1x3x3xf32>
  %y = mf.global_avg_pool %b : tensor<?x6x6x8xf32>
  return %y : tensor<?x8xf32>
}
}
// -----
// expected-error@+1 {{gives 'tensor<?x2x2x8xf32>'; expected logits [N, classes] to train on}}
func.func @forward(%x: tensor<?x2x2x8xf32>) -> tensor<?x2x2x8xf32> {
  return %x : tensor<?x2x2x8xf32>
}
