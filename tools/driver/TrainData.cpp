#include "tools/driver/TrainData.h"

#include <algorithm>
#include <cmath>

using namespace archrt;
using namespace archrt::data;

namespace archc::driver {

static LoaderOptions optionsFor(const Artifact &artifact) {
  const abi::InputInfo &input = *artifact.model().input();
  LoaderOptions options;
  options.channels = input.channels();
  options.classes = artifact.model().classes();
  options.transform.height = input.height();
  options.transform.width = input.width();
  if (input.crop_pct() > 0)
    options.transform.cropPct = input.crop_pct();
  if (!textOf(input.interpolation()).empty())
    options.transform.interpolation = textOf(input.interpolation());
  for (uint32_t c = 0; c < input.channels(); ++c) {
    options.mean.push_back(c < sizeOf(input.mean()) ? float(input.mean()->Get(c)) : 0.0f);
    options.std.push_back(c < sizeOf(input.std()) ? float(input.std()->Get(c)) : 1.0f);
  }
  return options;
}

// The enums are copied by number.
static_assert(int(CropMode::RandomResized) == int(recipe::CropKind::RandomResized) &&
              int(CropMode::Pad) == int(recipe::CropKind::Pad));
static_assert(int(EraseMode::Const) == int(recipe::EraseKind::Const) && int(EraseMode::Rand) == int(recipe::EraseKind::Rand) &&
              int(EraseMode::Pixel) == int(recipe::EraseKind::Pixel));

static std::vector<Interpolation> interpolationsOf(const std::string &name) {
  if (name == "random")
    return {Interpolation::Bilinear, Interpolation::Bicubic};
  return {name == "bilinear" ? Interpolation::Bilinear : Interpolation::Bicubic};
}

static AugmentOptions augmentOf(const recipe::Augment &from, const LoaderOptions &loader) {
  AugmentOptions to;
  to.crop = static_cast<CropMode>(static_cast<int>(from.crop));
  to.range = {from.scaleMin, from.scaleMax, from.ratioMin, from.ratioMax};
  to.padding = from.padding;
  to.interpolations = interpolationsOf(from.interpolation);
  to.flip = from.flip;
  to.verticalFlip = from.verticalFlip;
  if (from.randAugment)
    to.randAugment = RandAugmentOptions{from.ops, from.magnitude, from.magnitudeNoise, from.opProbability, from.increasing};
  // timm fills with the mean of the data set's colours.
  for (size_t c = 0; c < to.fill.size(); ++c) {
    double mean = loader.mean.empty() ? 0.5 : loader.mean[std::min(c, loader.mean.size() - 1)];
    to.fill[c] = static_cast<uint8_t>(std::clamp(std::nearbyint(255 * mean), 0.0, 255.0));
  }
  to.jitter = {from.brightness, from.contrast, from.saturation, from.hue};
  to.erase = {static_cast<EraseMode>(static_cast<int>(from.erase)),
              from.eraseProbability,
              from.eraseAreaMin,
              from.eraseAreaMax,
              from.eraseAspect,
              from.eraseCount};
  return to;
}

Result<std::unique_ptr<Loader>> openTrainSource(const std::string &data, const Artifact &artifact, const recipe::Recipe &recipe) {
  ARCHRT_ASSIGN(std::shared_ptr<const Dataset> dataset, openDataset(data, Split::Train));
  LoaderOptions options = optionsFor(artifact);
  options.seed = recipe.run.seed;
  options.shuffle = recipe.data.shuffle;
  options.repeats = recipe.data.repeats;
  options.limit = recipe.data.limit;
  options.training = true;
  options.augment = augmentOf(recipe.augment, options);
  const recipe::Regularize &regularize = recipe.regularize;
  options.mix = {regularize.mixup, regularize.cutmix, regularize.mixProbability, regularize.mixSwitch};
  options.mixOffEpoch = regularize.mixOffEpoch;
  options.smoothing = recipe.loss.smoothing;
  options.loaders = static_cast<int>(recipe.data.loaders);
  options.prefetch = recipe.data.prefetch;
  options.skipCorrupt = recipe.data.skipCorrupt;
  return Loader::create(std::move(dataset), std::move(options));
}

Result<std::unique_ptr<Loader>> openEvalSource(const std::string &data, const Artifact &artifact,
                                               const EvalDataOptions &evalOptions) {
  ARCHRT_ASSIGN(std::shared_ptr<const Dataset> dataset, openDataset(data, Split::Test));
  LoaderOptions options = optionsFor(artifact);
  options.limit = evalOptions.limit;
  options.loaders = evalOptions.loaders;
  options.skipCorrupt = evalOptions.skipCorrupt;
  return Loader::create(std::move(dataset), std::move(options));
}

} // namespace archc::driver
