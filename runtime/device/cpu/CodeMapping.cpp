#include "runtime/device/cpu/CodeMapping.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>

namespace archrt {

Result<std::unique_ptr<CodeMapping>> CodeMapping::create(std::shared_ptr<const Artifact> artifact, const abi::TargetPlan &plan) {
  ByteView section = artifact->code(plan);
  std::unique_ptr<CodeMapping> mapping(new CodeMapping);
  mapping->size = section.size;
  mapping->code = section.data;
  // Sections begin on pages of the file, so the protection covers nothing but this section and its padding.
  bool inPlace = artifact->isMapped() && section.size > 0 &&
                 mprotect(const_cast<uint8_t *>(section.data), section.size, PROT_READ | PROT_EXEC) == 0;
  if (!inPlace && section.size > 0) {
    void *copy = mmap(nullptr, section.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED)
      return environmentError("cannot allocate memory for code: ", std::strerror(errno));
    mapping->copy = copy;
    std::memcpy(copy, section.data, section.size);
    if (mprotect(copy, section.size, PROT_READ | PROT_EXEC) != 0)
      return environmentError("cannot make code executable: ", std::strerror(errno));
    mapping->code = static_cast<const uint8_t *>(copy);
  }
  mapping->artifact = std::move(artifact);
  return mapping;
}

CodeMapping::~CodeMapping() {
  if (copy)
    munmap(copy, size);
}

} // namespace archrt
