// What the CPU has no kernel for is an error that names the op, never a wrong kernel.
// RUN: %archc-opt --archc-fold-weights --archc-fuse --archc-layout --archc-plan %s --split-input-file --verify-diagnostics

func.func @forward(%x: tensor<?x8x8x16xf32>) -> tensor<?x16xf32> {
  %w = mf.param "w" : tensor<16x8x3x3xf32>
  // expected-error@+1 {{no kernel for a convolution of several groups; expected `groups` = 1}}
  %y = mf.conv2d %x, %w {stride = [1, 1], padding = [1, 1], groups = 2} : tensor<?x8x8x16xf32>, tensor<16x8x3x3xf32>
  %p = mf.global_avg_pool %y : tensor<?x8x8x16xf32>
  return %p : tensor<?x16xf32>
}

// -----

func.func @forward(%x: tensor<?x8x8x16xf32>) -> tensor<?x16xf32> {
  %w = mf.param "w" : tensor<16x1x3x5xf32>
  // expected-error@+1 {{changes the map's size; expected a kernel of 3, twice the padding and one, instead of 5}}
  %y = mf.depthwise_conv2d %x, %w {padding = [1, 1]} : tensor<?x8x8x16xf32>, tensor<16x1x3x5xf32>
  %p = mf.global_avg_pool %y : tensor<?x8x6x16xf32>
  return %p : tensor<?x16xf32>
}
