// RUN: %archc-opt --mf-expand-architecture --verify-expanded %s | FileCheck %s
// RUN: %archc-opt --archc-expand --mlir-print-debuginfo %s | FileCheck %s --check-prefix=LOC

module attributes {mf.params = [
  #mf.param<"stem.conv.weight", tensor<8x1x4x4xf32>, trainable, #mf.init<"trunc_normal", 0.02, 0.0>, decay = true>,
  #mf.param<"stem.norm.weight", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
  #mf.param<"stages.0.pos_embed", tensor<1x8x7x7xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>,
  #mf.param<"stages.0.blocks.0.norm1.weight", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
  #mf.param<"stages.0.blocks.0.layer_scale1.scale", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
  #mf.param<"stages.0.blocks.0.res_scale1.scale", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
  #mf.param<"stages.0.blocks.0.mlp.fc1.weight", tensor<16x8x1x1xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>,
  #mf.param<"stages.0.blocks.0.mlp.fc2.weight", tensor<8x16x1x1xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>,
  #mf.param<"stages.0.blocks.1.token_mixer.qkv.weight", tensor<24x8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>,
  #mf.param<"stages.0.blocks.1.token_mixer.proj.weight", tensor<8x8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>,
  #mf.param<"stages.0.blocks.1.token_mixer.proj.bias", tensor<8xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>,
  #mf.param<"head.fc.weight", tensor<10x8xf32>, trainable, #mf.init<"trunc_normal", 0.02, 0.0>, decay = true>,
  #mf.param<"head.fc.bias", tensor<10xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]} {
// CHECK: func.func @forward(%[[X:.*]]: tensor<?x28x28x1xf32>) -> tensor<?x10xf32> {
mf.arch @tiny classes 10 {
^bb0(%x: tensor<?x28x28x1xf32>):
  %0 = mf.stage 0 (%a = %x) : (tensor<?x28x28x1xf32>) -> tensor<?x7x7x8xf32> {
    // A stem: convolution, then the norm that timm calls `norm`.
    // CHECK: %[[CW:.*]] = mf.param "stem.conv.weight"
    // CHECK: %[[C:.*]] = mf.conv2d %[[X]], %[[CW]] {stride = [4, 4], padding = [0, 0]}
    // CHECK: %[[NW:.*]] = mf.param "stem.norm.weight"
    // CHECK: %[[S:.*]] = mf.layer_norm %[[C]] weight(%[[NW]]
    %1 = mf.embed "stem" %a {
        component = {kind = "conv", kernel = array<i64: 4, 4>, stride = array<i64: 4, 4>, padding = array<i64: 0, 0>, bias = false,
                     pre_norm = {kind = "none"}, post_norm = {kind = "layer_norm", eps = 1.0e-6, affine = "scale"}},
        params = [#mf.param<"conv.weight", tensor<8x1x4x4xf32>, trainable, #mf.init<"trunc_normal", 0.02, 0.0>, decay = true>,
                  #mf.param<"norm.weight", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>]}
      : tensor<?x28x28x1xf32> -> tensor<?x7x7x8xf32>
    // CHECK: %[[P:.*]] = mf.add_position %[[S]], %{{.*}}
    %2 = mf.position "stages.0" %1 {component = {kind = "learned"}, params = [
        #mf.param<"pos_embed", tensor<1x8x7x7xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
      : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32>
    // Norm before the function, both scales, in order; the second branch starts at the first one's sum.
    // CHECK: %[[N1:.*]] = mf.group_norm %[[P]] weight
    // CHECK: %[[M1:.*]] = mf.pool_mix %[[N1]] {size = 3}
    // CHECK: %[[L1:.*]] = mf.scale %[[M1]]
    // CHECK: %[[R1:.*]] = mf.scale %[[P]]
    // CHECK: %[[A1:.*]] = mf.add %[[R1]], %[[L1]]
    // CHECK: %[[F1:.*]] = mf.linear %[[A1]]
    // CHECK: %[[G1:.*]] = mf.star_relu %[[F1]] {scale_value = 8.944000e-01, bias_value = -4.472000e-01}
    // CHECK: %[[F2:.*]] = mf.linear %[[G1]]
    // CHECK: %[[B0:.*]] = mf.add %[[A1]], %[[F2]] {mf.observed}
    // The names of layers around the block's lines; the block's last op also answers to the block's name.
    // LOC-DAG: #[[LINE:.*]] = loc("tiny.toml":3:4)
    // LOC-DAG: loc("stages.0.blocks.0.mlp.fc1"(#[[LINE]]))
    // LOC-DAG: #[[SUM:.*]] = loc("stages.0.blocks.0.add2"(#[[LINE]]))
    // LOC-DAG: #[[BLOCK:.*]] = loc("stages.0.blocks.0"(#[[LINE]]))
    // LOC-DAG: loc(fused[#[[SUM]], #[[BLOCK]]])
    %3 = mf.block "stages.0.blocks.0" %2 {arrangement = "sequential", branches = [
        #mf.branch<order = "pre_norm", slot = "mixer", function = {kind = "pooling", size = 3},
                   norm = {kind = "group_norm", groups = 1, eps = 1.0e-5, affine = "scale"}, scale = {kind = "branch"},
                   names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>,
        #mf.branch<order = "pre_norm", slot = "channel", function = {kind = "mlp", bias = false, ratio = 2.0,
                   activation = {kind = "star_relu", learned = false, scale = 0.8944, bias = -0.4472}},
                   norm = {kind = "none"}, scale = {kind = "none"}, names = #mf.names<"mlp", "norm2", "layer_scale2", "res_scale2">>],
        params = [
        #mf.param<"norm1.weight", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
        #mf.param<"layer_scale1.scale", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
        #mf.param<"res_scale1.scale", tensor<8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = false>,
        #mf.param<"mlp.fc1.weight", tensor<16x8x1x1xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>,
        #mf.param<"mlp.fc2.weight", tensor<8x16x1x1xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>]}
      : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32> loc("stages.0.blocks.0"("tiny.toml":3:4))
    // Parallel: both functions read the block's input. After the function: res_post_norm; after the sum: post_norm.
    // CHECK: %[[Q:.*]] = mf.linear %[[B0]], %{{.*}} : tensor<?x7x7x8xf32>, tensor<24x8xf32>
    // CHECK: %[[T:.*]] = mf.attention %[[Q]] {heads = 2, head_dim = 4, scale = 5.0e-01}
    // CHECK: %[[O:.*]] = mf.linear %[[T]], %{{.*}} bias(
    // CHECK: %[[N2:.*]] = mf.layer_norm %[[O]] {eps = 1.0e-06}
    // CHECK: %[[A2:.*]] = mf.add %[[B0]], %[[N2]]
    // CHECK: %[[A3:.*]] = mf.add %[[A2]], %[[B0]]
    // CHECK: %[[N3:.*]] = mf.layer_norm %[[A3]]
    %4 = mf.block "stages.0.blocks.1" %3 {arrangement = "parallel", branches = [
        #mf.branch<order = "res_post_norm", slot = "mixer", function = {kind = "attention", head_dim = 4},
                   norm = {kind = "layer_norm", eps = 1.0e-6, affine = "none"}, scale = {kind = "none"},
                   names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>,
        #mf.branch<order = "post_norm", slot = "mixer", function = {kind = "identity"},
                   norm = {kind = "layer_norm", eps = 1.0e-6, affine = "none"}, scale = {kind = "none"},
                   names = #mf.names<"token_mixer2", "norm2", "layer_scale2", "res_scale2">>,
        #mf.branch<order = "pre_norm", slot = "channel", function = {kind = "none"}, norm = {kind = "none"}, scale = {kind = "none"},
                   names = #mf.names<"mlp", "norm3", "layer_scale3", "res_scale3">>],
        params = [
        #mf.param<"token_mixer.qkv.weight", tensor<24x8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>,
        #mf.param<"token_mixer.proj.weight", tensor<8x8xf32>, trainable, #mf.init<"ones", 0.0, 0.0>, decay = true>,
        #mf.param<"token_mixer.proj.bias", tensor<8xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
      : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32>
    mf.yield %4 : tensor<?x7x7x8xf32>
  }
  // CHECK: %[[V:.*]] = mf.global_avg_pool %[[N3]]
  // CHECK: %[[Y:.*]] = mf.linear %[[V]], %{{.*}} bias(
  // CHECK: return %[[Y]]
  %5 = mf.head "head" %0 {order = "pool_norm", pool = "avg", norm = {kind = "none"}, classifier = {kind = "linear"}, params = [
      #mf.param<"fc.weight", tensor<10x8xf32>, trainable, #mf.init<"trunc_normal", 0.02, 0.0>, decay = true>,
      #mf.param<"fc.bias", tensor<10xf32>, trainable, #mf.init<"zeros", 0.0, 0.0>, decay = false>]}
    : tensor<?x7x7x8xf32> -> tensor<?x10xf32>
  mf.yield %5 : tensor<?x10xf32>
}
}
