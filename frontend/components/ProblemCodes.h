//===- ProblemCodes.h - Codes of what only components can see -------------===//
//
// Rows of Diagnostics.def, here under names so that the components' checks need nothing of the diagnostics.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_COMPONENTS_PROBLEMCODES_H
#define ARCHC_FRONTEND_COMPONENTS_PROBLEMCODES_H

namespace archc::spec::code {

constexpr const char *DoesNotDivide = "E0301";   // heads, head_dim or groups against a width
constexpr const char *MapVanishes = "E0302";     // a kernel that does not fit the map
constexpr const char *WrongMapSize = "E0304";    // a matrix over tokens on another map
constexpr const char *ShapeChanges = "E0305";    // no embedding between two widths
constexpr const char *EvenWindow = "E0306";      // a kernel or window without a middle
constexpr const char *ConflictingKeys = "E0307"; // values that are valid each, but not together

} // namespace archc::spec::code

#endif // ARCHC_FRONTEND_COMPONENTS_PROBLEMCODES_H
