#include "test/passes/Differentiate/OneOpNetwork.h"

#include "dialect/mf/MfDialect.h"
#include "passes/Differentiate/Passes.h"
#include "passes/Pipelines/Register.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

using namespace archc;
using archc::conformance::Case;

mlir::MLIRContext &archc::test::sharedContext() {
  static mlir::MLIRContext *context = [] {
    mlir::DialectRegistry registry;
    registerDialects(registry);
    auto *made = new mlir::MLIRContext(registry, mlir::MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    return made;
  }();
  return *context;
}

namespace {

/// What no conformance case has: ops and shapes that only gradients meet.
const std::vector<Case> furtherCases = {
    {"conv2d_grouped", "5x7x6", "w conv.weight 4x3x3x3, b conv.bias 4",
     "%y = mf.conv2d %x, %w bias(%b : !b) {stride = [1, 1], padding = [1, 1], groups = 2} : !x, !w", "5x7x4"},
    {"conv2d_grouped_strided", "6x7x6", "w conv.weight 9x2x3x2",
     "%y = mf.conv2d %x, %w {stride = [2, 3], padding = [1, 1], groups = 3} : !x, !w", "3x3x9"},
    {"conv2d_padded_over_kernel", "4x5x3", "w conv.weight 2x3x2x3",
     "%y = mf.conv2d %x, %w {stride = [1, 1], padding = [3, 3]} : !x, !w", "9x9x2"},
    {"mul", "5x7x9", "w fc.weight 9x9", "%l = mf.linear %x, %w : !x, !w\n%y = mf.mul %x, %l : !x", "5x7x9"},
    {"square", "5x7x9", "", "%y = mf.mul %x, %x {factor = 0.75} : !x", "5x7x9"},
    {"affine", "5x7x9", "s act.scale 9, b act.bias 1", "%y = mf.affine %x scale(%s : !s) shift(%b : !b) : !x", "5x7x9"},
    {"affine_shift", "5x7x9", "b act.bias 9", "%y = mf.affine %x shift(%b : !b) : !x", "5x7x9"},
    {"gated_by_step", "5x7x9", "", "%s = mf.step %x : !x\n%y = mf.mul %x, %s : !x", "5x7x9"},
    {"pool_mix_grad", "5x7x9", "", "%y = mf.pool_mix_grad %x {size = 3} : !x", "5x7x9"},
    {"global_avg_pool_grad", "5x7x9", "",
     "%p = mf.global_avg_pool %x : !x\n%y = mf.global_avg_pool_grad %p {height = 5, width = 7} : tensor<?x9xf32>", "5x7x9"},
    {"linear_weight_grad", "3x4x6", "w fc.weight 5x6",
     "%h = mf.linear %x, %w : !x, !w\n"
     "%g = mf.linear_weight_grad %x, %h : !x, tensor<?x3x4x5xf32> -> tensor<5x6xf32>\n"
     "%l = mf.linear %x, %g : !x, tensor<5x6xf32>\n%y = mf.layer_norm %l {eps = 1.0e-5} : !y",
     "3x4x5"},
    {"conv2d_weight_grad", "6x7x3", "w conv.weight 5x3x3x2",
     "%h = mf.conv2d %x, %w {stride = [2, 1], padding = [1, 0]} : !x, !w\n"
     "%g = mf.conv2d_weight_grad %x, %h {kernel = [3, 2], stride = [2, 1], padding = [1, 0]} : !x, !y\n"
     "%l = mf.conv2d %x, %g {stride = [2, 1], padding = [1, 0]} : !x, tensor<5x3x3x2xf32>\n"
     "%y = mf.layer_norm %l {eps = 1.0e-5} : !y",
     "3x6x5"},
    {"depthwise_weight_grad", "4x5x6", "w dw.weight 6x1x3x3",
     "%h = mf.depthwise_conv2d %x, %w {padding = [1, 1]} : !x, !w\n"
     "%g = mf.depthwise_weight_grad %x, %h {kernel = [3, 3], padding = [1, 1]} : !x, !x\n"
     "%l = mf.depthwise_conv2d %x, %g {padding = [1, 1]} : !x, tensor<6x1x3x3xf32>\n"
     "%y = mf.layer_norm %l {eps = 1.0e-5} : !y",
     "4x5x6"},
};

/// "5x7x19" as "19x5x7", "19" as "19x1x1".
std::string channelsFirst(llvm::StringRef shape) {
  if (!shape.contains('x'))
    return shape.str() + "x1x1";
  auto [positions, channels] = shape.rsplit('x');
  return channels.str() + "x" + positions.str();
}

class ModuleText {
public:
  void addParameter(llvm::StringRef ssa, llvm::StringRef name, const std::string &shape) {
    std::string type = "tensor<" + shape + "xf32>", quoted = "\"" + name.str() + "\"";
    aliases += "!" + ssa.str() + " = " + type + "\n";
    ops += "  %" + ssa.str() + " = mf.param " + quoted + " : " + type + "\n";
    list += (list.empty() ? "#mf.param<" : ", #mf.param<") + quoted + ", " + type +
            ", trainable, #mf.init<\"zeros\", 0.0, 0.0>, decay = false>";
  }
  std::string around(const std::string &body, const std::string &result) const {
    return aliases + "module attributes {mf.params = [" + list + "]} {\nfunc.func @forward(%image: !x) -> " + result + " {\n" +
           ops + body + "}\n}\n";
  }

  std::string aliases, ops, list;
};

std::string moduleOf(const Case &test) {
  llvm::StringRef result(test.result);
  ModuleText text;
  text.aliases = "!x = tensor<?x" + std::string(test.input) + "xf32>\n!y = tensor<?x" + result.str() + "xf32>\n";
  text.addParameter("position", "input.position", "1x" + channelsFirst(test.input));
  text.addParameter("probe", "probe", channelsFirst(result));
  llvm::SmallVector<llvm::StringRef> entries;
  llvm::StringRef(test.params).split(entries, ", ", -1, /*KeepEmpty=*/false);
  for (llvm::StringRef entry : entries) {
    llvm::SmallVector<llvm::StringRef> words;
    entry.split(words, ' ');
    text.addParameter(words[0], words[1], words[2].str());
  }
  std::string logits = "tensor<?x" + (result.contains('x') ? result.rsplit('x').second : result).str() + "xf32>";
  std::string body = "  %x = mf.add_position %image, %position : !x, !position\n" + std::string(test.body) +
                     "\n  %probed = mf.scale_position %y, %probe : !y, !probe\n";
  if (result.contains('x'))
    body += "  %logits = mf.global_avg_pool %probed : !y\n  return %logits : " + logits + "\n";
  else
    body += "  return %probed : " + logits + "\n";
  return text.around(body, logits);
}

} // namespace

std::vector<Case> archc::test::gradientCases() {
  std::vector<Case> cases = conformance::cases;
  cases.insert(cases.end(), furtherCases.begin(), furtherCases.end());
  return cases;
}

std::string archc::test::lossOf(const Case &test) {
  llvm::StringRef result(test.result);
  return result == "1" || result.ends_with("x1") ? "bce" : "cross_entropy";
}

mlir::OwningOpRef<mlir::ModuleOp> archc::test::differentiated(const Case &test, const std::string &loss, Dropping dropping) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(moduleOf(test), mlir::ParserConfig(&sharedContext()), test.name);
  EXPECT_TRUE(module) << moduleOf(test);
  if (!module)
    return {};
  mlir::PassManager passes(&sharedContext());
  passes.addPass(createDifferentiatePass(DifferentiatePassOptions{loss, "none", dropping.path, dropping.head}));
  return mlir::succeeded(passes.run(*module)) ? std::move(module) : nullptr;
}
