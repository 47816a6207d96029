//===- WeightsInspect.cpp - archc weights inspect -------------------------===//

#include "runtime/weights/Convert.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"

#include <cmath>
#include <cstdio>
#include <memory>

using namespace archrt;
using nlohmann::ordered_json;

namespace archc::driver {
namespace {

struct WeightsInspectOptions {
  std::string file;
  bool values = false, json = false;
};

struct Values {
  double least = 0, largest = 0, mean = 0;
  int64_t notFinite = 0;
};

Values valuesOf(const SafeTensor &tensor, int64_t count) {
  std::vector<float> numbers(static_cast<size_t>(count));
  Values out;
  if (!convertToFloat(tensor.dtype, tensor.bytes, numbers.size(), numbers.data()))
    return out;
  int64_t finite = 0;
  for (float number : numbers) {
    if (!std::isfinite(number)) {
      ++out.notFinite;
      continue;
    }
    out.least = finite == 0 ? number : std::min<double>(out.least, number);
    out.largest = finite == 0 ? number : std::max<double>(out.largest, number);
    out.mean += number;
    ++finite;
  }
  out.mean /= finite > 0 ? static_cast<double>(finite) : 1;
  return out;
}

ordered_json tensorJson(const SafeTensor &tensor, bool withValues) {
  int64_t count = 1;
  for (int64_t extent : tensor.shape)
    count *= extent;
  ordered_json row = {{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"elements", count}};
  if (!withValues)
    return row;
  Values values = valuesOf(tensor, count);
  row["min"] = values.least;
  row["max"] = values.largest;
  row["mean"] = values.mean;
  row["not_finite"] = values.notFinite;
  return row;
}

void printRow(const ordered_json &row, bool withValues) {
  std::printf("%-5s %12lld  %-22s %s", row["dtype"].get<std::string>().c_str(), row["elements"].get<long long>(),
              row["shape"].dump().c_str(), row["name"].get<std::string>().c_str());
  if (withValues)
    std::printf("  min %.5g max %.5g mean %.5g%s", row["min"].get<double>(), row["max"].get<double>(), row["mean"].get<double>(),
                row["not_finite"] == 0 ? "" : (", not finite: " + row["not_finite"].dump()).c_str());
  std::printf("\n");
}

int inspect(const WeightsInspectOptions &options) {
  auto file = SafetensorsFile::open(options.file);
  if (!file.ok())
    return report(file.status());
  ordered_json tensors = ordered_json::array();
  int64_t elements = 0;
  for (const SafeTensor &tensor : file->tensors()) {
    tensors.push_back(tensorJson(tensor, options.values));
    elements += tensors.back()["elements"].get<int64_t>();
  }
  ordered_json about = {
      {"file", options.file}, {"tensors", tensors.size()}, {"elements", elements}, {"metadata", file->metadata()}};
  if (options.json) {
    about["tensor_list"] = tensors;
    printJson(about);
    return ExitOk;
  }
  for (const ordered_json &row : tensors)
    printRow(row, options.values);
  std::printf("%zu tensors, %lld elements\n", tensors.size(), static_cast<long long>(elements));
  for (const auto &[key, value] : file->metadata())
    std::printf("metadata %s: %s\n", key.c_str(), value.c_str());
  return ExitOk;
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<WeightsInspectOptions>();
  app.add_option("FILE", options->file, "A safetensors file")->required();
  app.add_flag("--values", options->values, "Also show least, largest and mean value, and how many are not finite");
  app.add_flag("--json", options->json, "Print one JSON object");
  return [options] { return inspect(*options); };
}

const bool registered = registerCommand({"weights inspect", "List the tensors of a safetensors file",
                                         "archc weights inspect caformer_s18.safetensors --values", setup});

} // namespace
} // namespace archc::driver
