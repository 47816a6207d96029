//===- WrittenMemoryTest.cpp - Unions of ranges and of affine buffers -----===//

#include "runtime/graph/WrittenMemory.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace archrt {
namespace {

// Against one flag per byte.
TEST(WrittenMemory, RangesAreSetsOfBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    constexpr int size = 40;
    ByteRanges ranges;
    std::vector<bool> bytes(size, false);
    for (int i = 0; i < 12; ++i) {
      int begin = static_cast<int>(random() % size), end = static_cast<int>(random() % (size + 1));
      ranges.add(begin, end);
      for (int k = begin; k < end; ++k)
        bytes[k] = true;
      int from = static_cast<int>(random() % size), to = static_cast<int>(random() % (size + 1));
      bool all = true;
      for (int k = from; k < to; ++k)
        all = all && bytes[k];
      ASSERT_EQ(ranges.covers(from, to), all) << "[" << from << ", " << to << ") in round " << round;
    }
  }
}

flatbuffers::DetachedBuffer bufferAt(abi::Extent offset, abi::Extent size) {
  abi::BufferT table;
  table.offset = std::make_unique<abi::Extent>(offset);
  table.size = std::make_unique<abi::Extent>(size);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(abi::Buffer::Pack(builder, &table));
  return builder.Release();
}

const abi::Buffer &tableOf(const flatbuffers::DetachedBuffer &bytes) { return *flatbuffers::GetRoot<abi::Buffer>(bytes.data()); }

// Two neighbours are one whole; a place that only one image reaches is not enough for many.
TEST(WrittenMemory, BuffersCoverForEveryBatch) {
  WrittenMemory written;
  auto first = bufferAt({0, 0}, {0, 64}), second = bufferAt({0, 64}, {0, 64}), both = bufferAt({0, 0}, {0, 128});
  written.add(tableOf(first));
  EXPECT_TRUE(written.covers(tableOf(first)));
  EXPECT_FALSE(written.covers(tableOf(both)));
  written.add(tableOf(second));
  EXPECT_TRUE(written.covers(tableOf(both)));
  auto fixed = bufferAt({128, 0}, {64, 0}), growing = bufferAt({128, 0}, {0, 64});
  written = WrittenMemory();
  written.add(tableOf(fixed));
  EXPECT_TRUE(written.covers(tableOf(fixed)));
  EXPECT_FALSE(written.covers(tableOf(growing)));
}

} // namespace
} // namespace archrt
