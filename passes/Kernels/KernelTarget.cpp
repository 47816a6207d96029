#include "passes/Kernels/KernelTarget.h"

namespace archc::kernels {

int64_t paddedImageBytes(const KernelTarget &target, int64_t channels, int64_t height, int64_t width, int64_t padding) {
  return 4 * target.padToPanel(channels) * height * (width + 2 * padding);
}
int64_t panelBytes(const KernelTarget &target, int64_t outputs, int64_t inputs) {
  return 4 * target.padToPanel(outputs) * target.padToVector(inputs);
}
int64_t tapPanelBytes(const KernelTarget &target, int64_t outputs, int64_t inputs, int64_t taps) {
  return taps * panelBytes(target, outputs, inputs);
}
int64_t blockedMatrixBytes(const KernelTarget &target, int64_t size) { return 4 * size * target.padToVector(size); }
int64_t tapBytes(const KernelTarget &target, int64_t channels, int64_t taps) { return 4 * target.padToPanel(channels) * taps; }

} // namespace archc::kernels
