// RUN: %archc-opt --mf-fuse --mf-pack-weights %s | FileCheck %s

// Each parameter is laid out as the op that reads it wants it.
module {
  // CHECK-DAG: mf.pack %{{.*}}{layout = <conv_panels>} : tensor<8x3x2x2xf32>
  // CHECK-DAG: mf.pack %{{.*}}{layout = <vector>} : tensor<8xf32>
  // CHECK-DAG: mf.pack %{{.*}}{layout = <taps>} : tensor<8x1x3x3xf32>
  // CHECK-DAG: mf.pack %{{.*}}{layout = <matrix>} : tensor<16x16xf32>
  // CHECK-DAG: mf.pack %{{.*}}{layout = <position>} : tensor<1x8x4x4xf32>
  func.func @prepare() -> (tensor<8x3x2x2xf32>, tensor<8xf32>, tensor<8x1x3x3xf32>, tensor<16x16xf32>, tensor<1x8x4x4xf32>) {
    %a = mf.param "a" : tensor<8x3x2x2xf32>
    %b = mf.param "b" : tensor<8xf32>
    %c = mf.param "c" : tensor<8x1x3x3xf32>
    %d = mf.param "d" : tensor<16x16xf32>
    %e = mf.param "e" : tensor<1x8x4x4xf32>
    return %a, %b, %c, %d, %e : tensor<8x3x2x2xf32>, tensor<8xf32>, tensor<8x1x3x3xf32>, tensor<16x16xf32>, tensor<1x8x4x4xf32>
  }
  func.func @forward(%x: tensor<?x8x8x3xf32>, %a: tensor<8x3x2x2xf32>, %b: tensor<8xf32>, %c: tensor<8x1x3x3xf32>,
                     %d: tensor<16x16xf32>, %e: tensor<1x8x4x4xf32>) -> tensor<?x4x4x8xf32> {
    %0 = mf.conv2d %x, %a bias(%b : tensor<8xf32>) {stride = [2, 2], padding = [0, 0]} : tensor<?x8x8x3xf32>, tensor<8x3x2x2xf32>
    %1 = mf.add_position %0, %e : tensor<?x4x4x8xf32>, tensor<1x8x4x4xf32>
    %2 = mf.depthwise_conv2d %1, %c {padding = [1, 1]} : tensor<?x4x4x8xf32>, tensor<8x1x3x3xf32>
    %3 = mf.spatial_matmul %2, %d : tensor<?x4x4x8xf32>, tensor<16x16xf32>
    return %3 : tensor<?x4x4x8xf32>
  }
}

// What a training step reads in two layouts is packed twice; the second comes behind all others.
// RUN: %archc-opt --mf-fuse --mf-pack-weights %S/Inputs/two-layouts.mlir | FileCheck %s --check-prefix=TWICE
// TWICE-LABEL: @prepare_grad() -> (tensor<8x8xf32>, tensor<8xf32>, tensor<8x8xf32>)
// TWICE-DAG: %[[W:.*]] = mf.param "w"
// TWICE-DAG: mf.pack %[[W]] {layout = <panels>}
// TWICE-DAG: mf.pack %[[W]] {layout = <matrix>}
// TWICE-LABEL: @grad(
// TWICE-SAME: %[[X:.*]]: tensor<?x2x4x8xf32>, %[[P:.*]]: tensor<8x8xf32>, %[[B:.*]]: tensor<8xf32>, %[[M:.*]]: tensor<8x8xf32>)
// TWICE: mf.fused(%{{.*}} = %[[X]], %{{.*}} = %[[P]], %{{.*}} = %[[B]])
// TWICE: mf.fused(%{{.*}} = %{{.*}}, %{{.*}} = %[[M]])
