//===- SeededBugsTest.cpp - Would the gradient tests notice? --------------===//
//
// Bugs of the kinds that rules of differentiation have, one at a time, put into the function `grad` of a network: a factor that is
// slightly wrong, a term of a sum that is missing, a border that is forgotten, two operands that changed places, a reduction that
// leaves an image out, an attribute that is off. Sites and kinds are drawn from a seed. The check of GradientTest has to fail for at
// least 98 of 100. A bug that changes no gradient is none; it is counted, and another one is drawn.
//
//===----------------------------------------------------------------------===//

#include "runtime/reference/OpDefinition.h"
#include "test/passes/Differentiate/GradientModel.h"
#include "test/passes/Differentiate/OneOpNetwork.h"

#include "llvm/ADT/StringRef.h"

#include <gtest/gtest.h>

#include <iostream>

using namespace archc;
using namespace archc::test;
using namespace archrt::reference;

namespace {

namespace abi = archrt::abi; // not that of <cxxabi.h>

// --- Ops that only bugs have -------------------------------------------------

struct SlightlyLess {
  template <typename T> static void evaluate(OpCall<T> &call) {
    call.result = call.required(0);
    for (T &value : call.result.data)
      value *= T(0.9);
  }
};

struct Missing {
  template <typename T> static void evaluate(OpCall<T> &call) { call.allocate(call.required(0).shape); }
};

/// The first row of each image of a map is lost.
struct WithoutBorder {
  template <typename T> static void evaluate(OpCall<T> &call) {
    call.result = call.required(0);
    int64_t image = call.result.size() / call.result.shape[0], row = image / call.result.shape[1];
    for (int64_t i = 0; i < call.result.size(); ++i)
      if (i % image < row)
        call.result.data[i] = 0;
  }
};

struct WithoutLastImage {
  template <typename T> static void evaluate(OpCall<T> &call) {
    call.result = call.required(0);
    int64_t image = call.result.size() / call.result.shape[0];
    std::fill(call.result.data.end() - image, call.result.data.end(), T(0));
  }
};

const bool registered = registerOp<SlightlyLess>("test.slightly_less") && registerOp<Missing>("test.missing") &&
                        registerOp<WithoutBorder>("test.without_border") &&
                        registerOp<WithoutLastImage>("test.without_last_image");

// --- Seeding -----------------------------------------------------------------

enum class Bug { Factor, DroppedTerm, Border, SwappedOperand, MissingReduction, Attribute };
constexpr const char *kNames[] = {"factor 0.9",      "dropped term",      "wrong border",
                                  "swapped operand", "missing reduction", "attribute"};

class Seeder {
public:
  Seeder(abi::FunctionT &graph, uint64_t seed) : graph(graph), random(seed, "bug") {}

  /// What was done, or "" when the drawn kind has no site here.
  std::string seed() {
    auto bug = static_cast<Bug>(draw(std::size(kNames)));
    size_t first = 0; // behind the loss everything is a rule's
    while (graph.ops[first]->name != "mf.cross_entropy" && graph.ops[first]->name != "mf.bce")
      ++first;
    size_t site = first + 1 + draw(graph.ops.size() - first - 1);
    std::string op = graph.ops[site]->name;
    return apply(bug, site) ? std::string(kNames[static_cast<int>(bug)]) + " at op " + std::to_string(site) + " `" + op + "`"
                            : "";
  }

private:
  uint64_t draw(uint64_t count) { return random.bits(counter++) % count; }

  bool apply(Bug bug, size_t site) {
    abi::OpT &op = *graph.ops[site];
    const bool isMap = graph.values[op.results[0]]->shape.size() == 4 && graph.values[op.results[0]]->shape[0].batch() == 1;
    switch (bug) {
    case Bug::Factor:
      return insertBehind(site, "test.slightly_less");
    case Bug::DroppedTerm:
      return insertBehind(site, "test.missing");
    case Bug::Border:
      return isMap && insertBehind(site, "test.without_border");
    case Bug::SwappedOperand:
      return swapOperand(op);
    case Bug::MissingReduction:
      return reducesImages(op.name) && insertBefore(site, "test.without_last_image");
    case Bug::Attribute:
      return changeAttribute(op);
    }
    return false;
  }

  static bool reducesImages(llvm::StringRef name) { return name.contains("weight_grad") || name.ends_with("_sum"); }

  uint32_t newValueLike(uint32_t value) {
    graph.values.push_back(std::make_unique<abi::TensorTypeT>(*graph.values[value]));
    return graph.values.size() - 1;
  }

  static std::unique_ptr<abi::OpT> makeOp(const std::string &name, uint32_t operand, uint32_t result) {
    auto op = std::make_unique<abi::OpT>();
    op->name = name, op->operands = {operand}, op->results = {result};
    return op;
  }

  /// The op computes a new value, of which `name` makes the old one.
  bool insertBehind(size_t site, const std::string &name) {
    uint32_t old = graph.ops[site]->results[0];
    graph.ops[site]->results[0] = newValueLike(old);
    graph.ops.insert(graph.ops.begin() + site + 1, makeOp(name, graph.ops[site]->results[0], old));
    return true;
  }

  bool insertBefore(size_t site, const std::string &name) {
    uint32_t &operand = graph.ops[site]->operands[0], made = newValueLike(operand);
    auto op = makeOp(name, operand, made);
    operand = made;
    graph.ops.insert(graph.ops.begin() + site, std::move(op));
    return true;
  }

  static bool sameType(const abi::TensorTypeT &a, const abi::TensorTypeT &b) {
    return std::equal(a.shape.begin(), a.shape.end(), b.shape.begin(), b.shape.end(),
                      [](const auto &x, const auto &y) { return x.constant() == y.constant() && x.batch() == y.batch(); });
  }

  /// Another value of the same type that is there by then, the op's own other operand first.
  bool swapOperand(abi::OpT &op) {
    if (op.operands.empty())
      return false;
    uint32_t &operand = op.operands[draw(op.operands.size())];
    std::vector<uint32_t> others;
    for (uint32_t value = 0; value < op.results[0]; ++value) // values are numbered in the order of their definition
      if (value != operand && sameType(*graph.values[value], *graph.values[operand]))
        others.push_back(value);
    if (others.empty())
      return false;
    operand = others[draw(others.size())];
    return true;
  }

  bool changeAttribute(abi::OpT &op) {
    std::vector<abi::AttributeT *> numbers;
    for (const auto &attribute : op.attributes)
      if (attribute->kind == abi::AttrKind::Float || attribute->name == "size")
        numbers.push_back(attribute.get());
    if (numbers.empty())
      return false;
    abi::AttributeT &attribute = *numbers[draw(numbers.size())];
    if (attribute.name == "size")
      attribute.i = attribute.i == 3 ? 5 : 3;
    else
      attribute.f *= attribute.name == "eps" ? 1000 : 0.9;
    return true;
  }

  abi::FunctionT &graph;
  archrt::CounterRandom random;
  uint64_t counter = 0;
};

/// Whether two sets of gradients are the same but for rounding.
bool sameGradients(const StepResult<double> &a, const StepResult<double> &b) {
  for (const auto &[name, gradient] : a.gradients) {
    double square = 0, difference = 0;
    for (size_t i = 0; i < gradient.size(); ++i) {
      square += gradient[i] * gradient[i];
      difference += std::pow(gradient[i] - b.gradients.at(name)[i], 2);
    }
    if (!(difference <= 1e-24 * square))
      return false;
  }
  return true;
}

TEST(SeededBugs, AreFound) {
  constexpr int kWanted = 100, kMostEquivalent = 20;
  std::vector<conformance::Case> cases = gradientCases();
  mlir::ScopedDiagnosticHandler quiet(&sharedContext(), [](mlir::Diagnostic &) {});
  archrt::CounterRandom random(11, "case");
  int seeded = 0, found = 0, equivalent = 0;
  for (uint64_t attempt = 0; seeded < kWanted && equivalent <= kMostEquivalent && attempt < 1000; ++attempt) {
    const conformance::Case &test = cases[random.bits(attempt) % cases.size()];
    if (llvm::StringRef(test.input).starts_with("23x29") || llvm::StringRef(test.input).starts_with("14x14"))
      continue; // large, and alike in small
    auto module = differentiated(test, lossOf(test));
    if (!module)
      continue;
    GradientModel model(*module, 7, 2);
    const auto truth = model.run<double>();
    FiniteDifferences differences(model, 3);
    std::unique_ptr<abi::FunctionT> graph(model.graph().UnPack());
    std::string bug = Seeder(*graph, attempt).seed();
    if (bug.empty())
      continue;
    model.replaceGraph(*graph);
    const auto wrong = model.run<double>();
    if (sameGradients(truth, wrong)) {
      ++equivalent;
      std::cout << "equivalent: " << test.name << ": " << bug << "\n";
      continue;
    }
    ++seeded;
    std::string where;
    if (differences.disagreement(wrong, 1e-6, where) > 1)
      ++found;
    else
      std::cout << "missed: " << test.name << ": " << bug << "\n";
  }
  EXPECT_EQ(seeded, kWanted);
  EXPECT_LE(equivalent, kMostEquivalent);
  EXPECT_GE(found, 98);
}

} // namespace
