//===- Attributes.cpp - Components and parameters as attributes -----------===//

#include "frontend/import/Attributes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace archc {
namespace {

/// One overload per alternative of spec::Value.
struct ValueWriter {
  Builder builder;

  Attribute operator()(bool value) { return builder.getBoolAttr(value); }
  Attribute operator()(int64_t value) { return builder.getI64IntegerAttr(value); }
  Attribute operator()(double value) { return builder.getF64FloatAttr(value); }
  Attribute operator()(const std::string &value) { return builder.getStringAttr(value); }
  Attribute operator()(const std::vector<int64_t> &value) { return builder.getDenseI64ArrayAttr(value); }
  Attribute operator()(const std::vector<double> &value) { return builder.getDenseF64ArrayAttr(value); }
  Attribute operator()(const std::vector<std::string> &value) {
    return builder.getStrArrayAttr(SmallVector<StringRef>(value.begin(), value.end()));
  }
  Attribute operator()(const spec::ComponentPtr &value) { return componentAttribute(*value, *builder.getContext()); }
};

mf::Role roleOf(spec::ParamRole role) {
  switch (role) {
  case spec::ParamRole::Trainable:
    return mf::Role::Trainable;
  case spec::ParamRole::Frozen:
    return mf::Role::Frozen;
  case spec::ParamRole::Buffer:
    return mf::Role::Buffer;
  }
  return mf::Role::Trainable;
}

} // namespace

DictionaryAttr componentAttribute(const spec::Component &component, MLIRContext &context) {
  Builder builder(&context);
  NamedAttrList keys;
  keys.set("kind", builder.getStringAttr(component.kind));
  for (const auto &[key, value] : component.keys)
    keys.set(key, std::visit(ValueWriter{builder}, value.data));
  return keys.getDictionary(&context);
}

mf::ParamAttr paramAttribute(const spec::ParamDecl &param, const std::string &prefix, MLIRContext &context) {
  Builder builder(&context);
  Type element = param.isInteger ? Type(builder.getI64Type()) : builder.getF32Type();
  std::string name = prefix.empty() ? param.name : prefix + "." + param.name;
  return mf::ParamAttr::get(&context, name, RankedTensorType::get(param.shape, element), roleOf(param.role),
                            mf::InitAttr::get(&context, param.init.kind, param.init.a, param.init.b), param.decay);
}

ArrayAttr paramAttributes(const std::vector<spec::ParamDecl> &params, MLIRContext &context) {
  SmallVector<Attribute> attributes;
  for (const spec::ParamDecl &param : params)
    attributes.push_back(paramAttribute(param, /*prefix=*/"", context));
  return ArrayAttr::get(&context, attributes);
}

mf::BranchAttr branchAttribute(const spec::Branch &branch, const spec::BranchNames &names, MLIRContext &context) {
  auto relative = mf::NamesAttr::get(&context, names.function, names.norm, names.layerScale, names.resScale);
  return mf::BranchAttr::get(&context, branch.order, branch.name, componentAttribute(branch.function, context),
                             componentAttribute(branch.norm, context), componentAttribute(branch.scale, context), relative);
}

} // namespace archc
