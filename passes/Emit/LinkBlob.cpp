//===- LinkBlob.cpp - An ELF object to position-independent bytes ---------===//

#include "passes/Emit/LinkBlob.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstring>

using namespace llvm;
using namespace llvm::object;

namespace archc::cpu {

namespace {
class Linker {
public:
  explicit Linker(const ELFObjectFile<ELF64LE> &object) : object(object) {}

  Expected<NativeCode> link() {
    if (Error error = layOut())
      return error;
    for (const SectionRef &section : object.sections())
      if (Error error = relocate(section))
        return error;
    if (Error error = exportSymbols())
      return error;
    return std::move(code);
  }

private:
  Error failure(const Twine &message) { return createStringError("cannot link native code: " + message); }

  /// Code first, then constants, each in the object's order.
  Error layOut() {
    std::vector<SectionRef> order;
    for (const SectionRef &section : object.sections()) {
      ELFSectionRef elf(section);
      if (!(elf.getFlags() & ELF::SHF_ALLOC) || section.getSize() == 0)
        continue;
      if (elf.getFlags() & ELF::SHF_WRITE)
        return failure("writable section `" + cantFail(section.getName()) + "`");
      order.push_back(section);
    }
    std::stable_partition(order.begin(), order.end(), [](const SectionRef &section) { return section.isText(); });
    for (const SectionRef &section : order) {
      Expected<StringRef> contents = section.getContents();
      if (!contents)
        return contents.takeError();
      if (contents->size() != section.getSize())
        return failure("section `" + cantFail(section.getName()) + "` without contents");
      uint64_t alignment = std::max<uint64_t>(section.getAlignment().value(), 16);
      code.bytes.resize(alignTo(code.bytes.size(), alignment));
      addresses[section.getIndex()] = code.bytes.size();
      code.bytes.insert(code.bytes.end(), contents->begin(), contents->end());
    }
    return Error::success();
  }

  Expected<uint64_t> addressOf(const SymbolRef &symbol) {
    Expected<section_iterator> section = symbol.getSection();
    if (!section)
      return section.takeError();
    if (*section == object.section_end())
      return failure("undefined symbol `" + cantFail(symbol.getName()) + "`");
    auto found = addresses.find((*section)->getIndex());
    if (found == addresses.end())
      return failure("symbol `" + cantFail(symbol.getName()) + "` outside code and constants");
    return found->second + cantFail(symbol.getValue());
  }

  Error relocate(const SectionRef &section) {
    Expected<section_iterator> relocated = section.getRelocatedSection();
    if (!relocated)
      return relocated.takeError();
    if (*relocated == object.section_end())
      return Error::success();
    auto found = addresses.find((*relocated)->getIndex());
    if (found == addresses.end())
      return Error::success();
    for (const RelocationRef &relocation : section.relocations())
      if (Error error = apply(relocation, found->second + relocation.getOffset()))
        return error;
    return Error::success();
  }

  Error apply(const RelocationRef &relocation, uint64_t place) {
    uint64_t type = relocation.getType();
    if (type != ELF::R_X86_64_PC32 && type != ELF::R_X86_64_PLT32)
      return failure("relocation type " + Twine(type));
    Expected<int64_t> addend = ELFRelocationRef(relocation).getAddend();
    if (!addend)
      return addend.takeError();
    if (relocation.getSymbol() == object.symbol_end())
      return failure("relocation without a symbol");
    Expected<uint64_t> target = addressOf(*relocation.getSymbol());
    if (!target)
      return target.takeError();
    int64_t value = static_cast<int64_t>(*target) + *addend - static_cast<int64_t>(place);
    if (!isInt<32>(value) || place > code.bytes.size() || code.bytes.size() - place < 4)
      return failure("relocation out of range");
    support::endian::write32le(code.bytes.data() + place, static_cast<uint32_t>(value));
    return Error::success();
  }

  Error exportSymbols() {
    for (const ELFSymbolRef &symbol : object.symbols()) {
      if (symbol.getELFType() != ELF::STT_FUNC || symbol.getBinding() != ELF::STB_GLOBAL)
        continue;
      Expected<uint64_t> address = addressOf(symbol);
      if (!address)
        return address.takeError();
      code.symbols[cantFail(symbol.getName()).str()] = {*address, symbol.getSize()};
    }
    return Error::success();
  }

  const ELFObjectFile<ELF64LE> &object;
  std::map<uint64_t, uint64_t> addresses; // by section index
  NativeCode code;
};
} // namespace

Expected<NativeCode> linkBlob(MemoryBufferRef buffer) {
  Expected<ELFObjectFile<ELF64LE>> object = ELFObjectFile<ELF64LE>::create(buffer);
  if (!object)
    return object.takeError();
  return Linker(*object).link();
}

} // namespace archc::cpu
