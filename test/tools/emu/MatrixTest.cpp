//===- MatrixTest.cpp - mma.sync, ldmatrix and cp.async on the emulator ---===//

#include "test/tools/emu/KernelFixture.h"

#include <cmath>
#include <cstring>
#include <random>

namespace archrt::emu {
namespace {

constexpr uint32_t rows = 16, columns = 8;

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

uint32_t bfloatOf(float value) { return bitsOf(value) >> 16; }

/// Of small whole numbers and halves of them, exactly.
uint32_t halfOf(float value) {
  if (value == 0)
    return 0;
  int exponent = 0;
  float mantissa = std::frexp(std::fabs(value), &exponent); // in [0.5, 1)
  return (value < 0 ? 0x8000u : 0u) | uint32_t(exponent + 14) << 10 | (uint32_t(mantissa * 2048) & 0x3FF);
}

/// Operands of one mma: small halves of whole numbers, so that every product and sum is exact in each format.
class Matrices : public KernelTest {
protected:
  void fill(uint32_t k) {
    depth = k;
    std::mt19937 random(k);
    auto draw = [&] { return float(int(random() % 33) - 16) / 2; };
    for (auto *matrix : {&a, &b, &c}) {
      matrix->resize(matrix == &a ? rows * k : matrix == &b ? k * columns : rows * columns);
      for (float &value : *matrix)
        value = draw();
    }
    expected = c;
    for (uint32_t i = 0; i < rows; ++i)
      for (uint32_t j = 0; j < columns; ++j)
        for (uint32_t l = 0; l < k; ++l)
          expected[i * columns + j] += a[i * k + l] * b[l * columns + j];
  }

  float atA(uint32_t row, uint32_t column) const { return a[row * depth + column]; }
  float atB(uint32_t row, uint32_t column) const { return b[row * columns + column]; }

  /// Accumulator i of a lane: PTX's row and column.
  static uint32_t placeOfC(uint32_t lane, uint32_t i) { return (lane / 4 + (i < 2 ? 0 : 8)) * columns + lane % 4 * 2 + (i & 1); }

  /// One register per word: operands as bits, then accumulators. `registers` of operands.
  void expectProduct(const std::string &module, std::vector<uint32_t> &words, uint32_t registers) {
    std::vector<float> d(32 * 4, NAN);
    operands.clear();
    for (uint32_t lane = 0; lane < 32; ++lane)
      for (uint32_t i = 0; i < 4; ++i)
        words[lane * (registers + 4) + registers + i] = bitsOf(c[placeOfC(lane, i)]);
    reads(words);
    writes(d);
    Report report = run(module);
    EXPECT_TRUE(report.ok()) << report.text();
    for (uint32_t lane = 0; lane < 32; ++lane)
      for (uint32_t i = 0; i < 4; ++i)
        EXPECT_EQ(d[lane * 4 + i], expected[placeOfC(lane, i)]) << "lane " << lane << ", accumulator " << i;
  }

  std::vector<float> a, b, c, expected;
  uint32_t depth = 0;
};

/// Loads its registers, multiplies, stores its accumulators. `operand`: the type of a register of A and B.
std::string mmaKernel(const std::string &intrinsic, const std::string &operand, uint32_t registers) {
  std::string declared, arguments, body;
  for (uint32_t r = 0; r < registers + 4; ++r) {
    std::string type = r < registers ? operand : "float", number = std::to_string(r);
    declared += (r ? ", " : "") + type;
    arguments += (r ? ", " : "") + type + " %v" + number;
    body += "  %p" + number + " = getelementptr i32, ptr addrspace(1) %mine, i32 " + number + "\n  %v" + number + " = load " +
            type + ", ptr addrspace(1) %p" + number + ", align 4\n";
  }
  std::string stores;
  for (uint32_t r = 0; r < 4; ++r) {
    std::string number = std::to_string(r);
    stores += "  %d" + number + " = extractvalue {float, float, float, float} %d, " + number + "\n  %q" + number +
              " = getelementptr float, ptr addrspace(1) %own, i32 " + number + "\n  store float %d" + number +
              ", ptr addrspace(1) %q" + number + ", align 4\n";
  }
  return withIntrinsics("declare {float, float, float, float} @" + intrinsic + "(" + declared + ")\n" +
                        "define ptx_kernel void @k(ptr addrspace(1) %in, ptr addrspace(1) %out) {\n"
                        "  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n  %first = mul i32 %t, " +
                        std::to_string(registers + 4) +
                        "\n  %mine = getelementptr i32, ptr addrspace(1) %in, i32 %first\n  %row = mul i32 %t, 4\n"
                        "  %own = getelementptr float, ptr addrspace(1) %out, i32 %row\n" +
                        body + "  %d = call {float, float, float, float} @" + intrinsic + "(" + arguments + ")\n" + stores +
                        "  ret void\n}\n");
}

TEST_F(Matrices, Tf32Fragments) {
  fill(8);
  std::vector<uint32_t> words(32 * 10);
  for (uint32_t lane = 0; lane < 32; ++lane) {
    uint32_t g = lane / 4, t = lane % 4, *mine = &words[lane * 10];
    // Bits below those of tf32 are dropped.
    constexpr uint32_t noise = 0x1FFF;
    mine[0] = bitsOf(atA(g, t)) | noise;
    mine[1] = bitsOf(atA(g + 8, t)) | noise;
    mine[2] = bitsOf(atA(g, t + 4)) | noise;
    mine[3] = bitsOf(atA(g + 8, t + 4)) | noise;
    mine[4] = bitsOf(atB(t, g)) | noise;
    mine[5] = bitsOf(atB(t + 4, g)) | noise;
    for (uint32_t r = 0; r < 6; ++r)
      if ((mine[r] & ~noise) == 0)
        mine[r] = 0;
  }
  expectProduct(mmaKernel("llvm.nvvm.mma.m16n8k8.row.col.tf32", "i32", 6), words, 6);
}

class Halves : public Matrices {
protected:
  /// The fragments of PTX's table for m16n8k16: element i of A in row g (i in 0, 1, 4, 5) or g + 8, column 2 t + (i & 1), plus 8 from
  /// element 4 on; of B in row 2 t + (i & 1), plus 8 from element 2 on, column g.
  std::vector<uint32_t> fragments(uint32_t (*convert)(float)) const {
    uint32_t elementsOfA = depth / 2, elementsOfB = depth / 4, registers = (elementsOfA + elementsOfB) / 2;
    std::vector<uint32_t> words(32 * (registers + 4));
    for (uint32_t lane = 0; lane < 32; ++lane) {
      uint32_t g = lane / 4, t = lane % 4, *mine = &words[lane * (registers + 4)];
      for (uint32_t i = 0; i < elementsOfA; ++i)
        mine[i / 2] |= convert(atA(i % 4 < 2 ? g : g + 8, t * 2 + (i & 1) + (i < 4 ? 0 : 8))) << 16 * (i & 1);
      for (uint32_t i = 0; i < elementsOfB; ++i)
        mine[(elementsOfA + i) / 2] |= convert(atB(t * 2 + (i & 1) + (i < 2 ? 0 : 8), g)) << 16 * (i & 1);
    }
    return words;
  }
};

TEST_F(Halves, HalfFragments) {
  fill(16);
  std::vector<uint32_t> words = fragments(halfOf);
  expectProduct(mmaKernel("llvm.nvvm.mma.m16n8k16.row.col.f32.f32", "<2 x half>", 6), words, 6);
}

TEST_F(Halves, BfloatFragments) {
  fill(16);
  std::vector<uint32_t> words = fragments(bfloatOf);
  expectProduct(mmaKernel("llvm.nvvm.mma.m16n8k16.row.col.bf16", "i32", 6), words, 6);
  fill(8);
  words = fragments(bfloatOf);
  expectProduct(mmaKernel("llvm.nvvm.mma.m16n8k8.row.col.bf16", "i32", 3), words, 3);
}

// Whatever ldmatrix hands to which lane must be what mma wants: rows of A and of B (k by n, transposed on the way) as they lie in memory.
const std::string loadMatrices = withIntrinsics(R"(
@tile = internal addrspace(3) global [384 x i16] undef, align 16
declare {i32, i32, i32, i32} @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3))
declare {i32, i32} @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.trans.b16.p3(ptr addrspace(3))
declare {float, float, float, float} @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32, i32, i32, i32, i32, i32, float, float, float, float)
define ptx_kernel void @k(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %from0 = mul i32 %t, 8
  %g0 = getelementptr i16, ptr addrspace(1) %in, i32 %from0
  %s0 = getelementptr i16, ptr addrspace(3) @tile, i32 %from0
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %s0, ptr addrspace(1) %g0)
  call void @llvm.nvvm.cp.async.commit.group()
  %low = icmp ult i32 %t, 16
  br i1 %low, label %second, label %ready
second:
  %from1 = add i32 %from0, 256
  %g1 = getelementptr i16, ptr addrspace(1) %in, i32 %from1
  %s1 = getelementptr i16, ptr addrspace(3) @tile, i32 %from1
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %s1, ptr addrspace(1) %g1)
  br label %ready
ready:
  call void @llvm.nvvm.cp.async.commit.group()
  call void @llvm.nvvm.cp.async.wait.group(i32 0)
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %r = and i32 %t, 15
  %h = lshr i32 %t, 4
  %ra = mul i32 %r, 16
  %ca = mul i32 %h, 8
  %oa = add i32 %ra, %ca
  %pa = getelementptr i16, ptr addrspace(3) @tile, i32 %oa
  %a = call {i32, i32, i32, i32} @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %pa)
  %rb = mul i32 %r, 8
  %ob = add i32 %rb, 256
  %pb = getelementptr i16, ptr addrspace(3) @tile, i32 %ob
  %b = call {i32, i32} @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.trans.b16.p3(ptr addrspace(3) %pb)
  %a0 = extractvalue {i32, i32, i32, i32} %a, 0
  %a1 = extractvalue {i32, i32, i32, i32} %a, 1
  %a2 = extractvalue {i32, i32, i32, i32} %a, 2
  %a3 = extractvalue {i32, i32, i32, i32} %a, 3
  %b0 = extractvalue {i32, i32} %b, 0
  %b1 = extractvalue {i32, i32} %b, 1
  %d = call {float, float, float, float} @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %a0, i32 %a1, i32 %a2, i32 %a3, i32 %b0, i32 %b1, float 0.0, float 0.0, float 0.0, float 0.0)
  %d0 = extractvalue {float, float, float, float} %d, 0
  %d1 = extractvalue {float, float, float, float} %d, 1
  %d2 = extractvalue {float, float, float, float} %d, 2
  %d3 = extractvalue {float, float, float, float} %d, 3
  %g = lshr i32 %t, 2
  %c = and i32 %t, 3
  %rd = mul i32 %g, 8
  %cd = mul i32 %c, 2
  %od = add i32 %rd, %cd
  %pd = getelementptr float, ptr addrspace(1) %out, i32 %od
  store float %d0, ptr addrspace(1) %pd, align 4
  %pd1 = getelementptr float, ptr addrspace(1) %pd, i32 1
  store float %d1, ptr addrspace(1) %pd1, align 4
  %pd2 = getelementptr float, ptr addrspace(1) %pd, i32 64
  store float %d2, ptr addrspace(1) %pd2, align 4
  %pd3 = getelementptr float, ptr addrspace(1) %pd, i32 65
  store float %d3, ptr addrspace(1) %pd3, align 4
  ret void
}
)");

class Pipeline : public Matrices {
protected:
  void SetUp() override {
    fill(16);
    for (float value : a)
      words.push_back(uint16_t(bfloatOf(value)));
    for (float value : b)
      words.push_back(uint16_t(bfloatOf(value)));
    reads(words);
    writes(d);
  }
  std::vector<uint16_t> words;
  std::vector<float> d = std::vector<float>(rows * columns);
};

TEST_F(Pipeline, LoadsAndMultiplies) {
  Report report = run(loadMatrices);
  EXPECT_TRUE(report.ok()) << report.text();
  for (size_t i = 0; i < d.size(); ++i)
    EXPECT_EQ(d[i], expected[i] - c[i]) << i;
}

TEST_F(Pipeline, MissingWaitIsFound) {
  Report report = run(changed(loadMatrices, "call void @llvm.nvvm.cp.async.wait.group(i32 0)\n", "\n"));
  EXPECT_TRUE(report.has(FindingKind::AsyncInFlight)) << report.text();
}

TEST_F(Pipeline, WaitForOneGroupTooFewIsFound) {
  Report report = run(changed(loadMatrices, "wait.group(i32 0)", "wait.group(i32 1)"));
  EXPECT_TRUE(report.has(FindingKind::AsyncInFlight)) << report.text();
}

TEST_F(Pipeline, ExitBeforeTheWaitIsFound) {
  std::string late =
      changed(loadMatrices, "  ret void",
              "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n"
              "  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %s0, ptr addrspace(1) %g0)\n  ret void");
  EXPECT_EQ(only(run(late)).kind, FindingKind::AsyncInFlight);
}

TEST_F(Pipeline, MissingBarrierIsFound) {
  Report report = run(changed(loadMatrices, "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n", "\n"));
  EXPECT_FALSE(report.ok());
}

TEST_F(Pipeline, RowsAreCheckedForBoundsAndAlignment) {
  Report report = run(changed(loadMatrices, "%ob = add i32 %rb, 256", "%ob = add i32 %rb, 264"));
  EXPECT_TRUE(report.has(FindingKind::OutOfBounds)) << report.text();
  report = run(changed(loadMatrices, "%rb = mul i32 %r, 8", "%rb = mul i32 %r, 7"));
  EXPECT_TRUE(report.has(FindingKind::Misaligned)) << report.text();
}

TEST_F(Pipeline, CopyBehindItsOperandIsFound) {
  std::string far = changed(loadMatrices, "%g1 = getelementptr i16, ptr addrspace(1) %in, i32 %from1",
                            "%further = add i32 %from1, 8\n  %g1 = getelementptr i16, ptr addrspace(1) %in, i32 %further");
  Report report = run(far);
  EXPECT_TRUE(report.has(FindingKind::OutOfBounds)) << report.text();
}

} // namespace
} // namespace archrt::emu
