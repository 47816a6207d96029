#include "tools/driver/GpuChips.h"

namespace archc::driver {

static constexpr int64_t kKiB = 1024, kMiB = 1024 * 1024;

/// Limits of a multiprocessor are those of the architecture: CUDA C++ Programming Guide, "Technical Specifications per Compute
/// Capability".
static const GpuChip kChips[] = {
    {"A100 80GB SXM", "sm_80", 108, 19.5e12, 2039e9, 40 * kMiB, 164 * kKiB, 2048, 65536, 32,
     "NVIDIA A100 Tensor Core GPU data sheet; NVIDIA A100 Tensor Core GPU Architecture, white paper"},
    {"RTX 4090", "sm_89", 128, 82.6e12, 1008e9, 72 * kMiB, 100 * kKiB, 1536, 65536, 24,
     "NVIDIA Ada GPU Architecture, white paper, appendix A"},
    {"H100 80GB SXM", "sm_90", 132, 67e12, 3350e9, 50 * kMiB, 228 * kKiB, 2048, 65536, 32,
     "NVIDIA H100 Tensor Core GPU data sheet; NVIDIA H100 Tensor Core GPU Architecture, white paper"},
    {"H200 SXM", "sm_90", 132, 67e12, 4800e9, 50 * kMiB, 228 * kKiB, 2048, 65536, 32, "NVIDIA H200 Tensor Core GPU data sheet"},
    {"B200", "sm_100", 148, 75e12, 8000e9, 126 * kMiB, 228 * kKiB, 2048, 65536, 32,
     "NVIDIA HGX B200 data sheet, an eighth of its FP32 and memory figures"},
};

std::vector<GpuChip> chipsOf(const std::string &target) {
  std::vector<GpuChip> chips;
  for (const GpuChip &chip : kChips) {
    std::string plain = std::string("cuda:") + chip.architecture;
    if (target == plain || target == plain + "a")
      chips.push_back(chip);
  }
  return chips;
}

} // namespace archc::driver
