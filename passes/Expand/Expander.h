//===- Expander.h - What a component means in tensor ops ------------------===//
//
// One expander per kind, registered from a file of its own: adding a mixer edits no list.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_EXPAND_EXPANDER_H
#define ARCHC_PASSES_EXPAND_EXPANDER_H

#include "dialect/mf/MfOps.h"

#include <functional>
#include <string>

namespace archc {

/// Where a component stands; the same words as the frontend's slots.
enum class Slot { Mixer, Channel, Norm, Activation, Embed, Position, Classifier };

/// A component's dictionary. The getters require the key to be there with that type; `checkKeys` of the pass guarantees it
/// only for `kind`, the importer for the rest.
class Component {
public:
  explicit Component(mlir::DictionaryAttr keys) : keys(keys) {}

  llvm::StringRef kind() const { return getString("kind"); }
  bool has(llvm::StringRef key) const { return static_cast<bool>(keys.get(key)); }
  int64_t getInt(llvm::StringRef key) const { return keys.getAs<mlir::IntegerAttr>(key).getInt(); }
  double getFloat(llvm::StringRef key) const { return keys.getAs<mlir::FloatAttr>(key).getValueAsDouble(); }
  bool getBool(llvm::StringRef key) const { return keys.getAs<mlir::BoolAttr>(key).getValue(); }
  llvm::StringRef getString(llvm::StringRef key) const { return keys.getAs<mlir::StringAttr>(key).getValue(); }
  llvm::ArrayRef<int64_t> getPair(llvm::StringRef key) const { return keys.getAs<mlir::DenseI64ArrayAttr>(key).asArrayRef(); }
  Component getComponent(llvm::StringRef key) const { return Component(keys.getAs<mlir::DictionaryAttr>(key)); }

private:
  mlir::DictionaryAttr keys;
};

/// A place in the name tree of one part: where ops get their location and parameters their names.
class Scope {
public:
  /// The scope of `part`, whose parameters are `params`, at `path`.
  Scope(mlir::OpBuilder &builder, mlir::Operation *part, llvm::StringRef path, mlir::ArrayAttr params)
      : builder(builder), part(part), params(params), path(path) {}

  /// The scope one name further in.
  Scope inner(llvm::StringRef name) const;

  /// The path around the part's spec lines.
  mlir::Location getLoc() const;

  /// The parameter `name` of this scope, or null when the part declares none: then the component has no such layer.
  mlir::Value findParam(llvm::StringRef name) const;

  /// The parameter `name`, which has to be there: reports it at the part and returns null otherwise.
  mlir::Value getParam(llvm::StringRef name) const;

  /// Creates an op at this scope's location.
  template <typename OpTy, typename... Args> mlir::Value create(Args &&...args) const {
    return OpTy::create(builder, getLoc(), std::forward<Args>(args)...);
  }

  /// `weight` and, where declared, `bias` of this scope as a linear layer over x; null after an error.
  mlir::Value createLinear(mlir::Value x) const;

  mlir::InFlightDiagnostic emitError() const { return part->emitError(); }
  mlir::OpBuilder &getBuilder() const { return builder; }

private:
  mlir::OpBuilder &builder;
  mlir::Operation *part;
  mlir::ArrayAttr params;
  std::string path;   // absolute
  std::string prefix; // of parameter names, relative to the part: "" or "token_mixer."
};

/// Creates the ops of `component` on x at `scope` and returns the result; null after reporting an error.
using Expander = std::function<mlir::Value(const Scope &scope, const Component &component, mlir::Value x)>;

/// Registers the expander of `kind` at program start; returns true so that it can initialise a static.
bool registerExpander(Slot slot, llvm::StringRef kind, Expander expander);

/// Expands `component` by its registered expander; null, with an error at the part, when its kind has none.
mlir::Value expandComponent(Slot slot, const Scope &scope, const Component &component, mlir::Value x);

} // namespace archc

#endif // ARCHC_PASSES_EXPAND_EXPANDER_H
