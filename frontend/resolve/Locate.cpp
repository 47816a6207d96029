//===- Locate.cpp - Where specs are found ---------------------------------===//

#include "frontend/resolve/LoadTree.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace archc::spec {

namespace fs = std::filesystem;

/// The folder among those of the families that holds recipes.
static constexpr char kRecipes[] = "recipes";

static std::string archsFolder() {
  if (const char *given = std::getenv("ARCHC_ARCHS_DIR"))
    return given;
  std::error_code ignored;
  fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char *relative : {"../../archs", "../share/archc/archs"}) {
    fs::path folder = (program / relative).lexically_normal();
    if (fs::is_directory(folder, ignored))
      return folder.string();
  }
  return "";
}

std::vector<ShippedSpec> shippedSpecs() {
  std::vector<ShippedSpec> specs;
  std::error_code ignored;
  for (const auto &family : fs::directory_iterator(archsFolder(), ignored)) {
    std::string familyName = family.path().filename().string();
    if (!family.is_directory(ignored) || familyName == kRecipes)
      continue;
    for (const auto &file : fs::directory_iterator(family.path(), ignored))
      if (file.path().extension() == ".toml")
        specs.push_back({familyName + "_" + file.path().stem().string(), file.path().string()});
  }
  std::sort(specs.begin(), specs.end(), [](const ShippedSpec &a, const ShippedSpec &b) { return a.name < b.name; });
  return specs;
}

std::vector<ShippedSpec> shippedRecipes() {
  std::vector<ShippedSpec> recipes;
  std::error_code ignored;
  for (const auto &file : fs::directory_iterator(fs::path(archsFolder()) / kRecipes, ignored))
    if (file.path().extension() == ".toml")
      recipes.push_back({file.path().stem().string(), file.path().string()});
  std::sort(recipes.begin(), recipes.end(), [](const ShippedSpec &a, const ShippedSpec &b) { return a.name < b.name; });
  return recipes;
}

static std::string shippedRecipe(const std::string &name) {
  std::string folder = archsFolder();
  std::error_code ignored;
  fs::path file = fs::path(folder) / kRecipes / (name + ".toml");
  return !folder.empty() && fs::is_regular_file(file, ignored) ? file.string() : "";
}

/// Tries only the files that the name can mean, so that finding one spec does not read the whole folder.
static std::string shippedFile(const std::string &name) {
  std::string folder = archsFolder();
  std::error_code ignored;
  for (size_t cut = name.find('_'); !folder.empty() && cut != std::string::npos; cut = name.find('_', cut + 1)) {
    fs::path file = fs::path(folder) / name.substr(0, cut) / (name.substr(cut + 1) + ".toml");
    if (fs::is_regular_file(file, ignored))
      return file.string();
  }
  return "";
}

std::string locateSpec(const std::string &name, const std::string &folder, Language language) {
  std::error_code ignored;
  fs::path path = (fs::path(folder) / name).lexically_normal();
  bool isName = name.find('/') == std::string::npos && name.find(".toml") == std::string::npos;
  if (!isName || fs::is_regular_file(path, ignored))
    return path.string();
  std::string shipped = language == Language::Spec ? shippedFile(name) : shippedRecipe(name);
  return shipped.empty() ? path.string() : shipped;
}

} // namespace archc::spec
