#include "runtime/weights/ImportWeights.h"

#include "runtime/graph/Artifact.h"
#include "runtime/weights/NameMapping.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace archrt {

static std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

static std::vector<int64_t> shapeOf(const abi::Param &param) {
  std::vector<int64_t> shape;
  for (size_t i = 0; i < sizeOf(param.shape()); ++i)
    shape.push_back(param.shape()->Get(i));
  return shape;
}

namespace {
class WeightImporter {
public:
  WeightImporter(const SafetensorsFile &file, const abi::Model &model, const ImportOptions &options, ImportReport &report)
      : file(file), model(model), options(options), report(report) {}

  Result<std::shared_ptr<ParamStore>> run();

private:
  Status chooseMapping();
  Status match();
  Status checkTensor(const abi::Param &param, const SafeTensor &tensor);
  Status checkExact() const;

  const SafetensorsFile &file;
  const abi::Model &model;
  const ImportOptions &options;
  ImportReport &report;
  const NameMapping *mapping = nullptr;
  std::vector<const SafeTensor *> sources; // per parameter, null when missing
};
} // namespace

/// The mapping under which most of the file's names are parameters; the first one wins a tie.
Status WeightImporter::chooseMapping() {
  std::set<std::string_view> names;
  for (size_t i = 0; i < sizeOf(model.params()); ++i)
    names.insert(textOf(model.params()->Get(i)->name()));
  size_t best = 0;
  for (const NameMapping &candidate : nameMappings()) {
    if (options.mapping != "auto" && options.mapping != candidate.name)
      continue;
    size_t hits = 0;
    for (const SafeTensor &tensor : file.tensors())
      hits += names.count(candidate.map(tensor.name));
    if (!mapping || hits > best) {
      mapping = &candidate;
      best = hits;
    }
  }
  if (!mapping) {
    std::string known;
    for (const NameMapping &candidate : nameMappings())
      known += concat(known.empty() ? "`" : ", `", candidate.name, "`");
    return invalid("unknown name mapping `", options.mapping, "`; expected `auto` or one of ", known);
  }
  report.mapping = mapping->name;
  return {};
}

/// Shapes that differ in trailing ones only hold the same numbers in the same order.
static bool equalButTrailingOnes(std::vector<int64_t> a, std::vector<int64_t> b) {
  auto strip = [](std::vector<int64_t> &shape) {
    while (!shape.empty() && shape.back() == 1)
      shape.pop_back();
  };
  strip(a);
  strip(b);
  return a == b;
}

static bool isFloat(const std::string &dtype) { return dtype == "F32" || dtype == "F16" || dtype == "BF16" || dtype == "F64"; }

Status WeightImporter::checkTensor(const abi::Param &param, const SafeTensor &tensor) {
  std::string name(textOf(param.name()));
  std::vector<int64_t> wanted = shapeOf(param);
  if (tensor.shape != wanted) {
    if (!equalButTrailingOnes(tensor.shape, wanted))
      return invalid("`", tensor.name, "` has shape ", shapeText(tensor.shape), "; expected ", shapeText(wanted));
    report.reshaped.push_back({name, tensor.name, shapeText(tensor.shape) + " -> " + shapeText(wanted)});
  }
  std::string dtype = param.dtype() == abi::DType::F32 ? "F32" : param.dtype() == abi::DType::I64 ? "I64" : "";
  bool castable = (dtype == "F32" && isFloat(tensor.dtype)) || (dtype == "I64" && tensor.dtype == "I32");
  if (dtype.empty() || (tensor.dtype != dtype && !castable))
    return invalid("`", tensor.name, "` has dtype ", tensor.dtype, "; expected ",
                   dtype.empty() ? dtypeName(param.dtype()) : dtype.c_str());
  if (tensor.dtype != dtype)
    report.cast.push_back({name, tensor.name, tensor.dtype + " -> " + dtype});
  report.used.push_back({name, tensor.name == name ? "" : tensor.name, ""});
  return {};
}

Status WeightImporter::match() {
  std::unordered_map<std::string_view, size_t> index;
  sources.assign(sizeOf(model.params()), nullptr);
  for (size_t i = 0; i < sources.size(); ++i)
    index[textOf(model.params()->Get(i)->name())] = i;
  for (const SafeTensor &tensor : file.tensors()) {
    std::string name = mapping->map(tensor.name);
    auto found = index.find(name);
    if (found == index.end()) {
      report.unused.push_back({tensor.name, "", name == tensor.name ? "" : "would be `" + name + "`"});
      continue;
    }
    const SafeTensor *&source = sources[found->second];
    if (source)
      return invalid("`", source->name, "` and `", tensor.name, "` both map to the parameter `", name, "`");
    source = &tensor;
  }
  Status first;
  for (size_t i = 0; i < sources.size(); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    if (!sources[i])
      report.missing.push_back({std::string(textOf(param.name())), "", shapeText(shapeOf(param))});
    else if (Status status = checkTensor(param, *sources[i]); !status.ok() && first.ok())
      first = std::move(status);
  }
  return first;
}

static std::string listNames(const std::vector<ImportReport::Row> &rows) {
  constexpr size_t shown = 4;
  std::string text;
  for (size_t i = 0; i < std::min(shown, rows.size()); ++i)
    text += (i ? ", `" : "`") + rows[i].name + "`";
  return rows.size() > shown ? concat(text, " and ", rows.size() - shown, " more") : text;
}

Status WeightImporter::checkExact() const {
  if (options.partial || report.exact())
    return {};
  std::string text;
  if (!report.missing.empty())
    text += concat(report.missing.size(), " parameters are missing: ", listNames(report.missing));
  if (!report.unused.empty())
    text += concat(text.empty() ? "" : "; ", report.unused.size(), " tensors are not used: ", listNames(report.unused));
  return invalid("the weights do not fit `", textOf(model.name()), "`: ", text,
                 "; `archc weights map` shows all names, `--partial` accepts what fits");
}

Result<std::shared_ptr<ParamStore>> WeightImporter::run() {
  ARCHRT_TRY(chooseMapping());
  ARCHRT_TRY(match());
  ARCHRT_TRY(checkExact());
  std::vector<ParamStore::Source> found;
  for (const SafeTensor *source : sources)
    found.push_back(source ? ParamStore::Source{source->dtype, source->bytes} : ParamStore::Source{});
  return ParamStore::fromSources(model, std::move(found), file.file());
}

Result<std::shared_ptr<ParamStore>> importWeights(const SafetensorsFile &file, const abi::Model &model,
                                                  const ImportOptions &options, ImportReport &report) {
  return WeightImporter(file, model, options, report).run();
}

} // namespace archrt
