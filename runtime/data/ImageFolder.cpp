//===- ImageFolder.cpp - A folder per class, as torchvision reads it ------===//

#include "runtime/data/Dataset.h"

#include <algorithm>
#include <filesystem>

namespace archrt::data::detail {

namespace fs = std::filesystem;

namespace {

class ImageFolder : public Dataset {
public:
  struct File {
    std::string path;
    int32_t label;
  };

  ImageFolder(std::vector<File> files, std::vector<std::string> names) : files(std::move(files)), names(std::move(names)) {}

  int64_t size() const override { return static_cast<int64_t>(files.size()); }
  int64_t classes() const override { return static_cast<int64_t>(names.size()); }
  std::vector<std::string> classNames() const override { return names; }
  int32_t label(int64_t index) const override { return files[static_cast<size_t>(index)].label; }
  std::string nameOf(int64_t index) const override { return files[static_cast<size_t>(index)].path; }

  Result<Image> read(int64_t index, int64_t channels) const override {
    ReadImageOptions options;
    options.channels = channels;
    return readImage(files[static_cast<size_t>(index)].path, options);
  }

private:
  std::vector<File> files;
  std::vector<std::string> names;
};

bool isImageName(const fs::path &path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

std::vector<std::string> foldersIn(const std::string &folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory(ignored))
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Of any depth, in the order of their paths: the order of a directory is not the same everywhere.
std::vector<std::string> imagesIn(const std::string &folder) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::follow_directory_symlink, ignored), end; at != end;
       at.increment(ignored))
    if (at->is_regular_file(ignored) && isImageName(at->path()))
      paths.push_back(at->path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string splitFolder(const std::string &source, Split split) {
  if (split == Split::Train)
    return source + "/train";
  for (const char *name : {"/val", "/validation", "/test"})
    if (isFolder(source + name))
      return source + name;
  return source + "/val";
}

} // namespace

Result<std::unique_ptr<Dataset>> openImageFolder(const std::string &source, Split split) {
  std::string folder = splitFolder(source, split);
  bool isTree = isFolder(source + "/train") || isFolder(folder);
  if (!isTree)
    return std::unique_ptr<Dataset>();
  if (!isFolder(folder))
    return invalid("`", source, "` has no folder `", split == Split::Train ? "train" : "val", "`");
  // The classes are those of training, so that numbers mean the same in both splits.
  std::vector<std::string> names = foldersIn(isFolder(source + "/train") ? source + "/train" : folder);
  std::vector<ImageFolder::File> files;
  for (const std::string &name : foldersIn(folder)) {
    auto found = std::lower_bound(names.begin(), names.end(), name);
    if (found == names.end() || *found != name)
      return invalid("`", folder, "` has a class `", name, "` that `", source, "/train` lacks");
    for (std::string &path : imagesIn(folder + "/" + name))
      files.push_back({std::move(path), static_cast<int32_t>(found - names.begin())});
  }
  if (files.empty())
    return invalid("`", folder, "` holds no image; expected folders of classes with .jpg, .jpeg or .png files");
  return std::unique_ptr<Dataset>(std::make_unique<ImageFolder>(std::move(files), std::move(names)));
}

} // namespace archrt::data::detail
