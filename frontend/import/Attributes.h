//===- Attributes.h - Components and parameters as attributes -------------===//

#ifndef ARCHC_FRONTEND_IMPORT_ATTRIBUTES_H
#define ARCHC_FRONTEND_IMPORT_ATTRIBUTES_H

#include "dialect/mf/MfDialect.h"
#include "frontend/model/Architecture.h"
#include "frontend/model/BranchNames.h"

namespace archc {

/// `{kind = "sep_conv", kernel = 7, activation = {kind = "star_relu", ...}}`
mlir::DictionaryAttr componentAttribute(const spec::Component &component, mlir::MLIRContext &context);

/// `param` with `prefix` and a dot before its name; without a prefix as it is.
mf::ParamAttr paramAttribute(const spec::ParamDecl &param, const std::string &prefix, mlir::MLIRContext &context);

mlir::ArrayAttr paramAttributes(const std::vector<spec::ParamDecl> &params, mlir::MLIRContext &context);

mf::BranchAttr branchAttribute(const spec::Branch &branch, const spec::BranchNames &names, mlir::MLIRContext &context);

} // namespace archc

#endif // ARCHC_FRONTEND_IMPORT_ATTRIBUTES_H
