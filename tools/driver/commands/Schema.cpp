//===- Schema.cpp - archc schema ------------------------------------------===//

#include "frontend/schema/Schema.h"
#include "tools/driver/Command.h"

#include <iostream>
#include <memory>

namespace archc::driver {

static const bool registered =
    registerCommand({"schema", "Print the language's JSON Schema (draft-07), for editors", "archc schema > archs/schema.json",
                     [](CLI::App &app) -> std::function<int()> {
                       auto markdown = std::make_shared<bool>(false), recipes = std::make_shared<bool>(false);
                       auto *page =
                           app.add_flag("--markdown", *markdown, "Print the language reference, docs/language.md, instead");
                       app.add_flag("--recipe", *recipes, "Print that of recipes")->excludes(page);
                       return [markdown, recipes]() -> int {
                         spec::Language language = *recipes ? spec::Language::Recipe : spec::Language::Spec;
                         std::cout << (*markdown ? spec::markdownReference() : spec::jsonSchema(language));
                         return ExitOk;
                       };
                     }});

} // namespace archc::driver
