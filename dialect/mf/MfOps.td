//===- MfOps.td - All ops of the mf dialect -------------------------------===//

#ifndef ARCHC_DIALECT_MF_MFOPS_TD
#define ARCHC_DIALECT_MF_MFOPS_TD

include "dialect/mf/MfOpsActivation.td"
include "dialect/mf/MfOpsArchitecture.td"
include "dialect/mf/MfOpsConv.td"
include "dialect/mf/MfOpsGradient.td"
include "dialect/mf/MfOpsInput.td"
include "dialect/mf/MfOpsMixer.td"
include "dialect/mf/MfOpsNorm.td"
include "dialect/mf/MfOpsStatistics.td"
include "dialect/mf/MfOpsStructure.td"
include "dialect/mf/MfOpsTraining.td"

#endif // ARCHC_DIALECT_MF_MFOPS_TD
