//===- MfInterfaces.td - What passes ask of ops ---------------------------===//
//
// Passes decide through these and never by op name: a new op takes part in fusion and folding by implementing them.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_DIALECT_MF_MFINTERFACES_TD
#define ARCHC_DIALECT_MF_MFINTERFACES_TD

include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Mf_NeedRows : I32EnumAttrCase<"Rows", 0, "rows">;
def Mf_NeedStencil : I32EnumAttrCase<"Stencil", 1, "stencil">;
def Mf_NeedImage : I32EnumAttrCase<"Image", 2, "image">;
def Mf_Need : I32EnumAttr<"Need", "what one position of the result needs of the map operand",
                          [Mf_NeedRows, Mf_NeedStencil, Mf_NeedImage]> {
  let cppNamespace = "::archc::mf";
}

def Mf_PlacementAny : I32EnumAttrCase<"Any", 0, "any">;
def Mf_PlacementRows : I32EnumAttrCase<"Rows", 1, "rows">;
def Mf_PlacementLines : I32EnumAttrCase<"Lines", 2, "lines">;
def Mf_Placement : I32EnumAttr<"Placement", "how kernels leave an op's result in memory",
                               [Mf_PlacementAny, Mf_PlacementRows, Mf_PlacementLines]> {
  let cppNamespace = "::archc::mf";
}

def Mf_StatisticsPosition : I32EnumAttrCase<"Position", 0, "position">;
def Mf_StatisticsGroup : I32EnumAttrCase<"Group", 1, "group">;
def Mf_StatisticsImage : I32EnumAttrCase<"Image", 2, "image">;
def Mf_StatisticsRunning : I32EnumAttrCase<"Running", 3, "running">;
def Mf_Statistics : I32EnumAttr<"Statistics", "what a norm's mean and variance are taken over",
                                [Mf_StatisticsPosition, Mf_StatisticsGroup, Mf_StatisticsImage, Mf_StatisticsRunning]> {
  let cppNamespace = "::archc::mf";
}

def FusableOpInterface : OpInterface<"FusableOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    How an op's result depends on its map operand: the question that decides what may share a kernel.
    `rows`: a position's channels depend on the same position only. `stencil`: on a window of `getHalo()` positions
    around it (after `getStep()`). `image`: on the whole image of the batch, never on another image.
  }];
  let methods = [
    InterfaceMethod<"What one position of the result needs of the map.", "::archc::mf::Need", "getNeed">,
    InterfaceMethod<"The feature map that flows through the op.", "::mlir::Value", "getMap", (ins), [{}],
                    [{ return $_op->getOperand(0); }]>,
    InterfaceMethod<"Rows and columns needed on each side, {height, width}.", "::std::pair<int64_t, int64_t>",
                    "getHalo", (ins), [{}], [{ return {0, 0}; }]>,
    InterfaceMethod<"Input positions per output position, {height, width}.", "::std::pair<int64_t, int64_t>",
                    "getStep", (ins), [{}], [{ return {1, 1}; }]>,
    InterfaceMethod<"Whether an element of the result depends on other channels of its position than its own: what runs after "
                    "the op in its kernel then waits for the whole row.", "bool", "sumsOverChannels", (ins), [{}],
                    [{ return false; }]>,
    InterfaceMethod<"Whether the kernel of an op that needs the whole image puts out rows as it goes, so that elementwise "
                    "work on them can follow in it.", "bool", "appliesTail", (ins), [{}],
                    [{ return $_op.sumsOverChannels(); }]>,
    InterfaceMethod<"Whether the result has a row per line of the map: it is taken from the rows that a kernel has just "
                    "computed, and whole only when that kernel ends.", "bool", "ridesOnMap", (ins), [{}],
                    [{ return false; }]>,
  ];
}

def PlacedOpInterface : OpInterface<"PlacedOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    How an op's kernels want their operands in memory and leave their result: what the plan chooses layouts by. Ops without
    it read rows and write rows or channel blocks, and read parameters as `plainLayoutOf` says.
  }];
  let methods = [
    InterfaceMethod<"The columns of zeros on each side with which the map of `use` is read in channel blocks; none when it is "
                    "read in rows.", "::std::optional<int64_t>", "getBlockPadding", (ins "::mlir::OpOperand &":$use), [{}],
                    [{ return ::std::nullopt; }]>,
    InterfaceMethod<"The layout in which the parameter of `use` is read.", "::archc::mf::Layout", "getParameterLayout",
                    (ins "::mlir::OpOperand &":$use), [{}], [{ return ::archc::mf::plainLayoutOf(use.get()); }]>,
    InterfaceMethod<"How the result can lie in memory: `any` of rows and channel blocks, `rows` only, or unpadded `lines`.",
                    "::archc::mf::Placement", "getPlacement", (ins), [{}], [{ return ::archc::mf::Placement::Any; }]>,
  ];
}

def WorkOpInterface : OpInterface<"WorkOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = "An op with more arithmetic than one operation per element of its map.";
  let methods = [
    InterfaceMethod<"Floating-point operations per image, two per product that is summed.", "int64_t", "getFlopsPerImage">,
  ];
}

def PointwiseOpInterface : OpInterface<"PointwiseOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    The result has the type of the first operand, and each of its elements depends on the same element of the first
    operand. Further operands are maps of the same type, or one number per channel, or one number; their type tells
    which (`getOperandSpread`).
  }];
  let methods = [];
  let extraClassDeclaration = [{
    /// How operand `index` spreads over the map.
    ::archc::mf::Spread getOperandSpread(unsigned index) {
      return ::archc::mf::spreadOf((*this)->getOperand(0).getType(), (*this)->getOperand(index).getType());
    }
  }];
}

def WeightedOpInterface : OpInterface<"WeightedOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    An op that is linear in its map: y = weight * x + bias. Scales on its input or output channels fold into the
    weight; a shift of the input folds into the bias unless the op pads with zeros (`padsInput`).
  }];
  let methods = [
    InterfaceMethod<"The map.", "::mlir::Value", "getInput", (ins), [{}], [{ return $_op.getX(); }]>,
    InterfaceMethod<"The weight operand.", "::mlir::OpOperand &", "getWeightOperand", (ins), [{}],
                    [{ return $_op.getWeightMutable(); }]>,
    InterfaceMethod<"The bias, or null.", "::mlir::Value", "getBiasOrNull", (ins), [{}], [{ return $_op.getBias(); }]>,
    InterfaceMethod<"Sets the bias, or removes it when null.", "void", "setBias", (ins "::mlir::Value":$bias), [{}], [{
      if (bias)
        $_op.getBiasMutable().assign(bias);
      else
        $_op.getBiasMutable().clear();
    }]>,
    InterfaceMethod<"Whether input channel i meets only weight[:, i, ...] (false for grouped convolutions).", "bool",
                    "hasInputAxis", (ins), [{}], [{ return true; }]>,
    InterfaceMethod<"The weight's axis of input channels; output channels are axis 0.", "int64_t", "getInputAxis",
                    (ins), [{}], [{ return 1; }]>,
    InterfaceMethod<"Whether positions outside the map enter as zeros.", "bool", "padsInput", (ins), [{}],
                    [{ return false; }]>,
  ];
}

def ContractionOpInterface : OpInterface<"ContractionOpInterface", [WeightedOpInterface]> {
  let cppNamespace = "::archc::mf";
  let description = [{
    A matrix product of rows by the weight: each result row of `getFeatures()` numbers sums `getReduction()` products.
    `isRowwise()` says that result row i reads input row i (a linear layer or a 1x1 convolution without stride and
    padding); otherwise the rows are gathered from a window.
  }];
  let methods = [
    InterfaceMethod<"Columns of the result.", "int64_t", "getFeatures", (ins), [{}],
                    [{ return $_op.getWeight().getType().getDimSize(0); }]>,
    InterfaceMethod<"Products per result.", "int64_t", "getReduction", (ins), [{}], [{
      auto type = $_op.getWeight().getType();
      return type.getNumElements() / type.getDimSize(0);
    }]>,
    InterfaceMethod<"Whether result row i reads input row i only.", "bool", "isRowwise">,
  ];
}

def TokenMixerInterface : OpInterface<"TokenMixerInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    An op through which positions of one image exchange information. The two algebraic facts below let passes move
    per-channel and per-image factors through it without knowing which mixer it is.
  }];
  let methods = [
    InterfaceMethod<"mix(a * x) = a * mix(x) for a factor a per image and channel.", "bool", "commutesWithScale",
                    (ins), [{}], [{ return false; }]>,
    InterfaceMethod<"mix(x + b) = mix(x) for a summand b per image and channel.", "bool", "cancelsShift", (ins), [{}],
                    [{ return false; }]>,
  ];
}

def NormOpInterface : OpInterface<"NormOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    (x - mean) / sqrt(var + eps), then times a weight and plus a bias, each optional, [C] or (`layer_norm_chw`) [C,H,W].
  }];
  let methods = [
    InterfaceMethod<"What mean and variance are taken over.", "::archc::mf::Statistics", "getStatistics">,
    InterfaceMethod<"The weight, or null.", "::mlir::Value", "getWeightOrNull", (ins), [{}],
                    [{ return $_op.getWeight(); }]>,
    InterfaceMethod<"The bias, or null.", "::mlir::Value", "getBiasOrNull", (ins), [{}], [{ return $_op.getBias(); }]>,
    InterfaceMethod<"Whether the mean is subtracted (not by RMS norm).", "bool", "subtractsMean", (ins), [{}],
                    [{ return true; }]>,
    InterfaceMethod<"Added to the variance.", "double", "getEpsilon", (ins), [{}],
                    [{ return $_op.getEps().convertToDouble(); }]>,
  ];
}

def AffineTailOpInterface : OpInterface<"AffineTailOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    An op whose last act is y = scale * z + shift per channel, with either part absent: a norm's affine part, StarReLU's
    scale and bias, a layer scale. The tail can be taken off and folded into consumers with weights.
  }];
  let methods = [
    InterfaceMethod<"The scale operand, or null.", "::mlir::Value", "getTailScale">,
    InterfaceMethod<"The shift operand, or null.", "::mlir::Value", "getTailShift">,
    InterfaceMethod<"The scale when it is no operand.", "double", "getTailScaleValue", (ins), [{}], [{ return 1.0; }]>,
    InterfaceMethod<"The shift when it is no operand.", "double", "getTailShiftValue", (ins), [{}], [{ return 0.0; }]>,
    InterfaceMethod<"Creates the same op with this scale and shift instead (null: none) and returns its result, or the "
                    "map itself when nothing is left to do.", "::mlir::Value", "createWithTail",
                    (ins "::mlir::OpBuilder &":$builder, "::mlir::Value":$scale, "::mlir::Value":$shift)>,
  ];
}

def OptionalTailOpInterface : OpInterface<"OptionalTailOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    An op whose last operand, and no other, is optional. MLIR gives such ops no `operandSegmentSizes`; the artifact
    writes that attribute for every op with optional operands, and asks here.
  }];
  let methods = [
    InterfaceMethod<"Operands with the optional one counted.", "unsigned", "getOperandSlots", (ins), [{}],
                    [{ return ConcreteOp::kOperandSlots; }]>,
  ];
}

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = [{
    Reverse mode: given the gradient `dy` of the loss with respect to the op's result, builds ops for the gradients of those
    operands that `cotangents` wants and adds them there. Rules write forward ops where those exist, so that a gradient can be
    differentiated again as far as its ops have rules. Fails, with an error at the op, when it cannot be trained.
  }];
  let methods = [
    InterfaceMethod<"Adds the gradients of the wanted operands.", "::llvm::LogicalResult", "buildVjp",
                    (ins "::mlir::OpBuilder &":$builder, "::mlir::Value":$dy, "::archc::mf::Cotangents &":$cotangents)>,
  ];
}

def LossOpInterface : OpInterface<"LossOpInterface"> {
  let cppNamespace = "::archc::mf";
  let description = "One number per image, from logits [N, K] and targets [N, K].";
  let methods = [
    InterfaceMethod<"Builds the gradient of the sum of losses with respect to the logits.", "::mlir::Value",
                    "buildLogitsGradient", (ins "::mlir::OpBuilder &":$builder)>,
  ];
}

#endif // ARCHC_DIALECT_MF_MFINTERFACES_TD
