//===- main.cpp - archc-opt: passes on .mlir files ------------------------===//

#include "passes/Pipelines/Register.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  archc::registerDialects(registry);
  archc::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "runs archc's passes on .mlir files\n", registry));
}
