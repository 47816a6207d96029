// RUN: %archc-opt --mf-fuse %s | FileCheck %s

// The pass back does not extend kernels of the pass forward; the activation's derivative is computed where it is read; sums over all
// rows are kernels of their own; two parameters with one gradient get a value each.
// CHECK-LABEL: @grad
// CHECK: mf.fused
// CHECK: mf.linear
// CHECK: mf.squared_relu
// CHECK: mf.linear
// CHECK: mf.cross_entropy %
// CHECK: mf.yield
// CHECK: %[[G:.*]] = mf.fused
// CHECK: mf.cross_entropy_grad
// CHECK: mf.linear
// CHECK: mf.relu
// CHECK: mf.mul
// CHECK: mf.yield
// CHECK: %[[W:.*]] = mf.fused
// CHECK-NEXT: mf.linear_weight_grad
// CHECK-NEXT: mf.yield
// CHECK: %[[A:.*]] = mf.fused
// CHECK-NEXT: mf.channel_sum
// CHECK-NEXT: mf.yield
// CHECK: %[[B:.*]] = mf.fused
// CHECK-NEXT: mf.channel_sum
// CHECK-NEXT: mf.yield
// CHECK: return %{{.*}}, %{{.*}}, %[[W]], %[[A]], %[[B]]
func.func @grad(%x: tensor<?x8xf32>, %t: tensor<?x4xf32>, %w: tensor<16x8xf32>, %c: tensor<16xf32>, %v: tensor<4x16xf32>,
                %a: tensor<16x4xf32>)
    -> (tensor<?x1xf32>, tensor<?x4xf32>, tensor<16x8xf32>, tensor<16xf32>, tensor<16xf32>) {
  %h = mf.linear %x, %w bias(%c : tensor<16xf32>) : tensor<?x8xf32>, tensor<16x8xf32>
  %s = mf.squared_relu %h : tensor<?x16xf32>
  %y = mf.linear %s, %v : tensor<?x16xf32>, tensor<4x16xf32>
  %l = mf.cross_entropy %y, %t : tensor<?x4xf32>
  %g = mf.cross_entropy_grad %y, %t : tensor<?x4xf32>
  %d = mf.linear %g, %a : tensor<?x4xf32>, tensor<16x4xf32>
  %r = mf.relu %h : tensor<?x16xf32>
  %e = mf.mul %d, %r {factor = 2.0} : tensor<?x16xf32>
  %dw = mf.linear_weight_grad %x, %e : tensor<?x8xf32>, tensor<?x16xf32> -> tensor<16x8xf32>
  %dc = mf.channel_sum %e : tensor<?x16xf32> -> tensor<16xf32>
  return %l, %y, %dw, %dc, %dc : tensor<?x1xf32>, tensor<?x4xf32>, tensor<16x8xf32>, tensor<16xf32>, tensor<16xf32>
}
