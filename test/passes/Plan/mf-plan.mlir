// RUN: %archc-opt --mf-fuse --mf-pack-weights "--mf-plan=target=cpu:x86-64-v3 mean=0.5 std=0.25" %s | FileCheck %s

// Weights are packed by one step each; equal blocks are one kernel with two steps; the byte entry has one step more.
module {
  // CHECK-LABEL: func.func @prepare
  // CHECK: mf.pack %{{.*}}{layout = <panels>}
  func.func @prepare() -> (tensor<8x8xf32>, tensor<8x8xf32>) {
    %v = mf.param "v" : tensor<8x8xf32>
    %w = mf.param "w" : tensor<8x8xf32>
    return %v, %w : tensor<8x8xf32>, tensor<8x8xf32>
  }
  func.func @forward(%x: tensor<?x4x4x8xf32>, %v: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x4x4x8xf32> {
    %0 = mf.pool_mix %x {size = 3} : tensor<?x4x4x8xf32>
    %1 = mf.linear %0, %v : tensor<?x4x4x8xf32>, tensor<8x8xf32>
    %2 = mf.pool_mix %1 {size = 3} : tensor<?x4x4x8xf32>
    %3 = mf.linear %2, %w : tensor<?x4x4x8xf32>, tensor<8x8xf32>
    %4 = mf.pool_mix %3 {size = 3} : tensor<?x4x4x8xf32>
    %5 = mf.linear %4, %w : tensor<?x4x4x8xf32>, tensor<8x8xf32>
    %6 = mf.pool_mix %5 {size = 3} : tensor<?x4x4x8xf32>
    return %6 : tensor<?x4x4x8xf32>
  }
}
// CHECK: plan.program "cpu:x86-64-v3"
// CHECK-DAG: plan.buffer @[[V:.*]] packed at <0 + 0 * batch>
// CHECK-DAG: plan.buffer @{{.*}} param at {{.*}} {param = "v"
// CHECK-LABEL: plan.function @prepare
// CHECK: plan.step @[[PACK:k[0-9]+]] [
// CHECK: plan.step @[[PACK]] [
// CHECK-LABEL: plan.function @forward_f32
// CHECK: plan.step @{{.*}} over image_rows <0 + 4 * batch>
// CHECK: plan.step @[[BLOCK:k[0-9]+]] [{{.*}} over image_rows <0 + 4 * batch>
// CHECK: plan.step @[[BLOCK]] [
// CHECK-LABEL: plan.function @forward_u8
// CHECK: plan.step @{{.*}} over rows <0 + 16 * batch>
// CHECK: plan.step @{{.*}} over image_rows
