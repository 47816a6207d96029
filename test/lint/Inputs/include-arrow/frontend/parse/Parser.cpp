#include "frontend/model/Architecture.h"
#include "passes/Fuse/Groups.h"
#include "mlir/IR/Builders.h"
