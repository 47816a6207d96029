//===- Gradients.h - What happens to gradients before the optimizer -------===//

#ifndef ARCHRT_TRAIN_GRADIENTS_H
#define ARCHRT_TRAIN_GRADIENTS_H

#include "runtime/train/TensorPieces.h"
#include "runtime/train/TensorRules.h"

#include <optional>

namespace archrt::train {

enum class ClipKind { None, Norm, Value, Agc };

struct ClipOptions {
  ClipKind kind = ClipKind::None;
  double limit = 1; // of the norm of all, of each number, or of the norm relative to the parameter's
};

enum class SharpnessKind { None, Sam, Asam };

/// The passes over gradients, all with bits that do not depend on threads.
class Gradients {
public:
  /// `pool` and `rules` outlive it.
  Gradients(const ParamLayout &layout, const std::vector<TensorRule> &rules, ThreadPool &pool)
      : pieces(layout), rules(rules), pool(pool) {}

  /// sum += part.
  void accumulate(const TensorPointers &sum, const TensorPointers &part) const;

  /// Multiplies by `factor`; returns the norm of each tensor afterwards, 0 for frozen ones.
  std::vector<double> scale(const TensorPointers &gradients, float factor) const;

  /// The first tensor, frozen ones left out, with a number that is not finite.
  std::optional<size_t> firstNotFinite(const TensorPointers &gradients) const;

  /// As torch.nn.utils.clip_grad_norm_, clip_grad_value_ and timm's adaptive_clip_grad. `norms` are scale()'s.
  void clip(const ClipOptions &options, const TensorPointers &params, const TensorPointers &gradients,
            const std::vector<double> &norms) const;

  /// out = params + rho * g / |g|, with w^2 g / | |w| g | instead when adaptive: where sharpness-aware minimisation takes its
  /// second gradient.
  void ascend(SharpnessKind kind, double rho, const TensorPointers &params, const TensorPointers &gradients,
              const TensorPointers &out) const;

private:
  TensorPieces pieces;
  const std::vector<TensorRule> &rules;
  ThreadPool &pool;
};

/// The norm over all tensors from the norm of each.
double globalNorm(const std::vector<double> &norms);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_GRADIENTS_H
