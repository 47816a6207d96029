//===- LinkBlobTest.cpp - Objects that may become a blob, and others ------===//

#include "passes/Emit/LinkBlob.h"

#include "llvm/ObjectYAML/yaml2obj.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/YAMLTraits.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

using namespace archc;

namespace {

const std::string kHeader = R"(--- !ELF
FileHeader: { Class: ELFCLASS64, Data: ELFDATA2LSB, Type: ET_REL, Machine: EM_X86_64 }
Sections:
  - { Name: .text, Type: SHT_PROGBITS, Flags: [ SHF_ALLOC, SHF_EXECINSTR ], AddressAlign: 16, Content: "488d0500000000c3" }
  - { Name: .rodata, Type: SHT_PROGBITS, Flags: [ SHF_ALLOC ], AddressAlign: 64, Content: "0000803f" }
)";

const std::string kSymbols = R"(Symbols:
  - { Name: one, Type: STT_OBJECT, Section: .rodata }
  - { Name: outside, Section: .note }
  - { Name: kernel, Type: STT_FUNC, Binding: STB_GLOBAL, Section: .text, Size: 8 }
  - { Name: exp, Binding: STB_GLOBAL }
)";

/// An object whose code is `lea rax, [rip + ...]; ret` with this relocation, beside further sections.
std::string objectWith(const std::string &relocation, const std::string &sections = "") {
  return kHeader + sections + "  - { Name: .note, Type: SHT_PROGBITS, Content: \"00\" }\n" +
         "  - { Name: .rela.text, Type: SHT_RELA, Info: .text, Relocations: [ { " + relocation + " } ] }\n" + kSymbols;
}

const std::string kGood = "Offset: 3, Symbol: one, Type: R_X86_64_PC32, Addend: -4";

llvm::Expected<cpu::NativeCode> link(const std::string &yaml) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  llvm::yaml::Input input(yaml);
  EXPECT_TRUE(llvm::yaml::convertYAML(input, stream, [](const llvm::Twine &message) { ADD_FAILURE() << message.str(); })) << yaml;
  return cpu::linkBlob(llvm::MemoryBufferRef(bytes, "test"));
}

void expectRefused(const std::string &yaml, const std::string &message) {
  auto linked = link(yaml);
  ASSERT_FALSE(bool(linked)) << yaml;
  EXPECT_EQ(llvm::toString(linked.takeError()), "cannot link native code: " + message);
}

TEST(LinkBlob, ResolvesRelativeAddresses) {
  auto linked = link(objectWith(kGood));
  ASSERT_TRUE(bool(linked)) << llvm::toString(linked.takeError());
  ASSERT_EQ(linked->bytes.size(), 68u); // constants behind the code, aligned
  EXPECT_EQ(linked->symbols.at("kernel").offset, 0u);
  EXPECT_EQ(linked->symbols.at("kernel").size, 8u);
  EXPECT_EQ(linked->symbols.size(), 1u);
  EXPECT_EQ(llvm::support::endian::read32le(linked->bytes.data() + 3), 64u - 7); // from behind the instruction
}

// What a loader would have to do: an absolute address, a table of addresses, a function of a library.
TEST(LinkBlob, RefusesWorkForALoader) {
  expectRefused(objectWith("Offset: 0, Symbol: one, Type: R_X86_64_64, Addend: 0"), "relocation type 1");
  expectRefused(objectWith("Offset: 3, Symbol: one, Type: R_X86_64_GOTPCREL, Addend: -4"), "relocation type 9");
  expectRefused(objectWith("Offset: 3, Symbol: exp, Type: R_X86_64_PLT32, Addend: -4"), "undefined symbol `exp`");
}

TEST(LinkBlob, RefusesDataThatChanges) {
  expectRefused(objectWith(kGood, "  - { Name: .data, Type: SHT_PROGBITS, Flags: [ SHF_ALLOC, SHF_WRITE ], Content: \"00\" }\n"),
                "writable section `.data`");
  expectRefused(objectWith(kGood, "  - { Name: .bss, Type: SHT_NOBITS, Flags: [ SHF_ALLOC, SHF_WRITE ], Size: 8 }\n"),
                "writable section `.bss`");
  expectRefused(objectWith(kGood, "  - { Name: .zeros, Type: SHT_NOBITS, Flags: [ SHF_ALLOC ], Size: 8 }\n"),
                "section `.zeros` without contents");
}

TEST(LinkBlob, RefusesPlacesAndTargetsOutside) {
  expectRefused(objectWith("Offset: 65, Symbol: one, Type: R_X86_64_PC32, Addend: -4"), "relocation out of range");
  expectRefused(objectWith("Offset: 0xFFFFFFFFFFFFFFFE, Symbol: one, Type: R_X86_64_PC32, Addend: -4"),
                "relocation out of range");
  expectRefused(objectWith("Offset: 3, Symbol: one, Type: R_X86_64_PC32, Addend: 0x7FFFFFFF"), "relocation out of range");
  expectRefused(objectWith("Offset: 3, Symbol: outside, Type: R_X86_64_PC32, Addend: -4"),
                "symbol `outside` outside code and constants");
  expectRefused(objectWith("Offset: 3, Type: R_X86_64_PC32, Addend: -4"), "relocation without a symbol");
}

TEST(LinkBlob, RefusesWhatIsNoObject) {
  for (const char *bytes : {"", "\177ELF", "no object at all"}) {
    auto linked = cpu::linkBlob(llvm::MemoryBufferRef(bytes, "test"));
    EXPECT_FALSE(bool(linked));
    llvm::consumeError(linked.takeError());
  }
}

} // namespace
