//===- Artifact.h - A loaded and validated .archx file --------------------===//
//
// Owns the bytes and hands out the tables in them. Whoever holds one may rely on everything that the validators check: indices,
// sizes, alignments and operand roles need no further look.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_GRAPH_ARTIFACT_H
#define ARCHRT_GRAPH_ARTIFACT_H

#include "runtime/abi/artifact_generated.h"
#include "runtime/core/AlignedBuffer.h"
#include "runtime/core/ContainerReader.h"
#include "runtime/core/MappedFile.h"

#include <memory>
#include <string>
#include <vector>

namespace archrt {

/// No plan may be asked for more images at once; keeps every extent far from overflow.
constexpr int64_t kMaxBatch = 1 << 16;

class Artifact {
public:
  static Result<std::shared_ptr<const Artifact>> open(const std::string &path, HashCheck check = HashCheck::On);
  /// Copies `bytes`.
  static Result<std::shared_ptr<const Artifact>> fromBytes(ByteView bytes, HashCheck check = HashCheck::On);

  const abi::Model &model() const { return *modelTable; }
  const std::vector<const abi::TargetPlan *> &plans() const { return planTables; }
  /// Of a CPU plan; empty for a GPU plan.
  ByteView code(const abi::TargetPlan &plan) const;
  /// Of a GPU plan in one of its forms; empty when it does not come in that form.
  ByteView gpuCode(const abi::TargetPlan &plan, abi::GpuCodeKind kind) const;
  /// A whole safetensors file, or empty.
  ByteView weights() const { return weightBytes; }
  const std::vector<Section> &sections() const { return sectionList; }
  ByteView bytes() const { return file ? file->bytes() : copy.bytes(); }
  /// Whether the bytes are pages of a file, so that code can be run where it lies.
  bool isMapped() const { return file != nullptr; }

  /// The graph function "forward".
  const abi::Function &forward() const { return *forwardFunction; }

private:
  Status load(HashCheck check);
  Status readTables();
  Status checkCode(const abi::TargetPlan &plan) const;

  std::shared_ptr<MappedFile> file;
  AlignedBuffer copy;
  std::vector<Section> sectionList;
  const abi::Model *modelTable = nullptr;
  const abi::Function *forwardFunction = nullptr;
  std::vector<const abi::TargetPlan *> planTables;
  ByteView weightBytes;
};

/// The elements of a FlatBuffers vector, which is null when absent.
template <typename Vector> size_t sizeOf(const Vector *vector) { return vector ? vector->size() : 0; }

inline std::string_view textOf(const flatbuffers::String *text) {
  return text ? std::string_view(text->c_str(), text->size()) : std::string_view();
}

/// Whether its kernels are launched on a GPU instead of called.
inline bool isGpuPlan(const abi::TargetPlan &plan) { return sizeOf(plan.gpu_code()) != 0; }

/// constant + coefficient * batch.
inline int64_t evaluate(const abi::Extent *extent, int64_t batch) {
  return extent ? extent->constant() + extent->batch() * batch : 0;
}

/// Whether the first dimension is the batch and no other depends on it.
bool isBatched(const abi::TensorType &type);

/// Bytes per element; 0 for a value outside the enum.
int64_t elementBytes(abi::DType dtype);
const char *dtypeName(abi::DType dtype);

/// The graph function of that name, or null.
const abi::Function *findGraph(const abi::Model &model, std::string_view name);

/// The function of that name, or null.
const abi::PlanFunction *findFunction(const abi::TargetPlan &plan, std::string_view name);

} // namespace archrt

#endif // ARCHRT_GRAPH_ARTIFACT_H
