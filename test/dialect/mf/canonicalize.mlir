// RUN: %archc-opt --canonicalize %s | FileCheck %s

// An affine op with neither part is its operand.
// CHECK-LABEL: func @affine_of_nothing
func.func @affine_of_nothing(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-SAME: (%[[X:.*]]: tensor
  // CHECK-NEXT: return %[[X]]
  %0 = mf.affine %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// The second of two ReLUs does nothing.
// CHECK-LABEL: func @relu_twice
func.func @relu_twice(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[Y:.*]] = mf.relu
  // CHECK-NEXT: return %[[Y]]
  %0 = mf.relu %x : tensor<?x4xf32>
  %1 = mf.relu %0 : tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// A group whose result nobody reads goes away, because all it does is compute.
// CHECK-LABEL: func @unused_group
func.func @unused_group(%x: tensor<?x4xf32>) {
  // CHECK-NEXT: return
  %0 = mf.fused(%a = %x) : (tensor<?x4xf32>) -> tensor<?x4xf32> {
    %1 = mf.relu %a : tensor<?x4xf32>
    mf.yield %1 : tensor<?x4xf32>
  }
  return
}
