#include "runtime/graph/WrittenMemory.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace archrt {

void ByteRanges::add(int64_t begin, int64_t end) {
  if (begin >= end)
    return;
  auto next = ends.upper_bound(begin);
  if (next != ends.begin())
    if (auto before = std::prev(next); before->second >= begin) {
      begin = before->first;
      end = std::max(end, before->second);
      next = ends.erase(before);
    }
  while (next != ends.end() && next->first <= end) {
    end = std::max(end, next->second);
    next = ends.erase(next);
  }
  ends.emplace_hint(next, begin, end);
}

bool ByteRanges::covers(int64_t begin, int64_t end) const {
  if (begin >= end)
    return true;
  auto next = ends.upper_bound(begin);
  return next != ends.begin() && std::prev(next)->second >= end;
}

static std::pair<int64_t, int64_t> rangeAt(const abi::Buffer &buffer, int64_t batch) {
  int64_t begin = evaluate(buffer.offset(), batch);
  return {begin, begin + evaluate(buffer.size(), batch)};
}

void WrittenMemory::add(const abi::Buffer &buffer) {
  auto [begin, end] = rangeAt(buffer, 1);
  least.add(begin, end);
  std::tie(begin, end) = rangeAt(buffer, kMaxBatch);
  largest.add(begin, end);
}

bool WrittenMemory::covers(const abi::Buffer &buffer) const {
  auto [begin, end] = rangeAt(buffer, 1);
  auto [beginLargest, endLargest] = rangeAt(buffer, kMaxBatch);
  return least.covers(begin, end) && largest.covers(beginLargest, endLargest);
}

} // namespace archrt
