// RUN: %archc-opt "--mf-fuse=scratch-budget=4096 cached-weights=1024" --remark-format=emitRemark --remarks-filter="fuse" --verify-diagnostics %s -o /dev/null

// Few rows per block, many weights per row: the second product gets a kernel of its own.
func.func @weights_too_large(%x: tensor<?x7x7x64xf32>, %v: tensor<256x64xf32>, %w: tensor<64x256xf32>) -> tensor<?x7x7x64xf32> {
  %h = mf.linear %x, %v : tensor<?x7x7x64xf32>, tensor<256x64xf32>
  // expected-remark@+1 {{a block of 3 rows would stream 128 KB of weights}}
  %f = mf.linear %h, %w : tensor<?x7x7x256xf32>, tensor<64x256xf32>
  return %f : tensor<?x7x7x64xf32>
}

// The attention kernel puts out heads, not rows.
func.func @attention_tail(%q: tensor<?x7x7x24xf32>) -> tensor<?x7x7x8xf32> {
  // expected-remark@+1 {{it needs other positions than its own}}
  %a = mf.attention %q {heads = 2, head_dim = 4, scale = 0.5} : tensor<?x7x7x24xf32>
  // expected-remark@+1 {{the producing kernel has no elementwise tail}}
  %y = mf.relu %a : tensor<?x7x7x8xf32>
  return %y : tensor<?x7x7x8xf32>
}

// Statistics are whole only when all lines of the image are done.
func.func @statistics_then_use(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
  // expected-remark@+1 {{one kernel: relu, image_stats}}
  %p = mf.relu %x : tensor<?x7x7x8xf32>
  %s = mf.image_stats %p {groups = 1} : tensor<?x7x7x8xf32> -> tensor<?x7x1x2xf32>
  // expected-remark@+1 {{it needs the statistics of the whole image}}
  %y = mf.normalize %p, %s {groups = 1, eps = 1.0e-5, center = true} : tensor<?x7x7x8xf32>, tensor<?x7x1x2xf32>
  return %y : tensor<?x7x7x8xf32>
}

// A window reaches into rows of another worker.
func.func @window(%x: tensor<?x7x7x8xf32>) -> tensor<?x7x7x8xf32> {
  %p = mf.relu %x : tensor<?x7x7x8xf32>
  // expected-remark@+1 {{it needs other positions than its own}}
  %y = mf.pool_mix %p {size = 3} : tensor<?x7x7x8xf32>
  return %y : tensor<?x7x7x8xf32>
}
