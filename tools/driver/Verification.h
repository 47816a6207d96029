//===- Verification.h - Compiled kernels against the reference ------------===//
//
// Every tensor that the compiled plan leaves in memory is compared with the unsimplified op graph, computed in f64 from the tensors
// that the kernel itself read: so a kernel answers for its own error only. What is allowed follows from the graph computed op by op in
// f32 from the same tensors: twice its largest error, plus one unit in the last place of the largest value.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_VERIFICATION_H
#define ARCHC_TOOLS_DRIVER_VERIFICATION_H

#include "runtime/api/Model.h"

namespace archc::driver {

/// One compared tensor.
struct VerifiedTensor {
  std::string kernels; // that computed it, since the last compared tensor: "k36 k37"
  std::string path;    // of the graph op that it is the result of; "(whole network)" for the last row
  std::string line;    // "archs/caformer/s18.toml:12", or ""
  double error = 0, yardstick = 0, allowed = 0, largest = 0;
  bool ok() const { return error <= allowed; }
};

struct VerifyRequest {
  std::shared_ptr<archrt::Model> model;             // with a compiled plan and `params` set
  std::shared_ptr<const archrt::ParamStore> params; // in memory; also for the reference
  int64_t batch = 2;
  uint64_t seed = 1;
};

/// Rows in the order of the plan; the last compares the outputs of the whole network.
archrt::Result<std::vector<VerifiedTensor>> verifyModel(const VerifyRequest &request);

/// Parameters that are neither zero nor one anywhere, so that a wrong fold shows.
archrt::Result<std::shared_ptr<archrt::ParamStore>> randomParams(const archrt::abi::Model &model, uint64_t seed);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_VERIFICATION_H
