#include "passes/Pipelines/Compile.h"

#include "passes/Emit/DeviceCode.h"
#include "passes/Emit/NativeCode.h"
#include "passes/LowerCpu/LowerProgram.h"
#include "passes/LowerCuda/LowerProgram.h"
#include "passes/Pipelines/Phases.h"
#include "passes/Pipelines/RemarkLog.h"
#include "passes/Plan/Planner.h"
#include "passes/Plan/Targets.h"
#include "runtime/core/ContainerWriter.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace abi = archrt::abi;

namespace archc {
namespace {

/// A target's part of the artifact.
struct CompiledTarget {
  std::unique_ptr<abi::TargetPlanT> plan;
  std::vector<char> code;  // of a CPU
  cuda::DeviceCode device; // of a GPU
};

archrt::ByteView bytesOf(const flatbuffers::FlatBufferBuilder &builder) {
  return {builder.GetBufferPointer(), builder.GetSize()};
}

class Compilation {
public:
  Compilation(ModuleOp module, const CompileOptions &options, CompileResult &result)
      : module(module), options(options), result(result), remarks(collectRemarks(*module.getContext())) {
    phaseOptions.mean = options.info.mean;
    phaseOptions.std = options.info.std;
    phaseOptions.fuse = options.fuse;
    phaseOptions.fold = options.fold;
    phaseOptions.train = options.train;
    phaseOptions.loss = options.loss;
    phaseOptions.checkpoints = options.checkpoints;
    phaseOptions.dropPath = options.dropPath;
    phaseOptions.headDropout = options.headDropout;
  }

  LogicalResult run() {
    if (failed(runShared()))
      return failure();
    sharedRemarks = remarks->size();
    for (const std::string &target : options.targets)
      if (!stopped && failed(runTarget(target)))
        return failure();
    result.remarks = *remarks;
    if (!stopped)
      writeArtifact();
    return success();
  }

private:
  /// Runs one phase on `on` and dumps what it left.
  LogicalResult runPhase(Phase phase, ModuleOp on) {
    const PhaseRow &row = phases()[static_cast<unsigned>(phase)];
    if (row.build) {
      PassManager passes(module.getContext(), ModuleOp::getOperationName());
      passes.enableVerifier(options.verifyEach);
      row.build(passes, phaseOptions);
      if (failed(passes.run(on)))
        return failure();
    }
    if (!options.dumpDir.empty() && failed(dump(row.name, on)))
      return failure();
    if (row.name != options.stopAfter)
      return success();
    stopped = true;
    llvm::raw_string_ostream stream(result.stoppedText);
    on->print(stream);
    return success();
  }

  LogicalResult dump(StringRef name, ModuleOp on) {
    std::string path = options.dumpDir + "/" + std::to_string(dumpCount++) + "-" + suffix + name.str() + ".mlir";
    std::error_code error;
    llvm::raw_fd_ostream file(path, error);
    if (!error) {
      on->print(file, OpPrintingFlags().enableDebugInfo(true, true));
      file.close();
      error = file.error();
      file.clear_error(); // the stream would end the process otherwise
    }
    if (!error)
      return success();
    result.cannotWrite = true;
    return emitError(UnknownLoc::get(module.getContext())) << "cannot write `" << path << "`: " << error.message();
  }

  /// Up to the split of `prepare` and `forward` nothing depends on the target. The oracle's graph is taken before `simplify`.
  LogicalResult runShared() {
    for (Phase phase : {Phase::Import, Phase::Expand, Phase::Differentiate, Phase::Simplify, Phase::FoldWeights}) {
      if (failed(runPhase(phase, module)))
        return failure();
      if (stopped)
        return success();
      if (phase == Phase::Expand)
        model = writeModel(module, module.lookupSymbol<func::FuncOp>("forward"), options.info);
      if (auto grad = module.lookupSymbol<func::FuncOp>("grad"); grad && phase == Phase::Differentiate)
        writeGradient(model, grad);
    }
    return success();
  }

  LogicalResult runTarget(const std::string &name) {
    std::unique_ptr<kernels::KernelTarget> target = findTarget(name);
    if (!target)
      return module.emitError() << unknownTarget(name);
    if (options.train && !target->trains())
      return module.emitError() << "no kernels for `" << name << "` that train; expected a target `cpu:…` beside `--train`";
    suffix = target->name + "-";
    phaseOptions.target = name;
    OwningOpRef<ModuleOp> copy = module.clone();
    size_t firstRemark = remarks->size();
    for (Phase phase : {Phase::Fuse, Phase::Layout, Phase::Plan})
      if (!stopped && failed(runPhase(phase, *copy)))
        return failure();
    auto programs = copy->getOps<plan::ProgramOp>();
    if (!programs.empty() && compiled.empty())
      reportMemory(*programs.begin());
    if (stopped)
      return success();
    std::vector<PassRemark> own(remarks->begin(), remarks->begin() + sharedRemarks);
    own.insert(own.end(), remarks->begin() + firstRemark, remarks->end());
    if (auto *gpu = dynamic_cast<const cuda::GpuTarget *>(target.get()))
      return emitDevice(*programs.begin(), *gpu, own);
    return emitNative(*programs.begin(), static_cast<const cpu::CpuTarget &>(*target), own);
  }

  LogicalResult emitNative(plan::ProgramOp program, const cpu::CpuTarget &target, const std::vector<PassRemark> &own) {
    FailureOr<OwningOpRef<ModuleOp>> code = cpu::lowerProgram(program, target);
    if (failed(code) || failed(runPhase(Phase::LowerCpu, **code)))
      return failure();
    if (stopped)
      return success();
    FailureOr<cpu::NativeCode> native = cpu::compileNative(**code, target);
    if (failed(native))
      return failure();
    auto place = [&](abi::KernelT &kernel) {
      cpu::CodeSymbol symbol = native->symbols.at(kernel.name);
      kernel.offset = symbol.offset;
      kernel.size = symbol.size;
    };
    compiled.push_back({writePlan(program, place, model, own), std::move(native->bytes), {}});
    return success();
  }

  LogicalResult emitDevice(plan::ProgramOp program, const cuda::GpuTarget &target, const std::vector<PassRemark> &own) {
    FailureOr<cuda::LoweredProgram> lowered = cuda::lowerProgram(program, target);
    if (failed(lowered) || failed(runPhase(Phase::LowerCuda, *lowered->module)))
      return failure();
    if (stopped)
      return success();
    FailureOr<cuda::DeviceCode> device = cuda::compileDevice(*lowered->module, target, {options.emulationCode, options.assemble});
    if (failed(device))
      return failure();
    auto place = [&](abi::KernelT &kernel) {
      const cuda::LaunchSize &size = lowered->launches.at(kernel.name);
      kernel.launch = std::make_unique<abi::LaunchT>();
      kernel.launch->threads = size.threads;
      kernel.launch->block = size.block;
      kernel.launch->shared = size.shared;
    };
    compiled.push_back({writePlan(program, place, model, own), {}, std::move(*device)});
    return success();
  }

  void reportMemory(plan::ProgramOp program) {
    auto forward = cast<plan::FunctionOp>(SymbolTable::lookupSymbolIn(program, "forward_f32"));
    result.arenaBytes = forward.getArena().getConstant() + forward.getArena().getBatch();
    result.arenaBound = arenaLowerBound(program);
    if (auto grad = dyn_cast_or_null<plan::FunctionOp>(SymbolTable::lookupSymbolIn(program, "grad"))) {
      result.stepArena = {grad.getArena().getConstant(), grad.getArena().getBatch()};
      result.stepPackedBytes = program.getGradPackedBytes();
    }
  }

  void writeArtifact() {
    archrt::ContainerWriter container;
    flatbuffers::FlatBufferBuilder modelBuilder;
    model.model->locations = model.locations.take();
    modelBuilder.Finish(abi::Model::Pack(modelBuilder, model.model.get()));
    container.addSection(abi::SectionKind::Model, bytesOf(modelBuilder));
    for (CompiledTarget &target : compiled) {
      if (!target.code.empty())
        target.plan->code_section =
            container.addSection(abi::SectionKind::Code, archrt::ByteView(target.code.data(), target.code.size()));
      auto add = [&](abi::GpuCodeKind kind, abi::SectionKind section, const std::string &bytes) {
        if (bytes.empty())
          return;
        auto code = std::make_unique<abi::GpuCodeT>();
        code->kind = kind;
        code->section = container.addSection(section, archrt::ByteView(bytes));
        target.plan->gpu_code.push_back(std::move(code));
      };
      add(abi::GpuCodeKind::Ptx, abi::SectionKind::Code, target.device.ptx);
      add(abi::GpuCodeKind::Cubin, abi::SectionKind::Code, target.device.cubin);
      add(abi::GpuCodeKind::Emulation, abi::SectionKind::Bitcode, target.device.bitcode);
      flatbuffers::FlatBufferBuilder builder;
      builder.Finish(abi::TargetPlan::Pack(builder, target.plan.get()));
      container.addSection(abi::SectionKind::Plan, bytesOf(builder));
    }
    result.artifact = container.finish();
  }

  ModuleOp module;
  const CompileOptions &options;
  CompileResult &result;
  std::shared_ptr<std::vector<PassRemark>> remarks;
  ModelSection model;
  std::vector<CompiledTarget> compiled;
  PhaseOptions phaseOptions;
  std::string suffix;
  size_t sharedRemarks = 0;
  int dumpCount = 0;
  bool stopped = false;
};

} // namespace

LogicalResult compileModule(ModuleOp module, const CompileOptions &options, CompileResult &result) {
  return Compilation(module, options, result).run();
}

} // namespace archc
