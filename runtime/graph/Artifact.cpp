#include "runtime/graph/Artifact.h"

#include "runtime/graph/Validate.h"

#include <cstring>
#include <set>

namespace archrt {

int64_t elementBytes(abi::DType dtype) {
  switch (dtype) {
  case abi::DType::F32:
    return 4;
  case abi::DType::F64:
    return 8;
  case abi::DType::BF16:
    return 2;
  case abi::DType::U8:
    return 1;
  case abi::DType::I64:
    return 8;
  }
  return 0;
}

const char *dtypeName(abi::DType dtype) {
  switch (dtype) {
  case abi::DType::F32:
    return "f32";
  case abi::DType::F64:
    return "f64";
  case abi::DType::BF16:
    return "bf16";
  case abi::DType::U8:
    return "u8";
  case abi::DType::I64:
    return "i64";
  }
  return "unknown";
}

bool isBatched(const abi::TensorType &type) {
  size_t rank = sizeOf(type.shape());
  bool batched = rank > 0 && type.shape()->Get(0)->constant() == 0 && type.shape()->Get(0)->batch() == 1;
  for (size_t i = 1; batched && i < rank; ++i)
    batched = type.shape()->Get(i)->batch() == 0;
  return batched;
}

const abi::Function *findGraph(const abi::Model &model, std::string_view name) {
  for (size_t i = 0; i < sizeOf(model.functions()); ++i)
    if (textOf(model.functions()->Get(i)->name()) == name)
      return model.functions()->Get(i);
  return nullptr;
}

const abi::PlanFunction *findFunction(const abi::TargetPlan &plan, std::string_view name) {
  for (size_t i = 0; i < sizeOf(plan.functions()); ++i)
    if (textOf(plan.functions()->Get(i)->name()) == name)
      return plan.functions()->Get(i);
  return nullptr;
}

/// Deep enough for our tables, which nest four levels; many enough for the largest networks.
template <typename Table> static Result<const Table *> verified(ByteView bytes, const char *what) {
  flatbuffers::Verifier verifier(bytes.data, bytes.size, /*max_depth=*/16, /*max_tables=*/4'000'000);
  if (bytes.size < 8 || !verifier.VerifyBuffer<Table>(nullptr))
    return invalid("the ", what, " section is not a valid table");
  return flatbuffers::GetRoot<Table>(bytes.data);
}

ByteView Artifact::code(const abi::TargetPlan &plan) const {
  return isGpuPlan(plan) ? ByteView() : sectionList[plan.code_section()].bytes;
}

ByteView Artifact::gpuCode(const abi::TargetPlan &plan, abi::GpuCodeKind kind) const {
  for (size_t i = 0; i < sizeOf(plan.gpu_code()); ++i)
    if (plan.gpu_code()->Get(i)->kind() == kind)
      return sectionList[plan.gpu_code()->Get(i)->section()].bytes;
  return {};
}

/// Each form of code is there once, in a section of its own kind.
Status Artifact::checkCode(const abi::TargetPlan &plan) const {
  auto isCode = [&](uint32_t index) {
    return index < sectionList.size() && (sectionList[index].kind == abi::SectionKind::Code ||
                                          (isGpuPlan(plan) && sectionList[index].kind == abi::SectionKind::Bitcode));
  };
  if (!isGpuPlan(plan) && !isCode(plan.code_section()))
    return invalid("refers to section ", plan.code_section(), "; expected a CODE section");
  std::set<abi::GpuCodeKind> kinds;
  for (size_t i = 0; i < sizeOf(plan.gpu_code()); ++i) {
    const abi::GpuCode &each = *plan.gpu_code()->Get(i);
    if (each.kind() < abi::GpuCodeKind::MIN || each.kind() > abi::GpuCodeKind::MAX || !kinds.insert(each.kind()).second)
      return invalid("has GPU code of kind ", static_cast<int>(each.kind()), ", which is unknown or there twice");
    if (!isCode(each.section()) || sectionList[each.section()].bytes.empty())
      return invalid("refers to section ", each.section(), "; expected a CODE section that is not empty");
  }
  return {};
}

Status Artifact::readTables() {
  const Section *modelSection = nullptr;
  for (const Section &section : sectionList) {
    if (section.kind == abi::SectionKind::Model) {
      if (modelSection)
        return invalid("the artifact has two MODEL sections; expected one");
      modelSection = &section;
    } else if (section.kind == abi::SectionKind::Weights) {
      if (weightBytes.data)
        return invalid("the artifact has two WEIGHTS sections; expected at most one");
      weightBytes = section.bytes;
    }
  }
  if (!modelSection)
    return invalid("the artifact has no MODEL section");
  ARCHRT_ASSIGN(modelTable, verified<abi::Model>(modelSection->bytes, "MODEL"));
  ARCHRT_TRY(validateModel(*modelTable).in("the model"));
  forwardFunction = findGraph(*modelTable, "forward");

  for (const Section &section : sectionList) {
    if (section.kind != abi::SectionKind::Plan)
      continue;
    ARCHRT_ASSIGN(const abi::TargetPlan *plan, verified<abi::TargetPlan>(section.bytes, "PLAN"));
    std::string name = concat("the plan for `", textOf(plan->target()), "`");
    ARCHRT_TRY(checkCode(*plan).in(name));
    ARCHRT_TRY(validatePlan(*plan, *modelTable, code(*plan).size).in(name));
    planTables.push_back(plan);
  }
  return {};
}

Status Artifact::load(HashCheck check) {
  ARCHRT_ASSIGN(sectionList, readContainer(bytes(), check));
  return readTables();
}

Result<std::shared_ptr<const Artifact>> Artifact::open(const std::string &path, HashCheck check) {
  auto artifact = std::make_shared<Artifact>();
  ARCHRT_ASSIGN(artifact->file, MappedFile::open(path));
  ARCHRT_TRY(artifact->load(check).in(path));
  return std::shared_ptr<const Artifact>(std::move(artifact));
}

Result<std::shared_ptr<const Artifact>> Artifact::fromBytes(ByteView bytes, HashCheck check) {
  auto artifact = std::make_shared<Artifact>();
  ARCHRT_ASSIGN(artifact->copy, AlignedBuffer::allocate(bytes.size));
  if (bytes.size)
    std::memcpy(artifact->copy.data(), bytes.data, bytes.size);
  ARCHRT_TRY(artifact->load(check));
  return std::shared_ptr<const Artifact>(std::move(artifact));
}

} // namespace archrt
