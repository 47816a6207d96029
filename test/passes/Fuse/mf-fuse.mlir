// RUN: %archc-opt --mf-fuse %s | FileCheck %s
// RUN: %archc-opt "--mf-fuse=enabled=false" %s | FileCheck %s --check-prefix=APART

// The rows of a whole MLP branch: norm, two products, activation and residual are one kernel.
// CHECK-LABEL: @mlp
// CHECK: mf.fused
// CHECK: mf.layer_norm
// CHECK: mf.linear
// CHECK: mf.gelu
// CHECK: mf.linear
// CHECK: mf.add
// CHECK: mf.yield
// CHECK-NOT: mf.fused
// APART-LABEL: @mlp
// APART-COUNT-5: mf.fused
func.func @mlp(%x: tensor<?x7x7x8xf32>, %v: tensor<32x8xf32>, %w: tensor<8x32xf32>) -> tensor<?x7x7x8xf32> {
  %n = mf.layer_norm %x {eps = 1.0e-6} : tensor<?x7x7x8xf32>
  %h = mf.linear %n, %v : tensor<?x7x7x8xf32>, tensor<32x8xf32>
  %a = mf.gelu %h : tensor<?x7x7x32xf32>
  %f = mf.linear %a, %w : tensor<?x7x7x32xf32>, tensor<8x32xf32>
  %y = mf.add %x, %f : tensor<?x7x7x8xf32>
  return %y : tensor<?x7x7x8xf32>
}

// A value that a later kernel reads is put out by the kernel that computes it.
// CHECK-LABEL: @residual_kept
// CHECK: %[[F:.*]]:2 = mf.fused
// CHECK: %[[Y:.*]] = mf.fused(%{{.*}} = %[[F]]#1, %{{.*}} = %{{.*}}, %{{.*}} = %[[F]]#0)
// CHECK: mf.depthwise_conv2d
// CHECK: mf.add
func.func @residual_kept(%x: tensor<?x7x7x8xf32>, %v: tensor<8x8xf32>, %w: tensor<8x1x3x3xf32>) -> tensor<?x7x7x8xf32> {
  %p = mf.relu %x : tensor<?x7x7x8xf32>
  %h = mf.linear %p, %v : tensor<?x7x7x8xf32>, tensor<8x8xf32>
  %d = mf.depthwise_conv2d %h, %w {padding = [1, 1]} : tensor<?x7x7x8xf32>, tensor<8x1x3x3xf32>
  %y = mf.add %p, %d : tensor<?x7x7x8xf32>
  return %y : tensor<?x7x7x8xf32>
}

// The factor on a shortcut waits for the sum: the first kernel puts out one map, not two.
// CHECK-LABEL: @scaled_shortcut
// CHECK: %[[P:.*]] = mf.fused
// CHECK: mf.relu
// CHECK: mf.yield %{{[^,]*}} :
// CHECK: mf.fused
// CHECK: mf.pool_mix
// CHECK: mf.scale
// CHECK: mf.add
func.func @scaled_shortcut(%x: tensor<?x7x7x8xf32>, %s: tensor<8xf32>) -> tensor<?x7x7x8xf32> {
  %p = mf.relu %x : tensor<?x7x7x8xf32>
  %r = mf.scale %p, %s : tensor<?x7x7x8xf32>, tensor<8xf32>
  %m = mf.pool_mix %p {size = 3} : tensor<?x7x7x8xf32>
  %y = mf.add %r, %m : tensor<?x7x7x8xf32>
  return %y : tensor<?x7x7x8xf32>
}

// A mixer that reads the network's dense input gets a copy with padded rows.
// CHECK-LABEL: @mixer_on_input
// CHECK: %[[C:.*]] = mf.fused
// CHECK: mf.affine
// CHECK: mf.fused(%{{.*}} = %[[C]])
// CHECK: mf.pool_mix
func.func @mixer_on_input(%x: tensor<?x7x7x3xf32>) -> tensor<?x7x7x3xf32> {
  %y = mf.pool_mix %x {size = 3} : tensor<?x7x7x3xf32>
  return %y : tensor<?x7x7x3xf32>
}
