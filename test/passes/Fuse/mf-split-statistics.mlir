// RUN: %archc-opt --mf-split-statistics %s | FileCheck %s

// Two norms of one map share its statistics, which stand right behind it.
// CHECK-LABEL: @shared
// CHECK: %[[P:.*]] = mf.relu
// CHECK-NEXT: %[[S:.*]] = mf.image_stats %[[P]] {groups = 1}
// CHECK-NOT: mf.image_stats
// CHECK: mf.normalize %[[P]], %[[S]] {groups = 1, eps = {{.*}}, center = true}
// CHECK: mf.normalize %{{.*}}, %[[S]] {groups = 1, eps = {{.*}}, center = false}
func.func @shared(%x: tensor<?x7x7x8xf32>) -> (tensor<?x7x7x8xf32>, tensor<?x7x7x8xf32>) {
  %p = mf.relu %x : tensor<?x7x7x8xf32>
  %a = mf.group_norm %p {groups = 1, eps = 1.0e-5} : tensor<?x7x7x8xf32>
  %m = mf.pool_mix %p {size = 3} : tensor<?x7x7x8xf32>
  %b = mf.norm_scale %m by %p {eps = 1.0e-5} : tensor<?x7x7x8xf32>
  return %a, %b : tensor<?x7x7x8xf32>, tensor<?x7x7x8xf32>
}

// A pooled vector is one line.
// CHECK-LABEL: @pooled
// CHECK: mf.image_stats %{{.*}} {groups = 2} : tensor<?x8xf32> -> tensor<?x1x2x2xf32>
func.func @pooled(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %a = mf.group_norm %x {groups = 2, eps = 1.0e-5} : tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// A norm of a norm: the second reads what the first became.
// CHECK-LABEL: @chain
// CHECK: mf.image_stats
// CHECK: %[[A:.*]] = mf.normalize
// CHECK: %[[S:.*]] = mf.image_stats %[[A]]
// CHECK: mf.normalize %[[A]], %[[S]]
func.func @chain(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
  %a = mf.group_norm %x {groups = 1, eps = 1.0e-5} : tensor<?x7x7x8xf32>
  %b = mf.group_norm %a {groups = 2, eps = 1.0e-5} : tensor<?x7x7x8xf32>
  return %b : tensor<?x7x7x8xf32>
}

// The sum of a map over all rows is that of its lines, which can be taken where the map is computed; vectors have no lines.
// CHECK-LABEL: @sums
// CHECK: %[[L:.*]] = mf.line_sums %{{.*}} times(%{{.*}} : tensor<?x7x5x8xf32>) : tensor<?x7x5x8xf32> -> tensor<?x7x1x8xf32>
// CHECK: mf.channel_sum %[[L]] : tensor<?x7x1x8xf32> -> tensor<1xf32>
// CHECK-NOT: mf.line_sums
// CHECK: mf.channel_sum %{{.*}} : tensor<?x8xf32> -> tensor<8xf32>
func.func @sums(%x: tensor<?x7x5x8xf32>, %y: tensor<?x7x5x8xf32>, %v: tensor<?x8xf32>) -> (tensor<1xf32>, tensor<8xf32>) {
  %a = mf.channel_sum %x times(%y : tensor<?x7x5x8xf32>) : tensor<?x7x5x8xf32> -> tensor<1xf32>
  %b = mf.channel_sum %v : tensor<?x8xf32> -> tensor<8xf32>
  return %a, %b : tensor<1xf32>, tensor<8xf32>
}
