//===- Markers.h - Unit attributes by which passes mark ops ---------------===//

#ifndef ARCHC_DIALECT_MF_MARKERS_H
#define ARCHC_DIALECT_MF_MARKERS_H

#include "llvm/ADT/StringRef.h"

namespace archc::mf {

/// The op's result must be readable in memory, in rows, when its kernel has run.
constexpr llvm::StringLiteral kObservedAttrName = "mf.observed";

/// The op computes a second time, in the pass back, what the pass forward computed and did not keep: it must not become one with its
/// original.
constexpr llvm::StringLiteral kRecomputedAttrName = "mf.recomputed";

/// A pass took a factor or summand off the op's result, which is no longer a value of the graph.
constexpr llvm::StringLiteral kPartialAttrName = "mf.partial";

} // namespace archc::mf

#endif // ARCHC_DIALECT_MF_MARKERS_H
