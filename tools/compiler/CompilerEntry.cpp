//===- CompilerEntry.cpp - What libarchc-compiler does --------------------===//

#include "tools/driver/CompilerLibrary.h"

#include "frontend/import/Import.h"
#include "passes/Pipelines/Compile.h"
#include "passes/Pipelines/DiagnosticText.h"
#include "passes/Pipelines/Register.h"

#include "mlir/IR/MLIRContext.h"

using namespace mlir;

namespace archc {
namespace {

ModelInfo infoOf(const driver::CompileRequest &request) {
  const spec::Architecture &architecture = *request.architecture;
  ModelInfo info;
  info.name = architecture.name;
  info.classes = architecture.classes;
  info.spec = request.specText;
  info.labels = request.labels;
  info.version = ARCHC_VERSION;
  info.interpolation = architecture.preprocess.interpolation;
  info.cropPct = architecture.preprocess.cropPct;
  info.mean = architecture.preprocess.mean;
  info.std = architecture.preprocess.std;
  return info;
}

LogicalResult runPhases(ModuleOp module, const driver::CompileRequest &request, driver::CompileReply &reply) {
  CompileOptions options;
  options.targets = request.targets;
  options.stopAfter = request.stopAfter;
  options.dumpDir = request.dumpDir;
  options.fuse = request.fuse;
  options.fold = request.fold;
  options.emulationCode = request.emulationCode;
  options.assemble = request.assemble;
  options.train = request.training.has_value();
  if (request.training) {
    options.loss = request.training->loss;
    options.checkpoints = request.training->checkpoints;
    options.dropPath = request.training->dropPath;
    options.headDropout = request.training->headDropout;
  }
  options.info = infoOf(request);
  CompileResult result;
  LogicalResult compiled = compileModule(module, options, result);
  reply.cannotWrite = result.cannotWrite;
  if (failed(compiled))
    return failure();
  reply.artifact = std::move(result.artifact);
  reply.text = std::move(result.stoppedText);
  reply.arenaBytes = result.arenaBytes;
  reply.arenaBound = result.arenaBound;
  reply.stepBytes = result.stepArena.constant;
  reply.stepBytesPerImage = result.stepArena.perImage;
  reply.stepPackedBytes = result.stepPackedBytes;
  return success();
}

} // namespace
} // namespace archc

extern "C" __attribute__((visibility("default"))) bool archc_compile(const archc::driver::CompileRequest &request,
                                                                     archc::driver::CompileReply &reply) {
  DialectRegistry registry;
  archc::registerDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false); // users know the spec, not the IR
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error || diagnostic.getSeverity() == DiagnosticSeverity::Warning)
      reply.errors += archc::diagnosticText(diagnostic);
    return success();
  });
  OwningOpRef<ModuleOp> module = archc::importArchitecture(*request.architecture, context);
  return module && succeeded(archc::runPhases(*module, request, reply));
}
