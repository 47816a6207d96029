module {
  func.func @prepare() -> tensor<8xf32> {
    %b = mf.param "b" : tensor<8xf32>
    return %b : tensor<8xf32>
  }
  func.func @forward(%x: tensor<?x2x4x8xf32>, %b: tensor<8xf32>) -> tensor<?x2x4x8xf32> {
    %0 = mf.scale %x, %b : tensor<?x2x4x8xf32>, tensor<8xf32>
    return %0 : tensor<?x2x4x8xf32>
  }
  func.func @prepare_grad() -> (tensor<8x8xf32>, tensor<8xf32>) {
    %w = mf.param "w" : tensor<8x8xf32>
    %b = mf.param "b" : tensor<8xf32>
    return %w, %b : tensor<8x8xf32>, tensor<8xf32>
  }
  func.func @grad(%x: tensor<?x2x4x8xf32>, %w: tensor<8x8xf32>, %b: tensor<8xf32>) -> tensor<?x2x4x8xf32> {
    %0 = mf.linear %x, %w bias(%b : tensor<8xf32>) : tensor<?x2x4x8xf32>, tensor<8x8xf32>
    %1 = mf.spatial_matmul %0, %w : tensor<?x2x4x8xf32>, tensor<8x8xf32>
    return %1 : tensor<?x2x4x8xf32>
  }
}
