// The command line: `onsale serve`, `import`, `user`, `verify`, `draw`, `rush`, `version`.
#pragma once

namespace onsale::app {

/// Runs one command to its end. Results go to stdout, everything else to stderr. The exit code of
/// the process: 0 done, 1 the thing failed, 2 the command line or the configuration is not valid.
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace onsale::app
