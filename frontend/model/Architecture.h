//===- Architecture.h - A resolved architecture as plain structs ----------===//
//
// What a spec says once inheritance, overrides and alternation are resolved: one struct per block that will run.
// Produced by the resolver, read by the checker, the cost counter, `archc expand` and the MLIR importer.
// Shapes are for one image; maps are height x width x channels.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_MODEL_ARCHITECTURE_H
#define ARCHC_FRONTEND_MODEL_ARCHITECTURE_H

#include "frontend/model/Component.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace archc::spec {

/// How a tensor of the state dict is initialised; kinds and numbers as in `artifact.fbs` table Init.
struct Init {
  std::string kind = "zeros";
  double a = 0, b = 0;
};

enum class ParamRole { Trainable, Frozen, Buffer };

/// One tensor of the state dict in timm's layout; `name` is relative to its owner ("token_mixer.qkv.weight").
struct ParamDecl {
  std::string name;
  std::vector<int64_t> shape;
  Init init;
  bool decay = true;
  ParamRole role = ParamRole::Trainable;
  bool isInteger = false; // int64 (BatchNorm's num_batches_tracked)
};

/// MACs by the convention of multiply-accumulates of convolutions, linears and matrix products; `pointwise` counts the
/// floating-point work of everything else; `activations` is the number of elements that those layers put out (timm's macts).
struct Cost {
  int64_t macs = 0, pointwise = 0, activations = 0;
  Cost &operator+=(const Cost &other) {
    macs += other.macs, pointwise += other.pointwise, activations += other.activations;
    return *this;
  }
};

/// x <- r * x + l * f(norm(x)) for `order` "pre_norm"; the norm is moved for "post_norm" (norm(x + f(x))) and
/// "res_post_norm" (x + norm(f(x))). `name` is "mixer" or "channel"; f is the component of that kind.
struct Branch {
  std::string name;
  std::string order;
  Component function, norm, scale;
  SourceRange source;
};

/// One block that runs. `path` is timm's ("stages.2.blocks.3"); `use` names the [block.NAME] it comes from.
struct Block {
  std::string path, use;
  std::string arrangement; // "sequential" or "parallel"
  std::vector<Branch> branches;
  std::vector<ParamDecl> params; // relative to `path`
  Cost cost;
  SourceRange blockSource, ruleSource;
};

/// Stage `index` (from 0) at `height` x `width` after its embedding.
struct Stage {
  int index = 0;
  int64_t dim = 0, height = 0, width = 0;
  std::string embedPath; // "stem" or "stages.1.downsample"
  Component embed, position;
  std::vector<ParamDecl> embedParams;    // relative to `embedPath`
  std::vector<ParamDecl> positionParams; // relative to "stages.N"
  Cost embedCost, positionCost;
  std::vector<Block> blocks;
  SourceRange source;
};

/// `order`: "norm_pool" or "pool_norm". Parameters are relative to "head".
struct Head {
  std::string order, pool;
  Component norm, classifier;
  std::vector<ParamDecl> params;
  Cost cost;
  SourceRange source;
};

struct Input {
  int64_t channels = 3, height = 224, width = 224;
};

/// timm's data configuration.
struct Preprocess {
  double cropPct = 1.0;
  std::string interpolation = "bicubic";
  std::vector<double> mean, std;
};

struct Limit {
  std::optional<double> min, max;
  SourceRange source;
};

struct Budget {
  Limit params, macs, activations, peakMemory, artifactSize, latency;
};

struct Architecture {
  std::string name;
  int64_t edition = 1, classes = 1000;
  Input input;
  Preprocess preprocess;
  std::vector<Stage> stages;
  Head head;
  Budget budget;
  std::vector<std::string> files; // SourceRange::file indexes this; 0 is the spec itself
};

} // namespace archc::spec

#endif // ARCHC_FRONTEND_MODEL_ARCHITECTURE_H
