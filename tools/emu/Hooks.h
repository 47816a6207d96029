//===- Hooks.h - What generated code calls --------------------------------===//

#ifndef ARCHC_TOOLS_EMU_HOOKS_H
#define ARCHC_TOOLS_EMU_HOOKS_H

#include <utility>
#include <vector>

namespace archrt::emu {

namespace hook {
// void(thread, address, access)
constexpr const char *access = "archemu_access", *shared = "archemu_shared", *global = "archemu_global";
// void(thread, address, length i64, access): of memcpy and memset
constexpr const char *range = "archemu_range";
// i32(thread, site, id, how to combine, predicate)
constexpr const char *barrier = "archemu_barrier";
// void(thread, op and site, mask, in, out)
constexpr const char *collective = "archemu_collective";
// void(thread, site)
constexpr const char *fuel = "archemu_fuel";
// void(thread, to, from, bytes and copied, accesses of the write and the read in memory)
constexpr const char *copyAsync = "archemu_copy_async";
// void(thread), void(thread, groups that may stay open)
constexpr const char *copyCommit = "archemu_copy_commit", *copyWait = "archemu_copy_wait";
} // namespace hook

/// Names and addresses of all of them.
std::vector<std::pair<const char *, void *>> hookAddresses();

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_HOOKS_H
