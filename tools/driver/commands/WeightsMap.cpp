//===- WeightsMap.cpp - archc weights map ---------------------------------===//

#include "frontend/cost/Costs.h"
#include "runtime/weights/ImportWeights.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/SpecCommand.h"

#include <cstdio>
#include <memory>

using namespace archrt;
using nlohmann::ordered_json;

namespace archc::driver {
namespace {

struct WeightsMapOptions {
  spec::LoadOptions spec;
  std::string file, output;
  ImportOptions import;
  bool json = false;
};

/// The parameter table that the compiler would write into the artifact.
flatbuffers::DetachedBuffer parameterTable(const spec::Architecture &architecture) {
  abi::ModelT model;
  model.name = architecture.name;
  for (const spec::ParamDecl &param : spec::allParameters(architecture)) {
    auto out = std::make_unique<abi::ParamT>();
    out->name = param.name;
    out->shape = param.shape;
    out->dtype = param.isInteger ? abi::DType::I64 : abi::DType::F32;
    out->init = std::make_unique<abi::InitT>();
    out->init->kind = param.init.kind;
    out->init->a = param.init.a;
    out->init->b = param.init.b;
    model.params.push_back(std::move(out));
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(abi::Model::Pack(builder, &model));
  return builder.Release();
}

ordered_json rowsJson(const std::vector<ImportReport::Row> &rows) {
  ordered_json out = ordered_json::array();
  for (const ImportReport::Row &row : rows) {
    out.push_back({{"name", row.name}});
    if (!row.source.empty())
      out.back()["source"] = row.source;
    if (!row.detail.empty())
      out.back()["detail"] = row.detail;
  }
  return out;
}

ordered_json reportJson(const ImportReport &report) {
  return {{"mapping", report.mapping},           {"exact", report.exact()},
          {"used", rowsJson(report.used)},       {"unused", rowsJson(report.unused)},
          {"missing", rowsJson(report.missing)}, {"reshaped", rowsJson(report.reshaped)},
          {"cast", rowsJson(report.cast)}};
}

void printRows(const char *what, const std::vector<ImportReport::Row> &rows) {
  for (const ImportReport::Row &row : rows)
    std::printf("%-8s  %s%s%s%s%s\n", what, row.name.c_str(), row.source.empty() || row.source == row.name ? "" : "  <- ",
                row.source.empty() || row.source == row.name ? "" : row.source.c_str(), row.detail.empty() ? "" : "  ",
                row.detail.c_str());
}

void printReport(const ImportReport &report) {
  printRows("used", report.used);
  printRows("reshaped", report.reshaped);
  printRows("cast", report.cast);
  printRows("missing", report.missing);
  printRows("unused", report.unused);
  std::printf("mapping %s: %zu used, %zu reshaped, %zu cast, %zu missing, %zu unused\n", report.mapping.c_str(),
              report.used.size(), report.reshaped.size(), report.cast.size(), report.missing.size(), report.unused.size());
}

/// The parameters under the model's own names and shapes.
Status writeMapped(const std::string &path, const abi::Model &model, const ParamStore &store) {
  std::vector<SafeTensor> tensors;
  for (size_t i = 0; i < sizeOf(model.params()); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    SafeTensor tensor;
    tensor.name = textOf(param.name());
    tensor.dtype = param.dtype() == abi::DType::I64 ? "I64" : "F32";
    for (size_t d = 0; d < sizeOf(param.shape()); ++d)
      tensor.shape.push_back(param.shape()->Get(d));
    tensor.bytes = {store.data(i), store.byteSize(i)};
    tensors.push_back(std::move(tensor));
  }
  return writeSafetensors(path, tensors, {{"format", "pt"}, {"arch", std::string(textOf(model.name()))}});
}

int map(const WeightsMapOptions &options) {
  spec::Architecture architecture;
  if (int code = loadOrReport(options.spec, architecture))
    return code;
  auto file = SafetensorsFile::open(options.file);
  if (!file.ok())
    return report(file.status());
  flatbuffers::DetachedBuffer table = parameterTable(architecture);
  const abi::Model &model = *flatbuffers::GetRoot<abi::Model>(table.data());
  ImportReport rows;
  auto store = importWeights(*file, model, options.import, rows);
  if (options.json)
    printJson(reportJson(rows));
  else
    printReport(rows);
  if (!store.ok())
    return report(Status(store.status()).in(options.file));
  if (options.output.empty())
    return ExitOk;
  auto values = (*store)->materialize();
  if (!values.ok())
    return report(values.status());
  Status written = writeMapped(options.output, model, **values);
  return written.ok() ? static_cast<int>(ExitOk) : report(written);
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<WeightsMapOptions>();
  addSpecOptions(app, options->spec);
  app.add_option("FILE", options->file, "A safetensors file")->required();
  app.add_option("--names", options->import.mapping,
                 "How the file names its tensors: auto, timm, sail_metaformer, sail_poolformer")
      ->capture_default_str();
  app.add_flag("--partial", options->import.partial, "Accept missing and unused names");
  app.add_option("-o,--output", options->output, "Write the weights under the model's own names and shapes, in f32");
  app.add_flag("--json", options->json, "Print one JSON object");
  return [options] { return map(*options); };
}

const bool registered =
    registerCommand({"weights map", "Report how the tensors of a file fit a spec: used, missing, unused, reshaped, cast",
                     "archc weights map caformer_s18_sail caformer_s18.pth.safetensors", setup});

} // namespace
} // namespace archc::driver
