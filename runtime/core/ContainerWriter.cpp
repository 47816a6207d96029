#include "runtime/core/ContainerWriter.h"

#include "runtime/core/Hash.h"

#include <cstring>

namespace archrt {

static uint64_t alignUp(uint64_t value) {
  return (value + abi::kSectionAlignment - 1) / abi::kSectionAlignment * abi::kSectionAlignment;
}

uint32_t ContainerWriter::addSection(abi::SectionKind kind, ByteView bytes) {
  sections.push_back({kind, std::string(bytes.text())});
  return static_cast<uint32_t>(sections.size() - 1);
}

std::string ContainerWriter::finish() const {
  std::vector<abi::SectionEntry> table;
  uint64_t end = sizeof(abi::FileHeader) + sections.size() * sizeof(abi::SectionEntry);
  for (const Pending &section : sections) {
    uint64_t offset = alignUp(end);
    table.push_back({section.kind, 0, offset, section.bytes.size(), hash128(ByteView(section.bytes))});
    end = offset + section.bytes.size();
  }

  abi::FileHeader header = {};
  std::memcpy(header.magic, abi::kMagic, sizeof(header.magic));
  header.formatVersion = abi::kFormatVersion;
  header.sectionCount = static_cast<uint32_t>(table.size());
  header.fileSize = end;
  ByteView tableBytes(table.data(), table.size() * sizeof(abi::SectionEntry));
  header.tableHash = hash128(tableBytes);

  std::string file(end, '\0');
  std::memcpy(file.data(), &header, sizeof(header));
  std::memcpy(file.data() + sizeof(header), tableBytes.data, tableBytes.size);
  for (size_t i = 0; i < sections.size(); ++i)
    std::memcpy(file.data() + table[i].offset, sections[i].bytes.data(), sections[i].bytes.size());
  return file;
}

} // namespace archrt
