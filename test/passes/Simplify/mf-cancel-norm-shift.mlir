// RUN: %archc-opt --pass-pipeline='builtin.module(func.func(mf-cancel-norm-shift))' --split-input-file %s | FileCheck %s
// RUN: %archc-opt --pass-pipeline='builtin.module(func.func(mf-cancel-norm-shift))' --split-input-file --remarks-filter='simplify' --verify-diagnostics %s

// The norm's weight follows the mixer; mean and bias are gone, and no normalised map is left.
// CHECK-LABEL: func @one_group
// CHECK-SAME: (%[[X:.*]]: tensor<?x7x5x8xf32>, %[[W:.*]]: tensor<8xf32>, %{{.*}}: tensor<8xf32>)
func.func @one_group(%x: tensor<?x7x5x8xf32>, %w: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: %[[P:.*]] = mf.pool_mix %[[X]] {size = 3} {mf.partial}
  // CHECK-NEXT: %[[Y:.*]] = mf.norm_scale %[[P]] by %[[X]] weight(%[[W]] : tensor<8xf32>) {eps = 1.0e-05}
  // CHECK-NEXT: return %[[Y]]
  %n = mf.group_norm %x weight(%w : tensor<8xf32>) bias(%b : tensor<8xf32>) {groups = 1, eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{norm became a factor behind the mixer; its mean and bias cancel}}
  %y = mf.pool_mix %n {size = 3} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// A norm over channels and positions without an affine part is the same thing.
// CHECK-LABEL: func @chw_without_affine
func.func @chw_without_affine(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.pool_mix
  // CHECK-NEXT: mf.norm_scale %{{.*}} by %{{.*}} {eps = 1.0e-05}
  %n = mf.layer_norm_chw %x {eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{norm became a factor}}
  %y = mf.pool_mix %n {size = 5} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// A weight that differs between positions does not commute with the pool.
// CHECK-LABEL: func @chw_with_affine
func.func @chw_with_affine(%x: tensor<?x7x5x8xf32>, %w: tensor<8x7x5xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.layer_norm_chw
  // CHECK-NEXT: mf.pool_mix
  %n = mf.layer_norm_chw %x weight(%w : tensor<8x7x5xf32>) {eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{the norm's affine part varies over positions}}
  %y = mf.pool_mix %n {size = 3} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// Statistics per position do not commute with the pool.
// CHECK-LABEL: func @per_position
func.func @per_position(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.layer_norm
  %n = mf.layer_norm %x {eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{the norm's statistics are not over whole images}}
  %y = mf.pool_mix %n {size = 3} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// Groups of channels would need a factor per group; declined.
// CHECK-LABEL: func @two_groups
func.func @two_groups(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.group_norm
  %n = mf.group_norm %x {groups = 2, eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{the norm's statistics are not over whole images}}
  %y = mf.pool_mix %n {size = 3} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// RMS norm subtracts no mean.
// CHECK-LABEL: func @rms
func.func @rms(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.rms_norm
  %n = mf.rms_norm %x {eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{the norm subtracts no mean}}
  %y = mf.pool_mix %n {size = 3} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// The value of the graph that the mixer had, its name and its marks are behind the factor; what is left of the mixer is no
// value of the graph.
// CHECK-LABEL: func @observed_mixer
func.func @observed_mixer(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.pool_mix %{{.*}} {size = 3} {mf.partial}
  // CHECK-NEXT: mf.norm_scale %{{.*}} by %{{.*}} {eps = 1.0e-05} {mf.observed}
  %n = mf.group_norm %x {groups = 1, eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{norm became a factor}}
  %y = mf.pool_mix %n {size = 3} {mf.observed} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// Whoever taps the normalised map wants it in memory.
// CHECK-LABEL: func @observed_norm
func.func @observed_norm(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.group_norm
  %n = mf.group_norm %x {groups = 1, eps = 1.0e-5} {mf.observed} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{the normalised map is observed}}
  %y = mf.pool_mix %n {size = 3} : tensor<?x7x5x8xf32>
  return %y : tensor<?x7x5x8xf32>
}
// -----
// Someone else reads the normalised map, so it exists anyway.
// CHECK-LABEL: func @second_reader
func.func @second_reader(%x: tensor<?x7x5x8xf32>) -> tensor<?x7x5x8xf32> {
  // CHECK-NEXT: mf.group_norm
  %n = mf.group_norm %x {groups = 1, eps = 1.0e-5} : tensor<?x7x5x8xf32>
  // expected-remark@+1 {{another op reads the normalised map}}
  %y = mf.pool_mix %n {size = 3} : tensor<?x7x5x8xf32>
  %z = mf.add %n, %y : tensor<?x7x5x8xf32>
  return %z : tensor<?x7x5x8xf32>
}
// -----
// Random mixing does not cancel what is added, so the norm stays (and nothing is said: no rule applies).
// CHECK-LABEL: func @other_mixer
func.func @other_mixer(%x: tensor<?x2x2x8xf32>, %m: tensor<4x4xf32>) -> tensor<?x2x2x8xf32> {
  // CHECK-NEXT: mf.group_norm
  // CHECK-NEXT: mf.spatial_matmul
  %n = mf.group_norm %x {groups = 1, eps = 1.0e-5} : tensor<?x2x2x8xf32>
  %y = mf.spatial_matmul %n, %m : tensor<?x2x2x8xf32>, tensor<4x4xf32>
  return %y : tensor<?x2x2x8xf32>
}
