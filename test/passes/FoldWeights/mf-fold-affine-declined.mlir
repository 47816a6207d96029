// RUN: %archc-opt --mf-fold-affine --remark-format=emitRemark --remarks-filter="fold-weights" --verify-diagnostics %s | FileCheck %s

// A shift may not pass zero padding: at the border the convolution would see it where there is none.
// CHECK-LABEL: @padded_consumer
// CHECK: mf.star_relu %{{.*}} scale(%{{.*}}) bias(
func.func @padded_consumer(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
  %s = mf.param "s" : tensor<1xf32>
  %b = mf.param "b" : tensor<1xf32>
  // expected-remark@+1 {{a consumer pads with zeros}}
  %a = mf.star_relu %x scale(%s : tensor<1xf32>) bias(%b : tensor<1xf32>) : tensor<?x7x7x8xf32>
  %w = mf.param "w" : tensor<8x1x3x3xf32>
  %y = mf.depthwise_conv2d %a, %w {padding = [1, 1]} : tensor<?x7x7x8xf32>, tensor<8x1x3x3xf32>
  return %y : tensor<?x7x7x8xf32>
}

// An addition has no weights.
// CHECK-LABEL: @consumer_without_weights
// CHECK: mf.layer_norm %{{.*}} weight(
func.func @consumer_without_weights(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
  %g = mf.param "g" : tensor<8xf32>
  // expected-remark@+1 {{a consumer has no weights to fold into}}
  %n = mf.layer_norm %x weight(%g : tensor<8xf32>) {eps = 1.0e-6} : tensor<?x7x7x8xf32>
  %y = mf.add %x, %n : tensor<?x7x7x8xf32>
  return %y : tensor<?x7x7x8xf32>
}

// What can be tapped keeps its value.
// CHECK-LABEL: @observed
// CHECK: mf.layer_norm %{{.*}} weight(
func.func @observed(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
  %g = mf.param "g" : tensor<8xf32>
  // expected-remark@+1 {{its result is observed}}
  %n = mf.layer_norm %x weight(%g : tensor<8xf32>) {eps = 1.0e-6} {mf.observed} : tensor<?x7x7x8xf32>
  %w = mf.param "w" : tensor<8x8xf32>
  %y = mf.linear %n, %w : tensor<?x7x7x8xf32>, tensor<8x8xf32>
  return %y : tensor<?x7x7x8xf32>
}
