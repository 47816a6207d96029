//===- ComponentKind.h - What a `kind` is: keys, parameters, cost ---------===//
//
// One file per kind registers one ComponentKind; the parser, the checker, the JSON Schema, `archc help-key`, the key
// reference and the cost counter all read it from here. Adding a kind edits no other file of the frontend.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_COMPONENTS_COMPONENTKIND_H
#define ARCHC_FRONTEND_COMPONENTS_COMPONENTKIND_H

#include "frontend/model/Architecture.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace archc::spec {

/// Where a component may stand: in a spec, up to Classifier, or in a recipe.
enum class Slot {
  Mixer,
  Channel,
  Norm,
  Activation,
  Scale,
  Embed,
  Position,
  Classifier,
  Optimizer,
  Clip,
  Sharpness,
  Schedule,
  Crop,
  Policy,
  Erase,
  Loss
};

/// What a value must be. Component: a nested component of `KeyRow::slot`. From FloatList on: the top-level tables' own.
enum class ValueType { Bool, Int, Float, String, Pair, Component, FloatList, IntList, StringList, Table, Blocks, Positions };

/// One row of the schema table.
struct KeyRow {
  std::string name;
  ValueType type = ValueType::Int;
  std::optional<Value> defaultValue; // absent: the key is required, unless `optional`
  double min = -1e300, max = 1e300;  // numbers only, inclusive
  std::vector<std::string> choices;  // strings only; empty: any
  std::string unit;                  // "pixels", "channels", "" ...
  std::string help;                  // one sentence
  std::string example;               // a TOML value
  Slot slot = Slot::Activation;      // ValueType::Component only
  std::string sinceEdition = "1";
  size_t length = 0;     // lists only: how many values; 0: any number
  bool optional = false; // may be absent without a default (heads and/or head_dim); then missing in Component::keys
};

/// The map that a component works on, for one image. `outChannels` is what an embedding (the stage's `dim`) or a classifier
/// (`classes`) has to put out; others ignore it.
struct Shape {
  int64_t channels = 0, height = 0, width = 0, outChannels = 0;
  int64_t positions() const { return height * width; }
};

/// A problem that only the component can see (head_dim that does not divide dim): about `key` (empty: the component; dotted: a
/// nested component's key), in the house's wording; `code` is a row of Diagnostics.def ("E0301").
struct Problem {
  std::string key, message, code;
};

struct ComponentKind {
  Slot slot;
  std::string name, help, source; // source: paper or repository
  std::vector<KeyRow> keys;
  /// Parameters for an input of `shape`, in timm's order; names relative to the owner's prefix ("token_mixer", "mlp"). A scale
  /// has two owners and begins its names with "layer_scale." or "res_scale."; null: none.
  std::function<std::vector<ParamDecl>(const Component &, const Shape &)> params;
  std::function<Cost(const Component &, const Shape &)> cost; // null: nothing
  /// Output shape; null: the input's.
  std::function<Shape(const Component &, const Shape &)> outputShape;
  std::function<std::vector<Problem>(const Component &, const Shape &)> check; // may be null
  /// timm runs this mixer on [N,T,C]: a stage of nothing else has two-dimensional `mlp` weights.
  bool onTokens = false;
};

/// Registers `kind` at program start; returns true so that it can initialise a static.
bool registerKind(ComponentKind kind);

/// Null when unknown.
const ComponentKind *findKind(Slot slot, const std::string &name);

/// All kinds of a slot, sorted by name.
std::vector<const ComponentKind *> kindsOf(Slot slot);

/// `component` with the schema's keys in the schema's order, absent ones filled with their defaults, nested components too. Its
/// kind and those nested in it must exist; a required key that is absent stays absent.
Component withDefaults(Slot slot, const Component &component);

/// What a component of `slot` adds: as ComponentKind's functions, which may be null.
std::vector<ParamDecl> paramsOf(Slot slot, const Component &component, const Shape &shape);
Cost costOf(Slot slot, const Component &component, const Shape &shape);
Shape outputShapeOf(Slot slot, const Component &component, const Shape &shape);

/// What is wrong with `component` on `shape`, nested components included: their keys are dotted ("norm.groups").
std::vector<Problem> problemsOf(Slot slot, const Component &component, const Shape &shape);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_COMPONENTS_COMPONENTKIND_H
