#include "passes/Emit/PlanWriter.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;
namespace abi = archrt::abi;

namespace archc {
namespace {

abi::Extent extentOf(plan::ExtentAttr extent) { return abi::Extent(extent.getConstant(), extent.getBatch()); }

std::unique_ptr<abi::Extent> boxedExtent(plan::ExtentAttr extent) { return std::make_unique<abi::Extent>(extentOf(extent)); }

class Writer {
public:
  Writer(plan::ProgramOp program, const PlaceCode &placeCode, ModelSection &model)
      : program(program), placeCode(placeCode), model(model) {
    for (auto [index, param] : llvm::enumerate(model.model->params))
      params[param->name] = index;
  }

  std::unique_ptr<abi::TargetPlanT> run() {
    plan = std::make_unique<abi::TargetPlanT>();
    plan->target = program.getTarget().str();
    plan->vector_width = program.getVectorWidth();
    plan->packed_bytes = program.getPackedBytes();
    plan->grad_packed_bytes = program.getGradPackedBytes();
    for (auto buffer : program.getOps<plan::BufferOp>())
      writeBuffer(buffer);
    for (auto kernel : program.getOps<plan::KernelOp>())
      writeKernel(kernel);
    for (auto function : program.getOps<plan::FunctionOp>())
      writeFunction(function);
    return std::move(plan);
  }

private:
  void writeBuffer(plan::BufferOp buffer) {
    auto out = std::make_unique<abi::BufferT>();
    out->storage = static_cast<abi::Storage>(buffer.getStorage());
    auto type = cast<RankedTensorType>(buffer.getType());
    out->dtype = type.getElementType().isInteger(8) ? abi::DType::U8 : abi::DType::F32;
    out->offset = boxedExtent(buffer.getOffset());
    out->size = boxedExtent(buffer.getSize());
    out->row_stride = buffer.getRowStride();
    out->name = buffer.getSymName().str();
    for (int64_t size : type.getShape())
      out->shape.push_back(ShapedType::isDynamic(size) ? abi::Extent(0, 1) : abi::Extent(size, 0));
    if (buffer.getParam())
      out->param = params.lookup(*buffer.getParam());
    buffers[buffer.getSymName()] = plan->buffers.size();
    plan->buffers.push_back(std::move(out));
  }

  void writeKernel(plan::KernelOp kernel) {
    auto out = std::make_unique<abi::KernelT>();
    out->name = kernel.getSymName().str();
    placeCode(*out);
    for (Operation &op : kernel.getBody().front().without_terminator())
      out->description += (out->description.empty() ? "" : " ") + op.getName().stripDialect().str();
    kernels[kernel.getSymName()] = plan->kernels.size();
    plan->kernels.push_back(std::move(out));
  }

  void writeFunction(plan::FunctionOp function) {
    auto out = std::make_unique<abi::PlanFunctionT>();
    out->name = function.getSymName().str();
    out->arena_bytes = boxedExtent(function.getArena());
    for (auto input : function.getInputs().getAsRange<FlatSymbolRefAttr>())
      out->inputs.push_back(buffers.lookup(input.getValue()));
    for (auto output : function.getOutputs().getAsRange<FlatSymbolRefAttr>())
      out->outputs.push_back(buffers.lookup(output.getValue()));
    const bool trains = out->name == "grad" || out->name == "prepare_grad";
    const WrittenGraph &graph = trains ? model.grad : model.graph;
    for (auto step : function.getOps<plan::StepOp>()) {
      out->steps.push_back(writeStep(step));
      writeOps(step, graph, *out->steps.back());
      if (!trains) // several values of a training step have one path
        writeTaps(step, graph, *out->steps.back());
    }
    plan->functions.push_back(std::move(out));
  }

  std::unique_ptr<abi::StepT> writeStep(plan::StepOp step) {
    auto out = std::make_unique<abi::StepT>();
    out->kernel = kernels.lookup(step.getKernel());
    for (auto operand : step.getBuffers().getAsRange<plan::OperandAttr>()) {
      auto access = std::make_unique<abi::OperandT>();
      access->buffer = buffers.lookup(operand.getBuffer().getValue());
      access->access = operand.getWrite() ? abi::Access::Write : abi::Access::Read;
      access->need = static_cast<abi::Need>(operand.getNeed());
      out->operands.push_back(std::move(access));
    }
    out->axis = std::make_unique<abi::AxisT>();
    out->axis->kind = static_cast<abi::AxisKind>(step.getAxis());
    out->axis->extent = boxedExtent(step.getExtent());
    out->axis->grain = step.getGrain();
    out->scratch = step.getScratch();
    out->flops = boxedExtent(step.getFlops());
    out->bytes = boxedExtent(step.getBytes());
    out->location = model.locations.intern(step.getLoc());
    return out;
  }

  /// Which graph ops the step does.
  static void writeOps(plan::StepOp step, const WrittenGraph &graph, abi::StepT &out) {
    for (auto path : step.getOps().getAsRange<StringAttr>())
      if (auto op = graph.opOfPath.find(path.getValue()); op != graph.opOfPath.end())
        if (!llvm::is_contained(out.ops, op->second))
          out.ops.push_back(op->second);
  }

  /// Which graph values the step's buffers hold afterwards.
  void writeTaps(plan::StepOp step, const WrittenGraph &graph, abi::StepT &out) {
    for (NamedAttribute tap : step.getTaps()) {
      auto value = graph.valueOfPath.find(tap.getName().getValue());
      if (value == graph.valueOfPath.end())
        continue;
      out.taps.push_back(value->second);
      out.tap_buffers.push_back(buffers.lookup(cast<FlatSymbolRefAttr>(tap.getValue()).getValue()));
    }
  }

  plan::ProgramOp program;
  const PlaceCode &placeCode;
  ModelSection &model;
  std::unique_ptr<abi::TargetPlanT> plan;
  llvm::StringMap<uint32_t> params, buffers, kernels;
};

} // namespace

std::unique_ptr<abi::TargetPlanT> writePlan(plan::ProgramOp program, const PlaceCode &placeCode, ModelSection &model,
                                            const std::vector<PassRemark> &remarks) {
  auto plan = Writer(program, placeCode, model).run();
  for (const PassRemark &remark : remarks) {
    auto out = std::make_unique<abi::RemarkT>();
    out->kind = remark.kind;
    out->pass_name = remark.pass;
    out->message = remark.message;
    out->location = model.locations.internPath(remark.path);
    plan->remarks.push_back(std::move(out));
  }
  return plan;
}

} // namespace archc
