#include "runtime/core/ContainerReader.h"

#include "runtime/core/Hash.h"

#include <algorithm>
#include <cstring>

namespace archrt {

static constexpr uint32_t kMaxSections = 1024;

const char *sectionName(abi::SectionKind kind) {
  switch (kind) {
  case abi::SectionKind::Model:
    return "MODEL";
  case abi::SectionKind::Plan:
    return "PLAN";
  case abi::SectionKind::Code:
    return "CODE";
  case abi::SectionKind::Weights:
    return "WEIGHTS";
  case abi::SectionKind::Bitcode:
    return "BITCODE";
  }
  return nullptr;
}

static Result<abi::FileHeader> readHeader(ByteView file) {
  abi::FileHeader header;
  if (file.size < sizeof(abi::kMagic) || std::memcmp(file.data, abi::kMagic, sizeof(abi::kMagic)) != 0)
    return invalid("not an archc artifact: it does not begin with the magic of `.archx` files");
  if (file.size < sizeof(header))
    return invalid("the artifact is truncated: ", file.size, " bytes; expected a header of ", sizeof(header));
  std::memcpy(&header, file.data, sizeof(header));
  if (header.formatVersion != abi::kFormatVersion)
    return invalid("the artifact has format version ", header.formatVersion, "; expected ", abi::kFormatVersion,
                   "; compile the spec again with this version of archc");
  if (header.fileSize != file.size)
    return invalid("the artifact has ", file.size, " bytes; expected ", header.fileSize, " as its header says",
                   file.size < header.fileSize ? " (truncated)" : "");
  if (header.sectionCount == 0 || header.sectionCount > kMaxSections)
    return invalid("the artifact has ", header.sectionCount, " sections; expected 1 to ", kMaxSections);
  if (sizeof(header) + header.sectionCount * sizeof(abi::SectionEntry) > file.size)
    return invalid("the section table lies outside the artifact");
  return header;
}

static Status checkEntry(const abi::SectionEntry &entry, uint32_t index, uint64_t tableEnd, uint64_t fileSize) {
  if (!sectionName(entry.kind))
    return invalid("section ", index, " has the unknown kind ", static_cast<uint32_t>(entry.kind));
  if (entry.reserved != 0)
    return invalid("section ", index, " has a reserved field that is not 0");
  if (entry.offset % abi::kSectionAlignment != 0)
    return invalid("section ", index, " begins at ", entry.offset, "; expected a multiple of ", abi::kSectionAlignment);
  if (entry.offset < tableEnd || entry.offset > fileSize || entry.size > fileSize - entry.offset)
    return invalid("section ", index, " lies outside the artifact");
  return {};
}

/// Sections may not overlap, and what lies between them is less than a page of zeros: nothing hides there.
static Status checkGaps(ByteView file, uint64_t tableEnd, const std::vector<Section> &sections) {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const Section &section : sections)
    ranges.emplace_back(section.offset, section.offset + section.bytes.size);
  std::sort(ranges.begin(), ranges.end());
  ranges.emplace_back(file.size, file.size);

  uint64_t end = tableEnd;
  for (auto [begin, next] : ranges) {
    if (begin < end)
      return invalid("two sections of the artifact overlap at ", begin);
    if (begin - end >= abi::kSectionAlignment ||
        std::any_of(file.data + end, file.data + begin, [](uint8_t byte) { return byte != 0; }))
      return invalid("the artifact has bytes outside its sections at ", end);
    end = next;
  }
  return {};
}

Result<std::vector<Section>> readContainer(ByteView file, HashCheck check) {
  ARCHRT_ASSIGN(abi::FileHeader header, readHeader(file));
  size_t tableSize = header.sectionCount * sizeof(abi::SectionEntry);
  uint64_t tableEnd = sizeof(header) + tableSize;
  ByteView table = file.slice(sizeof(header), tableSize);
  if (check == HashCheck::On && !(hash128(table) == header.tableHash))
    return invalid("the hash of the artifact's section table does not match: the file is damaged");

  std::vector<Section> sections;
  for (uint32_t i = 0; i < header.sectionCount; ++i) {
    abi::SectionEntry entry;
    std::memcpy(&entry, table.data + i * sizeof(entry), sizeof(entry));
    ARCHRT_TRY(checkEntry(entry, i, tableEnd, file.size));
    sections.push_back({entry.kind, entry.offset, file.slice(entry.offset, entry.size), entry.hash});
  }
  ARCHRT_TRY(checkGaps(file, tableEnd, sections));
  for (size_t i = 0; check == HashCheck::On && i < sections.size(); ++i)
    if (!(hash128(sections[i].bytes) == sections[i].hash))
      return invalid("the hash of section ", i, " (", sectionName(sections[i].kind), ") does not match: the file is damaged");
  return sections;
}

} // namespace archrt
