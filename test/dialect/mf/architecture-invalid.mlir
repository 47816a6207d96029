// One case per numbered constraint of the architecture level.
// RUN: %archc-opt --split-input-file --verify-diagnostics %s

// expected-error@+1 {{'mf.arch' op has a body that does not lead from one input to one result by `mf.yield`}}
mf.arch @arch_c1 classes 0 {
^bb0(%x: tensor<?x4xf32>):
  mf.yield
}
// -----
func.func @stage_c1(%x: tensor<?x7x7x4xf32>) {
  // expected-error@+1 {{'mf.stage' op has results of other types than its `mf.yield`}}
  %0 = mf.stage 0 (%a = %x) : (tensor<?x7x7x4xf32>) -> tensor<?x7x7x8xf32> {
    mf.yield %a : tensor<?x7x7x4xf32>
  }
  return
}
// -----
func.func @component_c1(%x: tensor<?x7x7x4xf32>) {
  // expected-error@+1 {{'mf.embed' op has `component` without a string `kind`}}
  %0 = mf.embed "stem" %x {component = {kernel = 3}, params = []} : tensor<?x7x7x4xf32> -> tensor<?x7x7x4xf32>
  return
}
// -----
func.func @block_c1(%x: tensor<?x7x7x4xf32>) {
  // expected-error@+1 {{'mf.block' op has `arrangement` "series"; expected "sequential" or "parallel"}}
  %0 = mf.block "b" %x {arrangement = "series", branches = [], params = []} : tensor<?x7x7x4xf32> -> tensor<?x7x7x4xf32>
  return
}
// -----
func.func @block_c2(%x: tensor<?x7x7x4xf32>) {
  // expected-error@+1 {{'mf.block' op has `order` "norm"; expected "pre_norm" or "post_norm" or "res_post_norm"}}
  %0 = mf.block "b" %x {arrangement = "parallel", branches = [
      #mf.branch<order = "norm", slot = "mixer", function = {kind = "identity"}, norm = {kind = "none"}, scale = {kind = "none"},
                 names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>], params = []}
    : tensor<?x7x7x4xf32> -> tensor<?x7x7x4xf32>
  return
}
// -----
func.func @head_c1(%x: tensor<?x7x7x4xf32>) {
  // expected-error@+1 {{'mf.head' op has `order` "pool"; expected "norm_pool" or "pool_norm"}}
  %0 = mf.head "head" %x {order = "pool", pool = "avg", norm = {kind = "none"}, classifier = {kind = "none"}, params = []}
    : tensor<?x7x7x4xf32> -> tensor<?x4xf32>
  return
}
// -----
func.func @head_c2(%x: tensor<?x7x7x4xf32>) {
  // expected-error@+1 {{'mf.head' op has `pool` "max"; expected "avg"}}
  %0 = mf.head "head" %x {order = "pool_norm", pool = "max", norm = {kind = "none"}, classifier = {kind = "none"}, params = []}
    : tensor<?x7x7x4xf32> -> tensor<?x4xf32>
  return
}
