//===- Import.cpp - A resolved architecture as mf.arch --------------------===//

#include "frontend/import/Import.h"

#include "dialect/mf/MfOps.h"
#include "frontend/import/Attributes.h"
#include "frontend/import/Locations.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace archc {
namespace {

class Importer {
public:
  Importer(const spec::Architecture &architecture, MLIRContext &context)
      : architecture(architecture), context(context), builder(&context), locations(architecture, context) {}

  OwningOpRef<ModuleOp> run();

private:
  RankedTensorType mapType(int64_t height, int64_t width, int64_t channels) {
    return RankedTensorType::get({ShapedType::kDynamic, height, width, channels}, builder.getF32Type());
  }
  /// Appends to the state dict.
  void declare(const std::vector<spec::ParamDecl> &params, const std::string &prefix) {
    for (const spec::ParamDecl &param : params)
      stateDict.push_back(paramAttribute(param, prefix, context));
  }
  DictionaryAttr component(const spec::Component &component) { return componentAttribute(component, context); }

  Value importStage(const spec::Stage &stage, Value x);
  Value importParts(const spec::Stage &stage, Value x);
  Value importBlock(const spec::Block &block, Value x);
  Value importHead(const spec::Head &head, Value x);

  const spec::Architecture &architecture;
  MLIRContext &context;
  OpBuilder builder;
  LocationBuilder locations;
  SmallVector<Attribute> stateDict;
};

OwningOpRef<ModuleOp> Importer::run() {
  Location loc = locations.whole(architecture.name);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto arch = mf::ArchOp::create(builder, loc, architecture.name, architecture.classes);
  const spec::Input &input = architecture.input;
  Block &body = arch.getBody().emplaceBlock();
  Value x = body.addArgument(mapType(input.height, input.width, input.channels), loc);
  builder.setInsertionPointToEnd(&body);
  for (const spec::Stage &stage : architecture.stages)
    x = importStage(stage, x);
  x = importHead(architecture.head, x);
  mf::YieldOp::create(builder, loc, x);
  module->getOperation()->setAttr(mf::kParamsAttrName, builder.getArrayAttr(stateDict));
  return module;
}

Value Importer::importStage(const spec::Stage &stage, Value x) {
  Location loc = locations.stage(stage);
  Type result = mapType(stage.height, stage.width, stage.dim);
  auto op = mf::StageOp::create(builder, loc, result, static_cast<uint64_t>(stage.index), x);
  OpBuilder::InsertionGuard guard(builder);
  Block &body = op.getBody().emplaceBlock();
  Value argument = body.addArgument(x.getType(), loc);
  builder.setInsertionPointToEnd(&body);
  mf::YieldOp::create(builder, loc, importParts(stage, argument));
  return op.getResult(0);
}

Value Importer::importParts(const spec::Stage &stage, Value x) {
  Type map = mapType(stage.height, stage.width, stage.dim);
  if (stage.embed.kind != "none") {
    declare(stage.embedParams, stage.embedPath);
    x = mf::EmbedOp::create(builder, locations.part(stage.embedPath, stage.embed), map, stage.embedPath, x,
                            component(stage.embed), paramAttributes(stage.embedParams, context));
  }
  if (stage.position.kind != "none") {
    std::string path = "stages." + std::to_string(stage.index);
    declare(stage.positionParams, path);
    x = mf::PositionOp::create(builder, locations.part(path, stage.position), map, path, x, component(stage.position),
                               paramAttributes(stage.positionParams, context));
  }
  for (const spec::Block &block : stage.blocks)
    x = importBlock(block, x);
  return x;
}

Value Importer::importBlock(const spec::Block &block, Value x) {
  declare(block.params, block.path);
  std::vector<spec::BranchNames> names = spec::branchNames(block);
  SmallVector<Attribute> branches;
  for (auto [branch, name] : llvm::zip(block.branches, names))
    branches.push_back(branchAttribute(branch, name, context));
  return mf::BlockOp::create(builder, locations.block(block), x.getType(), block.path, x, block.arrangement,
                             builder.getArrayAttr(branches), paramAttributes(block.params, context));
}

Value Importer::importHead(const spec::Head &head, Value x) {
  declare(head.params, "head");
  int64_t width = cast<RankedTensorType>(x.getType()).getShape().back();
  DictionaryAttr classifier = component(head.classifier);
  if (architecture.classes == 0)
    classifier = builder.getDictionaryAttr(builder.getNamedAttr("kind", builder.getStringAttr("none")));
  int64_t features = architecture.classes == 0 ? width : architecture.classes;
  Type result = RankedTensorType::get({ShapedType::kDynamic, features}, builder.getF32Type());
  return mf::HeadOp::create(builder, locations.head(head), result, "head", x, head.order, head.pool, component(head.norm),
                            classifier, paramAttributes(head.params, context));
}

} // namespace

OwningOpRef<ModuleOp> importArchitecture(const spec::Architecture &architecture, MLIRContext &context) {
  context.loadDialect<mf::MfDialect, func::FuncDialect>();
  return Importer(architecture, context).run();
}

} // namespace archc
