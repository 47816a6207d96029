#include "frontend/resolve/LoadTree.h"
#include "frontend/parse/Parse.h"
#include "frontend/resolve/Merge.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace archc::spec {

namespace {

/// A file on the way from the spec to its base: its identity and the `extends` that led to it.
struct Link {
  std::string identity;
  SourceRange extends;
};

class TreeLoader {
public:
  TreeLoader(DiagnosticEngine &diagnostics, Language language) : diagnostics(diagnostics), language(language) {}

  std::optional<Node> loadFile(const std::string &path, SourceRange from);
  std::optional<Node> loadText(const std::string &path, std::string text);
  void applySet(Node &root, const std::string &argument);

private:
  std::optional<Node> loadRegistered(uint32_t file, const std::string &path);
  std::optional<Node> loadBase(const Node &extends, const std::string &path);
  void applyOverrides(Node &root);
  void applyOverride(Node &root, const Node &item);
  Node *stageAt(Node &root, int64_t number, SourceRange where);
  void hintAtShipped(const std::string &path);
  void reportCycle(size_t first, SourceRange from);

  /// The table that says what the file extends.
  const char *header() const { return language == Language::Spec ? "arch" : "run"; }
  void setInStage(Node &root, const SetOption &option);

  DiagnosticEngine &diagnostics;
  Language language;
  std::vector<Link> chain;
};

std::string identityOf(const std::string &path) {
  std::error_code failed;
  std::filesystem::path real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

void TreeLoader::reportCycle(size_t first, SourceRange from) {
  Diagnostic &problem = diagnostics.error(Code::ExtendsCycle, from,
                                          "`extends` leads back to this file; expected a file that does not extend this one");
  for (size_t i = first + 1; i < chain.size(); ++i)
    problem.note(chain[i].extends, "on the way round, this file is extended");
}

/// After a file could not be read: its name may have been meant for a shipped spec's.
void TreeLoader::hintAtShipped(const std::string &path) {
  if (std::filesystem::exists(path))
    return;
  std::vector<std::string> names;
  for (const ShippedSpec &spec : language == Language::Spec ? shippedSpecs() : shippedRecipes())
    names.push_back(spec.name);
  std::string word = std::filesystem::path(path).stem().string();
  if (std::string near = nearest(word, names); !near.empty())
    diagnostics.last().withHint("did you mean `" + near + "`?");
}

std::optional<Node> TreeLoader::loadFile(const std::string &path, SourceRange from) {
  std::string identity = identityOf(path);
  for (size_t i = 0; i < chain.size(); ++i)
    if (chain[i].identity == identity)
      return reportCycle(i, from), std::nullopt;
  constexpr size_t longestChain = 64;
  if (chain.size() >= longestChain) {
    diagnostics.error(Code::TooLarge, from, "`extends` leads through more than 64 files; expected fewer");
    return std::nullopt;
  }
  std::optional<uint32_t> file = readSpecFile(path, from, diagnostics);
  if (!file) {
    hintAtShipped(path);
    return std::nullopt;
  }
  chain.push_back({identity, from});
  std::optional<Node> root = loadRegistered(*file, path);
  chain.pop_back();
  return root;
}

std::optional<Node> TreeLoader::loadText(const std::string &path, std::string text) {
  uint32_t file = diagnostics.addFile(path, std::move(text));
  chain.push_back({identityOf(path), {}});
  return loadRegistered(file, path);
}

std::optional<Node> TreeLoader::loadRegistered(uint32_t file, const std::string &path) {
  std::optional<Node> root = parseToml(file, diagnostics);
  if (!root)
    return std::nullopt;
  if (root->entries.empty()) {
    diagnostics.error(Code::EmptyFile, {file, 0, 0, 0, 0},
                      language == Language::Spec
                          ? "the spec is empty; expected at least `[arch]`, a `[block.NAME]` and a `[[stage]]`"
                          : "the recipe is empty; expected at least `[run]`");
    return std::nullopt;
  }
  Entry *top = root->find(header());
  if (const Entry *extends = top ? top->value.find("extends") : nullptr) {
    std::optional<Node> base = loadBase(extends->value, path);
    if (!base)
      return std::nullopt;
    top->value.erase("extends");
    mergeOver(*base, *root);
    root = std::move(base);
  }
  if (language == Language::Spec)
    applyOverrides(*root);
  return root;
}

std::optional<Node> TreeLoader::loadBase(const Node &extends, const std::string &path) {
  if (extends.type != NodeType::String) {
    diagnostics.error(Code::WrongType, extends.range, "`extends` is " + describe(extends.type) + "; expected a string");
    return std::nullopt;
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  return loadFile(locateSpec(extends.text, folder, language), extends.range);
}

// --- Overrides and --set ---------------------------------------------------------

/// Stage `number`, from 1; null, with an error at `where`, when there is none.
Node *TreeLoader::stageAt(Node &root, int64_t number, SourceRange where) {
  Entry *stages = root.find("stage");
  size_t count = stages ? stages->value.items.size() : 0;
  if (number >= 1 && static_cast<uint64_t>(number) <= count)
    return &stages->value.items[static_cast<size_t>(number - 1)];
  Diagnostic &problem =
      diagnostics.error(Code::UnknownStage, where,
                        "there is no stage " + std::to_string(number) + "; expected a number from 1 to " + std::to_string(count));
  if (count)
    problem.note(stages->value.items.back().range, "the last stage is " + std::to_string(count));
  return nullptr;
}

void TreeLoader::applyOverride(Node &root, const Node &item) {
  if (item.type != NodeType::Table) {
    diagnostics.error(Code::WrongType, item.range,
                      "`override` holds " + describe(item.type) + "; expected `[[override]]` tables");
    return;
  }
  const Entry *stage = item.find("stage");
  if (!stage) {
    diagnostics.error(Code::MissingKey, item.range, "`[[override]]` has no `stage`; expected the number of a stage, from 1");
    return;
  }
  if (stage->value.type != NodeType::Int) {
    diagnostics.error(Code::WrongType, stage->value.range, "`stage` is " + describe(stage->value.type) + "; expected an integer");
    return;
  }
  if (Node *target = stageAt(root, stage->value.integer, stage->value.range)) {
    Node keys = item;
    keys.erase("stage");
    mergeOver(*target, keys);
  }
}

void TreeLoader::applyOverrides(Node &root) {
  const Entry *overrides = root.find("override");
  if (!overrides)
    return;
  Node list = overrides->value;
  root.erase("override");
  if (list.type != NodeType::Array) {
    diagnostics.error(Code::WrongType, list.range, "`override` is " + describe(list.type) + "; expected `[[override]]` tables");
    return;
  }
  for (const Node &item : list.items)
    applyOverride(root, item);
}

/// `value` below the keys of `option` from `first` on.
static Node nest(const SetOption &option, size_t first) {
  Node node = option.value;
  for (size_t i = option.path.size(); i > first; --i) {
    Node table;
    table.range = node.range;
    table.entries.push_back({option.path[i - 1], option.keyRanges[i - 1], std::move(node)});
    node = std::move(table);
  }
  return node;
}

/// Whether one value may stand for the table `name`.
static bool takesOneValue(const std::string &name, Language language) {
  const std::vector<TableSchema> &tables = allTables(language);
  return name == "budget" ||
         std::any_of(tables.begin(), tables.end(), [&](const TableSchema &table) { return table.slot && table.path == name; });
}

void TreeLoader::applySet(Node &root, const std::string &argument) {
  std::optional<SetOption> option = parseSet(argument, diagnostics);
  if (!option)
    return;
  const std::vector<std::string> &path = option->path;
  if (path.size() == 2 && path[0] == header() && path[1] == "extends") {
    diagnostics.error(Code::BadSet, option->keyRanges[1],
                      "`" + path[0] + ".extends` is worked in before `--set`; expected another key");
    return;
  }
  if (path[0] == "override" || (path.size() < 2 && !takesOneValue(path[0], language))) {
    const char *examples =
        language == Language::Spec ? "`arch.input.height` or `stage.3.depth`" : "`run.epochs` or `optimizer.rate`";
    diagnostics.error(Code::BadSet, option->keyRanges[0], "`" + path[0] + "` cannot be set; expected a path such as " + examples);
    return;
  }
  if (path[0] == "stage" && language == Language::Spec)
    return setInStage(root, *option);
  mergeOver(root, nest(*option, 0));
}

void TreeLoader::setInStage(Node &root, const SetOption &option) {
  const std::vector<std::string> &path = option.path;
  char *end = nullptr;
  int64_t number = std::strtoll(path[1].c_str(), &end, 10);
  if (*end || path.size() < 3) {
    diagnostics.error(Code::BadSet, option.keyRanges[1],
                      "`stage." + path[1] + "` cannot be set; expected `stage.N.key`, stages counting from 1");
    return;
  }
  if (Node *stage = stageAt(root, number, option.keyRanges[1]))
    mergeOver(*stage, nest(option, 2));
}

} // namespace

std::optional<Node> loadTree(const LoadOptions &options, DiagnosticEngine &diagnostics, Language language) {
  TreeLoader loader(diagnostics, language);
  std::string path = locateSpec(options.spec, "", language);
  std::optional<Node> root = options.text ? loader.loadText(path, *options.text) : loader.loadFile(path, {});
  if (root)
    for (const std::string &argument : options.sets)
      loader.applySet(*root, argument);
  return root;
}

} // namespace archc::spec
