//===- Counting.h - Parameters and costs that many kinds are made of ------===//
//
// Costs follow two conventions. MACs: one per multiply-accumulate of a convolution, a linear layer or a matrix product, padding
// included, bias not. Activations: the elements that those layers put out, both products of attention included, which is what
// timm's `macts` column counts (19.39 M for caformer_s18). Everything else is pointwise work, counted by the table below.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_COMPONENTS_COUNTING_H
#define ARCHC_FRONTEND_COMPONENTS_COUNTING_H

#include "frontend/components/ComponentKind.h"

#include <initializer_list>

namespace archc::spec {

/// Floating-point operations per element; `archc summary` adds these to 2 * MACs. Norms and pooling as fvcore counts them,
/// activations as the MetaFormer paper does where it does.
namespace pointwise {
constexpr int64_t Bias = 1, Add = 1, Scale = 1, GlobalPool = 1;
constexpr int64_t NormAffine = 5, NormPlain = 4; // mean, difference, square and sum, root's product; then the affine part
constexpr int64_t RmsAffine = 4, RmsPlain = 3;
constexpr int64_t BatchNorm = 2; // running statistics fold into one product and one sum
constexpr int64_t Relu = 1, SquaredRelu = 2, StarRelu = 4, Gelu = 14, Silu = 4, Hardswish = 5;
constexpr int64_t Softmax = 5; // maximum, difference, exponential, sum, quotient
} // namespace pointwise

/// The product, or 2^50 where it would be larger: absurd sizes must neither overflow nor look small.
int64_t product(std::initializer_list<int64_t> factors);

/// int(ratio * width), as timm rounds hidden widths.
int64_t scaledWidth(double ratio, int64_t width);

/// A weight of a convolution or linear layer: truncated normal of deviation 0.02, decayed.
ParamDecl layerWeight(const std::string &name, std::vector<int64_t> shape);
/// A bias or another vector that starts at one value and is never decayed.
ParamDecl vectorParam(const std::string &name, std::vector<int64_t> shape, double start);

/// Weight `name`.weight of `shape` and, if `bias`, `name`.bias.
void appendLayer(std::vector<ParamDecl> &params, const std::string &name, std::vector<int64_t> shape, bool bias);

/// The parameters of `component` behind `prefix` and a dot.
void appendNested(std::vector<ParamDecl> &params, const std::string &prefix, const std::vector<ParamDecl> &nested);

/// A layer that puts out `outputs` elements, each the sum of `terms` products.
Cost layerCost(int64_t outputs, int64_t terms, bool bias);
Cost pointwiseCost(int64_t elements, int64_t perElement);

/// Appends the problems of the component under `key`, its keys dotted.
void appendNestedProblems(std::vector<Problem> &problems, const std::string &key, const std::vector<Problem> &nested);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_COMPONENTS_COUNTING_H
