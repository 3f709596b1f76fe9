// The commands, one file each. Each adds itself to the command line and says what to run if it
// was the one that was asked for.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/failure.h"

namespace onsale::app {

struct Command {
  CLI::App* app = nullptr;  ///< owned by the root
  std::function<Done()> run;
};

[[nodiscard]] Command add_serve(CLI::App& root);
[[nodiscard]] Command add_import(CLI::App& root);
/// Its subcommands add, passwd, role and token.
[[nodiscard]] std::vector<Command> add_user(CLI::App& root);
[[nodiscard]] Command add_verify(CLI::App& root);
/// backup, restore and copy.
[[nodiscard]] std::vector<Command> add_copying(CLI::App& root);
/// Its subcommand verify.
[[nodiscard]] Command add_draw(CLI::App& root);
[[nodiscard]] Command add_rush(CLI::App& root);
[[nodiscard]] Command add_version(CLI::App& root);

/// --database, --config and --set, which every command that works on a box office has.
void add_config_options(CLI::App& command, ConfigInputs& inputs);

/// load_config() with the environment of the process, and logging to stderr set up as it says,
/// but nothing less important than `quietest` (a spdlog level: "info", "warning").
[[nodiscard]] std::expected<Config, Failure> configure(ConfigInputs inputs,
                                                       std::string_view quietest);

/// One line, or several, on stdout, flushed.
void print(std::string_view text);

/// A text that somebody else wrote, fit for a terminal: control characters become question marks.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace onsale::app
