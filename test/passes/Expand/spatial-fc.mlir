// RUN: %archc-opt --mf-expand-architecture %s | FileCheck %s

// One matrix over the 4 positions and a bias per position, alike for every channel.
// CHECK-LABEL: func.func @forward
// CHECK: %[[X:.*]] = mf.layer_norm
// CHECK-DAG: %[[W:.*]] = mf.param "stages.0.blocks.0.token_mixer.fc.weight" : tensor<4x4xf32>
// CHECK-DAG: %[[B:.*]] = mf.param "stages.0.blocks.0.token_mixer.fc.bias" : tensor<4xf32>
// CHECK: mf.spatial_matmul %{{.*}}, %[[W]] bias(%[[B]]
mf.arch @tiny classes 0 {
^bb0(%x: tensor<?x2x2x8xf32>):
  %0 = mf.block "stages.0.blocks.0" %x {arrangement = "sequential", branches = [
      #mf.branch<order = "pre_norm", slot = "mixer", function = {kind = "spatial_fc", bias = true},
                 norm = {kind = "layer_norm", affine = "none", eps = 1.0e-6}, scale = {kind = "none"},
                 names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>],
      params = [
        #mf.param<"token_mixer.fc.weight", tensor<4x4xf32>, trainable, #mf.init<"trunc_normal", 0.02, 0.0>, decay = true>,
        #mf.param<"token_mixer.fc.bias", tensor<4xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
    : tensor<?x2x2x8xf32> -> tensor<?x2x2x8xf32>
  mf.yield %0 : tensor<?x2x2x8xf32>
}
