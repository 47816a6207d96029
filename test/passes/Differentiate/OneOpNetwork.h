//===- OneOpNetwork.h - Conformance cases as networks to train ------------===//
//
// A random factor per position behind a case's ops, and a random summand before them, make every position count, and make the
// gradient of the case's input that of a parameter.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TEST_PASSES_DIFFERENTIATE_ONEOPNETWORK_H
#define ARCHC_TEST_PASSES_DIFFERENTIATE_ONEOPNETWORK_H

#include "test/passes/ConformanceCases.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>

namespace archc::test {

/// A context with every dialect.
mlir::MLIRContext &sharedContext();

/// The conformance cases, and ops and shapes that only gradients meet.
std::vector<conformance::Case> gradientCases();

/// What a case is trained with: one class alone has no cross entropy.
std::string lossOf(const conformance::Case &test);

/// What the host may leave out.
struct Dropping {
  bool path = false, head = false;
};

/// `forward` and `grad` of a case; null when it cannot be trained.
mlir::OwningOpRef<mlir::ModuleOp> differentiated(const conformance::Case &test, const std::string &loss, Dropping dropping = {});

} // namespace archc::test

#endif // ARCHC_TEST_PASSES_DIFFERENTIATE_ONEOPNETWORK_H
