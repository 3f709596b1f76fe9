#include "app/command_line.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>

#include "app/commands.h"

namespace onsale::app {
namespace {

void complain(std::string_view message) { fmt::print(stderr, "onsale: {}\n", message); }

void log_to_stderr(std::string_view level, std::string_view quietest) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "onsale", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  spdlog::set_level(std::max(spdlog::level::from_str(std::string(level)),
                             spdlog::level::from_str(std::string(quietest))));
}

std::vector<Command> add_commands(CLI::App& root) {
  std::vector<Command> commands;
  commands.push_back(add_serve(root));
  commands.push_back(add_import(root));
  for (Command& command : add_user(root)) commands.push_back(std::move(command));
  commands.push_back(add_verify(root));
  for (Command& command : add_copying(root)) commands.push_back(std::move(command));
  commands.push_back(add_draw(root));
  commands.push_back(add_rush(root));
  commands.push_back(add_version(root));
  return commands;
}

int run(const Command& command) {
  Done done;
  try {
    done = command.run();
  } catch (const std::exception& error) {
    done = failed(error.what());
  }
  if (done) return 0;
  complain(done.error().message);
  return done.error().exit_code;
}

}  // namespace

void add_config_options(CLI::App& command, ConfigInputs& inputs) {
  command.add_option("--database", inputs.database, "Where the data is (sqlite:var/onsale.db)")
      ->type_name("URL");
  command.add_option("--config", inputs.file, "Configuration file, TOML")->type_name("FILE");
  command
      .add_option("--set", inputs.sets,
                  "A configuration key; may be repeated. `onsale serve --help` lists them")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
}

std::expected<Config, Failure> configure(ConfigInputs inputs, std::string_view quietest) {
  inputs.environment = process_environment();
  auto config = load_config(inputs);
  if (!config) return misused(config.error());
  log_to_stderr(config->log_level, quietest);
  return std::move(*config);
}

void print(std::string_view text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

std::string printable(std::string_view text) {
  std::string safe(text);
  std::ranges::replace_if(safe, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return safe;
}

int run_command_line(int argc, const char* const* argv) {
  CLI::App root("Onsale, a ticket on-sale engine: waiting room, seats, wallet, payment, tickets.",
                "onsale");
  root.require_subcommand(1);
  root.footer("`onsale COMMAND --help` tells more. To try it out: onsale serve --demo");
  root.get_formatter()->column_width(36);
  const std::vector<Command> commands = add_commands(root);
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return root.exit(help);
  } catch (const CLI::ParseError& error) {
    // CLI11 misses a command before it wonders about the word that should have been one.
    const auto unknown = root.remaining(/*recurse=*/true);
    const bool misspelt = error.get_name() == "RequiredError" && !unknown.empty();
    complain(misspelt ? fmt::format("there is no command {}", unknown.front()) : error.what());
    complain("`onsale --help` and `onsale COMMAND --help` tell how it is used");
    return exit_usage;
  }
  const auto asked =
      std::ranges::find_if(commands, [](const Command& c) { return c.app->parsed(); });
  return run(*asked);
}

}  // namespace onsale::app
