//===- CodeMapping.h - An artifact's machine code, executable -------------===//

#ifndef ARCHRT_DEVICE_CPU_CODEMAPPING_H
#define ARCHRT_DEVICE_CPU_CODEMAPPING_H

#include "runtime/graph/Artifact.h"

#include <memory>

namespace archrt {

/// Makes the CODE section of a plan readable and executable, never writable: in place where the artifact is a mapped file, in a
/// copy where it is not or the file system forbids execution.
class CodeMapping {
public:
  static Result<std::unique_ptr<CodeMapping>> create(std::shared_ptr<const Artifact> artifact, const abi::TargetPlan &plan);
  ~CodeMapping();

  const uint8_t *base() const { return code; }

private:
  CodeMapping() = default;
  std::shared_ptr<const Artifact> artifact;
  const uint8_t *code = nullptr;
  void *copy = nullptr;
  size_t size = 0;
};

} // namespace archrt

#endif // ARCHRT_DEVICE_CPU_CODEMAPPING_H
