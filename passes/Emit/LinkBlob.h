//===- LinkBlob.h - An ELF object to position-independent bytes -----------===//

#ifndef ARCHC_PASSES_EMIT_LINKBLOB_H
#define ARCHC_PASSES_EMIT_LINKBLOB_H

#include "passes/Emit/NativeCode.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace archc::cpu {

/// Lays out code and constants of an x86-64 relocatable object one after the other and resolves the relocations between them.
/// Anything that a loader would have to do, an undefined symbol or writable data, is an error.
llvm::Expected<NativeCode> linkBlob(llvm::MemoryBufferRef object);

} // namespace archc::cpu

#endif // ARCHC_PASSES_EMIT_LINKBLOB_H
