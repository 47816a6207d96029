//===- KernelArgs.h - The one signature of native kernels -----------------===//
//
// Shared, with nothing else, by generated code and the runtime. Plain C layout.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_ABI_KERNELARGS_H
#define ARCHRT_ABI_KERNELARGS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Index of a symbol in `archrt_kernel_args::symbols`.
enum { ARCHRT_SYMBOL_BATCH = 0, ARCHRT_SYMBOL_COUNT = 1 };

/// Functions that kernels may call; a table, so that code needs no relocation.
typedef struct archrt_kernel_services {
  uint64_t struct_size;
} archrt_kernel_services;

/// `buffers`: one pointer per operand of the step, in its order, 64-byte aligned.
/// `scratch`: private to the calling worker, 64-byte aligned, as many bytes as the step asks for.
typedef struct archrt_kernel_args {
  void *const *buffers;
  const int64_t *symbols;
  void *scratch;
  const archrt_kernel_services *services;
} archrt_kernel_args;

/// Runs iterations [begin, end) of the step's axis. Uses less than 16 KB of stack and writes only its operands' own part.
typedef void (*archrt_kernel_fn)(const archrt_kernel_args *args, int64_t begin, int64_t end);

#ifdef __cplusplus
}
#endif

#endif // ARCHRT_ABI_KERNELARGS_H
