// RUN: %archc-opt --mf-expand-architecture --split-input-file --verify-diagnostics %s

mf.arch @unknown_kind classes 0 {
^bb0(%x: tensor<?x7x7x8xf32>):
  // expected-error@+1 {{has mixer `fourier`, which no expander is registered for}}
  %0 = mf.block "stages.0.blocks.0" %x {arrangement = "sequential", branches = [
      #mf.branch<order = "pre_norm", slot = "mixer", function = {kind = "fourier"}, norm = {kind = "none"}, scale = {kind = "none"},
                 names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>], params = []}
    : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32>
  mf.yield %0 : tensor<?x7x7x8xf32>
}
// -----
mf.arch @missing_parameter classes 0 {
^bb0(%x: tensor<?x7x7x8xf32>):
  // expected-error@+1 {{declares no parameter `token_mixer.random_matrix`}}
  %0 = mf.block "stages.0.blocks.0" %x {arrangement = "sequential", branches = [
      #mf.branch<order = "pre_norm", slot = "mixer", function = {kind = "random"}, norm = {kind = "none"}, scale = {kind = "none"},
                 names = #mf.names<"token_mixer", "norm1", "layer_scale1", "res_scale1">>], params = []}
    : tensor<?x7x7x8xf32> -> tensor<?x7x7x8xf32>
  mf.yield %0 : tensor<?x7x7x8xf32>
}
// -----
mf.arch @other_type classes 0 {
^bb0(%x: tensor<?x7x7x8xf32>):
  // expected-error@+1 {{expands to 'tensor<?x7x7x8xf32>'; expected 'tensor<?x7x7x4xf32>'}}
  %0 = mf.block "stages.0.blocks.0" %x {arrangement = "sequential", branches = [], params = []}
    : tensor<?x7x7x8xf32> -> tensor<?x7x7x4xf32>
  mf.yield %0 : tensor<?x7x7x4xf32>
}
// -----
mf.arch @no_part classes 0 {
^bb0(%x: tensor<?x7x7x8xf32>):
  // expected-error@+1 {{is no part of an architecture}}
  %0 = mf.relu %x : tensor<?x7x7x8xf32>
  mf.yield %0 : tensor<?x7x7x8xf32>
}
