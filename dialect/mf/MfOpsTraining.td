//===- MfOpsTraining.td - Losses and what only training does --------------===//

#ifndef ARCHC_DIALECT_MF_MFOPSTRAINING_TD
#define ARCHC_DIALECT_MF_MFOPSTRAINING_TD

include "dialect/mf/MfDialect.td"
include "dialect/mf/MfInterfaces.td"

/// One number per image from logits and soft targets.
class Mf_LossOp<string mnemonic, string formula, string numerics>
    : Mf_InferredOp<mnemonic, [
          AllTypesMatch<["logits", "targets"]>, FusableOpInterface, DeclareOpInterfaceMethods<DifferentiableOpInterface>,
          DeclareOpInterfaceMethods<LossOpInterface>]> {
  let description = "loss[n] = " # formula # [{ for the K classes of image n.

    Targets are soft: one-hot vectors, smoothed labels and mixtures of images are all made before the step, by the host. The
    batch is never averaged here: what training divides by is its own affair.

    Numerics: }] # numerics # [{

    Example:
    ```mlir
    %l = mf.}] # mnemonic # [{ %logits, %targets : tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Features, "[N, K]">:$logits, Arg<Mf_Features, "[N, K]">:$targets);
  let results = (outs Res<Mf_Features, "[N, 1]">:$loss);
  let assemblyFormat = "$logits `,` $targets attr-dict `:` type($logits)";
  code methods = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
    bool sumsOverChannels() { return true; }
  }];
  let extraClassDeclaration = methods;
}

def Mf_CrossEntropyOp : Mf_LossOp<"cross_entropy", "-sum over k of targets[n,k] * log_softmax(logits[n])[k]",
    "log_softmax subtracts the largest logit first."> {
  let summary = "Cross entropy of softmax with soft targets";
}

def Mf_BceOp : Mf_LossOp<"bce",
    "mean over k of max(l, 0) - l * targets[n,k] + log(1 + exp(-|l|)) with l = logits[n,k]", "no overflow for large |l|."> {
  let summary = "Binary cross entropy of each class, averaged over classes";
}

/// The gradient of a loss with respect to the logits: the map that the backward pass starts from.
class Mf_LossGradOp<string mnemonic, string formula> : Mf_PureOp<mnemonic, [
    AllTypesMatch<["logits", "targets", "gradient"]>, FusableOpInterface]> {
  let description = "gradient[n,k] = " # formula # [{.

    Example:
    ```mlir
    %g = mf.}] # mnemonic # [{ %logits, %targets : tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Features, "[N, K]">:$logits, Arg<Mf_Features, "[N, K]">:$targets);
  let results = (outs Res<Mf_Features, "[N, K]">:$gradient);
  let assemblyFormat = "$logits `,` $targets attr-dict `:` type($logits)";
}

def Mf_CrossEntropyGradOp : Mf_LossGradOp<"cross_entropy_grad",
    "softmax(logits[n])[k] * (sum over j of targets[n,j]) - targets[n,k]"> {
  let summary = "Gradient of `mf.cross_entropy`";
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
    bool sumsOverChannels() { return true; }
  }];
}

def Mf_BceGradOp : Mf_LossGradOp<"bce_grad", "(1 / (1 + exp(-logits[n,k])) - targets[n,k]) / K"> {
  let summary = "Gradient of `mf.bce`";
  let extraClassDeclaration = [{
    ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; }
  }];
}

def Mf_DropPathOp : Mf_PureOp<"drop_path", [
    DeclareOpInterfaceMethods<DifferentiableOpInterface>, AllTypesMatch<["x", "y"]>, FusableOpInterface]> {
  let summary = "Multiply each image of a branch by its factor";
  let description = [{
    y[n,...] = factors[n,site] * x[n,...]: stochastic depth. The host draws the factors, 0 or 1 / (1 - rate), from the
    step's counter, so that the graph has no randomness and a gradient can be checked. Each residual branch is one site.

    Constraints: 1. (`drop_path_c1`) `site` is a column of `factors`.

    Numerics: one rounding; a dropped image is exactly zero (of either sign).

    Example:
    ```mlir
    %y = mf.drop_path %x, %factors {site = 3} : tensor<?x14x14x320xf32>, tensor<?x24xf32>
    ```
  }];
  let arguments = (ins Arg<Mf_Rows, "a branch">:$x, Arg<Mf_Features, "[N, sites]">:$factors, I64Attr:$site);
  let results = (outs Res<Mf_Rows, "the branch times its factors">:$y);
  let assemblyFormat = "$x `,` $factors ` ` `{` `site` `=` $site `}` attr-dict `:` type($x) `,` type($factors)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{ ::archc::mf::Need getNeed() { return ::archc::mf::Need::Rows; } }];
}

#endif // ARCHC_DIALECT_MF_MFOPSTRAINING_TD
