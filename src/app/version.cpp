#include "app/commands.h"

namespace onsale::app {

Command add_version(CLI::App& root) {
  auto* app = root.add_subcommand("version", "Print the version");
  return {app, []() -> Done {
            print("onsale " ONSALE_VERSION);
            return {};
          }};
}

}  // namespace onsale::app
