#include "frontend/check/Check.h"
#include "frontend/components/ComponentKind.h"

#include <set>

namespace archc::spec {

namespace {

/// Elements of one map; 8 GiB in f32.
constexpr int64_t largestMap = int64_t(1) << 31;

class ShapeChecker {
public:
  explicit ShapeChecker(DiagnosticEngine &diagnostics) : diagnostics(diagnostics) {}

  /// The map after the stage, or empty when it cannot be told.
  std::optional<Shape> checkStage(Stage &stage, const StageFacts &fact, Shape shape);
  void checkHead(const Architecture &architecture, const Shape &shape);

private:
  std::optional<Shape> embed(Stage &stage, const StageFacts &fact, Shape shape);
  void checkBlock(const Block &block, const Shape &shape);
  void checkComponent(Slot slot, const Component &component, const Shape &shape, SourceRange fallback);

  DiagnosticEngine &diagnostics;
  std::string context; // of the stage, for notes
  SourceRange contextRange;
};

std::string mapText(const Shape &shape) { return std::to_string(shape.height) + "x" + std::to_string(shape.width); }

/// Where `key` ("pre_norm.groups") is stated: the innermost place that a file has.
SourceRange placeOf(const Component &component, const std::string &key, SourceRange fallback) {
  SourceRange place = component.source.line ? component.source : fallback;
  size_t dot = key.find('.');
  const Value *value = component.find(key.substr(0, dot));
  if (!value)
    return place;
  if (value->source.line)
    place = value->source;
  auto *nested = std::get_if<ComponentPtr>(&value->data);
  return nested && dot != std::string::npos ? placeOf(**nested, key.substr(dot + 1), place) : place;
}

void ShapeChecker::checkComponent(Slot slot, const Component &component, const Shape &shape, SourceRange fallback) {
  for (const Problem &problem : problemsOf(slot, component, shape)) {
    const CodeInfo *info = findCode(problem.code);
    SourceRange place = placeOf(component, problem.key, fallback);
    Diagnostic &said = diagnostics.error(info ? info->code : Code::ConflictingKeys, place, problem.message);
    bool elsewhere = contextRange.line && (contextRange.line != place.line || contextRange.file != place.file);
    if (elsewhere && said.notes.empty())
      said.note(contextRange, context);
  }
}

std::optional<Shape> ShapeChecker::embed(Stage &stage, const StageFacts &fact, Shape shape) {
  shape.outChannels = stage.dim;
  std::string number = std::to_string(stage.index + 1);
  context = "stage " + number + " takes a map of " + mapText(shape) + " with " + std::to_string(shape.channels) +
            " channels to `dim` = " + std::to_string(stage.dim);
  contextRange = fact.dim;
  SourceRange place = stage.embed.source.line ? stage.embed.source : stage.source;
  checkComponent(Slot::Embed, stage.embed, shape, stage.source);
  Shape out = outputShapeOf(Slot::Embed, stage.embed, shape);
  out.outChannels = 0;
  if (out.height < 1 || out.width < 1 || out.channels != stage.dim)
    return std::nullopt; // the component has said why
  constexpr int64_t largestSide = 1 << 20;
  bool tooLarge = out.height > largestSide || out.width > largestSide || out.height * out.width > largestMap / out.channels;
  if (tooLarge) {
    diagnostics.error(Code::TooLarge, place,
                      "the map of stage " + number + " is " + mapText(out) + " with " + std::to_string(out.channels) +
                          " channels; expected at most " + std::to_string(largestMap) + " elements");
    return std::nullopt;
  }
  return out;
}

void ShapeChecker::checkBlock(const Block &block, const Shape &shape) {
  for (const Branch &branch : block.branches) {
    Slot slot = branch.name == "mixer" ? Slot::Mixer : Slot::Channel;
    checkComponent(Slot::Norm, branch.norm, shape, branch.source);
    checkComponent(slot, branch.function, shape, branch.source);
    checkComponent(Slot::Scale, branch.scale, shape, branch.source);
    Shape out = outputShapeOf(slot, branch.function, shape);
    bool keepsShape = out.channels == shape.channels && out.height == shape.height && out.width == shape.width;
    if (!keepsShape)
      diagnostics.error(Code::ShapeChanges, branch.function.source,
                        "`" + branch.function.kind + "` gives a map of " + mapText(out) + " with " +
                            std::to_string(out.channels) + " channels; expected that of its input, " + mapText(shape) + " with " +
                            std::to_string(shape.channels));
  }
}

std::optional<Shape> ShapeChecker::checkStage(Stage &stage, const StageFacts &fact, Shape shape) {
  std::optional<Shape> map = embed(stage, fact, shape);
  if (!map)
    return std::nullopt;
  stage.height = map->height;
  stage.width = map->width;
  context =
      "stage " + std::to_string(stage.index + 1) + " has `dim` = " + std::to_string(stage.dim) + " and a map of " + mapText(*map);
  checkComponent(Slot::Position, stage.position, *map, stage.source);
  std::set<std::string> checked;
  for (const Block &block : stage.blocks)
    if (checked.insert(block.use).second)
      checkBlock(block, *map);
  return map;
}

void ShapeChecker::checkHead(const Architecture &architecture, const Shape &map) {
  const Head &head = architecture.head;
  if (head.order.empty())
    return; // wrong in itself, and reported
  Shape pooled{map.channels, 1, 1, architecture.classes};
  context = "the last stage has `dim` = " + std::to_string(map.channels);
  checkComponent(Slot::Norm, head.norm, head.order == "norm_pool" ? map : pooled, head.source);
  if (architecture.classes)
    checkComponent(Slot::Classifier, head.classifier, pooled, head.source);
}

} // namespace

void checkShapes(Architecture &architecture, const std::vector<StageFacts> &facts, DiagnosticEngine &diagnostics) {
  ShapeChecker checker(diagnostics);
  const Input &input = architecture.input;
  Shape shape{input.channels, input.height, input.width, 0};
  for (size_t i = 0; i < architecture.stages.size(); ++i) {
    std::optional<Shape> next;
    if (facts[i].complete)
      next = checker.checkStage(architecture.stages[i], facts[i], shape);
    if (!next)
      return;
    shape = *next;
  }
  if (!architecture.stages.empty())
    checker.checkHead(architecture, shape);
}

} // namespace archc::spec
