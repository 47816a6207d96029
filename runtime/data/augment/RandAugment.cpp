#include "runtime/data/augment/RandAugment.h"
#include "runtime/data/augment/Colors.h"

#include <algorithm>
#include <cmath>

namespace archrt::data {

namespace {

constexpr double kMostLevel = 10;

/// How far an operation goes, from the level: timm's LEVEL_TO_ARG.
struct Reach {
  explicit Reach(const Strength &strength) : strength(strength), share(strength.level / kMostLevel) {}

  double signedBy(double most) const { return strength.negative ? -share * most : share * most; }

  /// Without `increasing`, level 0 changes as much as level 10, and 5 nothing.
  double factor() const { return strength.increasing ? std::max(0.1, 1 + signedBy(0.9)) : share * 1.8 + 0.1; }

  int bits() const { return strength.increasing ? 4 - whole(4) : whole(4); }
  int threshold() const { return strength.increasing ? 256 - std::min(256, whole(256)) : std::min(256, whole(256)); }
  int amount() const { return std::min(128, whole(110)); }

private:
  int whole(double most) const { return static_cast<int>(share * most); }

  const Strength &strength;
  double share;
};

} // namespace

Image applyOperation(Operation operation, const Image &image, const Strength &strength, const Sampling &sampling) {
  Reach reach(strength);
  auto move = [&](double shearX, double shiftX, double shearY, double shiftY) {
    return affine(image, {1, shearX, shiftX, shearY, 1, shiftY}, sampling);
  };
  switch (operation) {
  case Operation::AutoContrast:
    return autoContrast(image);
  case Operation::Equalize:
    return equalize(image);
  case Operation::Invert:
    return invert(image);
  case Operation::Rotate:
    return rotate(image, reach.signedBy(30), sampling);
  case Operation::Posterize:
    return posterize(image, reach.bits());
  case Operation::Solarize:
    return solarize(image, reach.threshold());
  case Operation::SolarizeAdd:
    return solarizeAdd(image, reach.amount());
  case Operation::Color:
    return adjustColor(image, reach.factor());
  case Operation::Contrast:
    return adjustContrast(image, reach.factor());
  case Operation::Brightness:
    return adjustBrightness(image, reach.factor());
  case Operation::Sharpness:
    return adjustSharpness(image, reach.factor());
  case Operation::ShearX:
    return move(reach.signedBy(0.3), 0, 0, 0);
  case Operation::ShearY:
    return move(0, 0, reach.signedBy(0.3), 0);
  case Operation::TranslateX:
    return move(0, reach.signedBy(0.45) * static_cast<double>(image.width), 0, 0);
  case Operation::TranslateY:
    return move(0, 0, 0, reach.signedBy(0.45) * static_cast<double>(image.height));
  }
  return image;
}

Image randAugment(const Image &image, const RandAugmentOptions &options, const Sampling &sampling,
                  const std::vector<Interpolation> &interpolations, Draws &draws) {
  Image result = image;
  for (int64_t i = 0; i < options.ops; ++i) {
    auto operation = static_cast<Operation>(draws.below(kOperations));
    if (!draws.chance(options.probability))
      continue;
    Strength strength;
    double level = options.noise > 0 ? options.magnitude + options.noise * draws.normal() : options.magnitude;
    strength.level = std::clamp(level, 0.0, kMostLevel);
    strength.negative = draws.chance(0.5);
    strength.increasing = options.increasing;
    Sampling drawn = sampling;
    drawn.interpolation = interpolations[static_cast<size_t>(draws.below(static_cast<int64_t>(interpolations.size())))];
    result = applyOperation(operation, result, strength, drawn);
  }
  return result;
}

} // namespace archrt::data
