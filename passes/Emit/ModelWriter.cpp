#include "passes/Emit/ModelWriter.h"

#include "dialect/mf/MfDialect.h"

using namespace mlir;
namespace abi = archrt::abi;

namespace archc {

static std::unique_ptr<abi::ParamT> writeParam(mf::ParamAttr param) {
  auto out = std::make_unique<abi::ParamT>();
  out->name = param.getName().str();
  RankedTensorType type = param.getType();
  out->dtype = type.getElementType().isInteger(64) ? abi::DType::I64 : abi::DType::F32;
  out->shape.assign(type.getShape().begin(), type.getShape().end());
  out->role = static_cast<abi::Role>(param.getRole());
  out->decay = param.getDecay();
  out->init = std::make_unique<abi::InitT>();
  out->init->kind = param.getInit().getKind().str();
  out->init->a = param.getInit().getA().getValueAsDouble();
  out->init->b = param.getInit().getB().getValueAsDouble();
  return out;
}

ModelSection writeModel(ModuleOp module, func::FuncOp forward, const ModelInfo &info) {
  ModelSection section;
  section.model = std::make_unique<abi::ModelT>();
  abi::ModelT &model = *section.model;
  model.name = info.name;
  model.classes = info.classes;
  model.spec = info.spec;
  model.version = info.version;
  model.labels = info.labels;
  if (auto params = module->getAttrOfType<ArrayAttr>("mf.params"))
    for (auto param : params.getAsRange<mf::ParamAttr>())
      model.params.push_back(writeParam(param));

  section.graph = writeGraph(forward, section.locations);
  model.functions.push_back(std::move(section.graph.function));

  ArrayRef<int64_t> shape = cast<RankedTensorType>(forward.getArgument(0).getType()).getShape();
  model.input = std::make_unique<abi::InputInfoT>();
  model.input->height = shape[1];
  model.input->width = shape[2];
  model.input->channels = shape[3];
  model.input->mean = info.mean;
  model.input->std = info.std;
  model.input->crop_pct = info.cropPct;
  model.input->interpolation = info.interpolation;
  return section;
}

void writeGradient(ModelSection &section, func::FuncOp grad) {
  section.grad = writeGraph(grad, section.locations);
  abi::FunctionT &function = *section.grad.function;
  const auto &params = section.model->params;
  for (unsigned i = 2; i < grad.getNumResults(); ++i) { // behind loss and logits
    auto name = grad.getResultAttrOfType<StringAttr>(i, "mf.gradient_of");
    auto found = llvm::find_if(params, [&](const auto &param) { return name && param->name == name.getValue(); });
    function.gradient_of.push_back(found - params.begin());
  }
  section.model->functions.push_back(std::move(section.grad.function));
}

} // namespace archc
