#include <llvm/Support/Error.h>
