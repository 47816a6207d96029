#include "passes/Pipelines/RemarkLog.h"

#include "passes/Emit/Locations.h"

#include "mlir/IR/Remarks.h"
#include "llvm/Remarks/Remark.h"

using namespace mlir;

namespace archc {
namespace {

class Collector : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Collector(std::shared_ptr<std::vector<PassRemark>> log) : log(std::move(log)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    PassRemark entry;
    entry.kind = remark.getRemarkType() == llvm::remarks::Type::Passed ? "passed" : "missed";
    entry.pass = remark.getRemarkName().str();
    for (const auto &argument : remark.getArgs())
      entry.message += argument.val;
    auto paths = namePaths(remark.getLocation());
    entry.path = paths.empty() ? "" : paths.front();
    log->push_back(std::move(entry));
  }

private:
  std::shared_ptr<std::vector<PassRemark>> log;
};

} // namespace

std::shared_ptr<std::vector<PassRemark>> collectRemarks(MLIRContext &context) {
  // The log is in the order of the program, the same in every run: passes must not work on several functions side by side.
  context.disableMultithreading();
  auto log = std::make_shared<std::vector<PassRemark>>();
  const std::string any = ".*"; // a kind without a filter of its own stays off
  remark::RemarkCategories all{any, any, any, any, any};
  (void)remark::enableOptimizationRemarks(context, std::make_unique<Collector>(log),
                                          std::make_unique<remark::RemarkEmittingPolicyAll>(), all);
  return log;
}

} // namespace archc
