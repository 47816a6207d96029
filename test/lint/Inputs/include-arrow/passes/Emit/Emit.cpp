#include "runtime/abi/Container.h"
#include "runtime/core/Model.h"
