//===- WeightsInit.cpp - archc weights init -------------------------------===//

#include "frontend/cost/Costs.h"
#include "runtime/weights/Initialize.h"
#include "runtime/weights/Safetensors.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/SpecCommand.h"

#include <deque>
#include <iostream>
#include <memory>

namespace archc::driver {
namespace {

struct WeightsInitOptions {
  spec::LoadOptions spec;
  uint64_t seed = 0;
  std::string output;
};

/// The bytes of one parameter; an integer is a counter and starts at zero.
archrt::Result<std::string> initialBytes(const spec::ParamDecl &param, uint64_t seed) {
  if (param.isInteger)
    return std::string(sizeof(int64_t), '\0');
  auto values = archrt::initialize(seed, param.name, param.shape, {param.init.kind, param.init.a, param.init.b});
  if (!values.ok())
    return values.status();
  return std::string(reinterpret_cast<const char *>(values->data()), values->size() * sizeof(float));
}

int initWeights(const WeightsInitOptions &options) {
  spec::Architecture architecture;
  if (int code = loadOrReport(options.spec, architecture))
    return code;
  std::deque<std::string> storage; // keeps its elements where they are
  std::vector<archrt::SafeTensor> tensors;
  for (const spec::ParamDecl &param : spec::allParameters(architecture)) {
    auto bytes = initialBytes(param, options.seed);
    if (!bytes.ok())
      return report(bytes.status());
    storage.push_back(std::move(*bytes));
    tensors.push_back({param.name, param.isInteger ? "I64" : "F32", param.shape, archrt::ByteView(storage.back())});
  }
  archrt::Status written = archrt::writeSafetensors(
      options.output, tensors, {{"format", "pt"}, {"arch", architecture.name}, {"seed", std::to_string(options.seed)}});
  if (!written.ok())
    return report(written);
  std::cout << options.output << ": " << tensors.size() << " tensors of " << architecture.name << ", seed " << options.seed
            << "\n";
  return ExitOk;
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<WeightsInitOptions>();
  addSpecOptions(app, options->spec);
  app.add_option("--seed", options->seed, "The same seed gives the same bits on every machine")->capture_default_str();
  app.add_option("-o,--output", options->output, "The safetensors file to write")->required();
  return [options] { return initWeights(*options); };
}

const bool registered = registerCommand({"weights init", "Write freshly initialised weights, as timm initialises them",
                                         "archc weights init caformer_s18 --seed 1 -o caformer_s18.safetensors", setup});

} // namespace
} // namespace archc::driver
