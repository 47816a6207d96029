//===- IdentityMixer.cpp - Mixer `identity` -------------------------------===//

#include "frontend/components/ComponentKind.h"

namespace archc::spec {

static bool registerIdentity() {
  ComponentKind kind;
  kind.slot = Slot::Mixer;
  kind.name = "identity";
  kind.help = "No mixing; norm, scale and shortcut of the branch remain.";
  kind.source = "arXiv:2210.13452";
  return registerKind(kind);
}

static const bool registered = registerIdentity();

} // namespace archc::spec
