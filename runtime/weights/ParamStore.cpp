#include "runtime/weights/ParamStore.h"

#include "runtime/graph/Artifact.h"
#include "runtime/weights/Convert.h"
#include "runtime/weights/Initialize.h"
#include "runtime/weights/NameMapping.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>

namespace archrt {

static size_t aligned(size_t bytes) { return (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment; }

static size_t elementCount(const abi::Param &param) {
  size_t count = 1;
  for (size_t i = 0; i < sizeOf(param.shape()); ++i)
    count *= param.shape()->Get(i);
  return count;
}

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

Status ParamStore::allocateAt(const std::vector<size_t> &params) {
  size_t total = 0;
  for (size_t param : params)
    total += aligned(sizes[param]);
  ARCHRT_ASSIGN(memory, AlignedBuffer::allocate(total));
  size_t offset = 0;
  for (size_t param : params) {
    pointers[param] = memory.data() + offset;
    writable[param] = 1;
    offset += aligned(sizes[param]);
  }
  return {};
}

Result<std::shared_ptr<ParamStore>> ParamStore::allocate(const abi::Model &model) {
  auto store = std::make_shared<ParamStore>();
  size_t count = sizeOf(model.params());
  store->pointers.assign(count, nullptr);
  store->writable.assign(count, 0);
  std::vector<size_t> all;
  for (size_t i = 0; i < count; ++i) {
    const abi::Param &param = *model.params()->Get(i);
    store->sizes.push_back(elementCount(param) * elementBytes(param.dtype()));
    all.push_back(i);
  }
  ARCHRT_TRY(store->allocateAt(all));
  return store;
}

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
  bool canBind(size_t param) const;
  Status fill(ParamStore &store);

  const SafetensorsFile &file;
  const abi::Model &model;
  const ImportOptions &options;
  ImportReport &report;
  const NameMapping *mapping = nullptr;
  std::vector<const SafeTensor *> sources; // per parameter, null when missing
};

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

/// Whether the kernels can read the file's bytes where they lie.
bool WeightImporter::canBind(size_t param) const {
  const SafeTensor *source = sources[param];
  bool same = source && source->dtype == (model.params()->Get(param)->dtype() == abi::DType::F32 ? "F32" : "I64");
  return same && file.file() && reinterpret_cast<uintptr_t>(source->bytes.data) % kBufferAlignment == 0;
}

/// A counter starts at zero, which the memory is.
static Status fillInitial(const abi::Param &param, void *out) {
  if (param.dtype() != abi::DType::F32 || !param.init())
    return {};
  ARCHRT_ASSIGN(std::vector<float> values,
                initialize(/*seed=*/0, std::string(textOf(param.name())), shapeOf(param),
                           {std::string(textOf(param.init()->kind())), param.init()->a(), param.init()->b()}));
  std::memcpy(out, values.data(), values.size() * sizeof(float));
  return {};
}

Status WeightImporter::fill(ParamStore &store) {
  std::vector<size_t> copied;
  for (size_t i = 0; i < sources.size(); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    store.sizes.push_back(elementCount(param) * elementBytes(param.dtype()));
    if (canBind(i))
      store.pointers[i] = sources[i]->bytes.data;
    else
      copied.push_back(i);
  }
  ARCHRT_TRY(store.allocateAt(copied));
  for (size_t i : copied) {
    if (!sources[i]) {
      ARCHRT_TRY(fillInitial(*model.params()->Get(i), store.mutableData(i)));
      continue;
    }
    size_t count = elementCount(*model.params()->Get(i));
    void *out = store.mutableData(i);
    if (convertToFloat(sources[i]->dtype, sources[i]->bytes, count, static_cast<float *>(out)))
      continue;
    for (size_t k = 0; k < count; ++k)
      static_cast<int64_t *>(out)[k] =
          sources[i]->dtype == "I64" ? loadElement<int64_t>(sources[i]->bytes, k) : loadElement<int32_t>(sources[i]->bytes, k);
  }
  store.file = file.file();
  return {};
}

Result<std::shared_ptr<ParamStore>> WeightImporter::run() {
  ARCHRT_TRY(chooseMapping());
  ARCHRT_TRY(match());
  ARCHRT_TRY(checkExact());
  auto store = std::make_shared<ParamStore>();
  store->pointers.assign(sources.size(), nullptr);
  store->writable.assign(sources.size(), 0);
  ARCHRT_TRY(fill(*store));
  return store;
}

Result<std::shared_ptr<ParamStore>> importWeights(const SafetensorsFile &file, const abi::Model &model,
                                                  const ImportOptions &options, ImportReport &report) {
  return WeightImporter(file, model, options, report).run();
}

} // namespace archrt
