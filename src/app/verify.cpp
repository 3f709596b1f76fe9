// `onsale verify`: proves that the data is what it should be, also beside a running server.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "app/commands.h"
#include "app/office.h"
#include "store/audit.h"

namespace onsale::app {
namespace {

std::string words_of(const store::AuditReport& report) {
  const std::array<std::pair<std::string_view, std::int64_t>, 10> counts{
      {{"users", report.users},
       {"events", report.events},
       {"performances", report.performances},
       {"seats", report.seats},
       {"reservations", report.reservations},
       {"tickets", report.tickets},
       {"accounts", report.accounts},
       {"transfers", report.transfers},
       {"visitors", report.visitors},
       {"journal entries", report.journal_entries}}};
  std::string words;
  for (const auto& [name, count] : counts) words += fmt::format("{:>16} {}\n", name, count);
  for (const std::string& violation : report.violations) {
    words += fmt::format("VIOLATION {}\n", violation);
  }
  if (report.violations_left_out > 0) {
    words += fmt::format("and {} more\n", report.violations_left_out);
  }
  words += report.clean() ? "everything holds" : "NOT everything holds";
  return words;
}

Done verify(const ConfigInputs& inputs) {
  const auto config = configure(inputs, "warning");
  if (!config) return std::unexpected(config.error());
  auto store = open_store(*config, store::Access::read_only);
  if (!store) return std::unexpected(store.error());
  auto reader = (*store)->reader();
  if (!reader) return failed(reader.error().message);
  const auto report = store::audit(**reader);
  if (!report) {
    return failed(
        fmt::format("{} could not be read: {}", (*store)->describe(), report.error().message));
  }
  print(words_of(*report));
  if (report->clean()) return {};
  const auto count = static_cast<std::int64_t>(report->violations.size());
  return failed(
      fmt::format("{}: {} violations", (*store)->describe(), count + report->violations_left_out));
}

}  // namespace

Command add_verify(CLI::App& root) {
  auto inputs = std::make_shared<ConfigInputs>();
  auto* app = root.add_subcommand(
      "verify",
      "Prove the data's invariants, also beside a running server; exit 1 if one is broken");
  add_config_options(*app, *inputs);
  return {app, [inputs] { return verify(*inputs); }};
}

}  // namespace onsale::app
