// `onsale verify`: proves that the data is what it should be, also beside a running server.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "app/commands.h"
#include "app/fairness_page.h"
#include "app/fairness_words.h"
#include "app/office.h"
#include "app/output_file.h"
#include "store/audit.h"
#include "store/fairness.h"

namespace onsale::app {
namespace {

struct Options {
  ConfigInputs inputs;
  bool fairness = false;
  std::optional<std::string> html;
};

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

/// The verdict as the exit code says it; `office` names the data.
Done done(const std::string& office, bool good, std::size_t violations, std::int64_t left_out) {
  if (good) return {};
  return failed(
      fmt::format("{}: {} violations", office, static_cast<std::int64_t>(violations) + left_out));
}

Done unreadable(const std::string& office, const store::Error& error) {
  return failed(fmt::format("{} could not be read: {}", office, error.message));
}

Done verify_invariants(store::Reader& reader, const std::string& office) {
  const auto report = store::audit(reader);
  if (!report) return unreadable(office, report.error());
  print(words_of(*report));
  return done(office, report->clean(), report->violations.size(), report->violations_left_out);
}

Done verify_fairness(store::Reader& reader, const std::string& office, const Options& options,
                     const domain::Policy& policy) {
  const auto report = store::audit_fairness(reader, policy);
  if (!report) return unreadable(office, report.error());
  print(fairness_words(*report));
  if (options.html) {
    if (auto written = write_file(*options.html, fairness_page(*report)); !written) return written;
  }
  return done(office, report->fair(), report->violations.size(), report->violations_left_out);
}

/// A page would take the place of the data, or at least of what keeps others from harming it.
Done refuse_to_overwrite_data(const std::string& page, std::string_view database_url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!database_url.starts_with(scheme)) return {};
  const std::string file(database_url.substr(scheme.size()));
  std::error_code not_there;
  for (const char* part : {"", "-wal", "-shm", ".lock"}) {
    if (!std::filesystem::equivalent(page, file + part, not_there)) continue;
    return failed(fmt::format("{} is part of the database: write the page elsewhere", page));
  }
  return {};
}

Done verify(const Options& options) {
  const auto config = configure(options.inputs, "warning");
  if (!config) return std::unexpected(config.error());
  if (options.html) {
    const auto allowed = refuse_to_overwrite_data(*options.html, config->database_url);
    if (!allowed) return allowed;
  }
  auto store = open_store(*config, store::Access::read_only);
  if (!store) return std::unexpected(store.error());
  auto reader = (*store)->reader();
  if (!reader) return failed(reader.error().message);
  const std::string office = (*store)->describe();
  return options.fairness ? verify_fairness(**reader, office, options, config->policy)
                          : verify_invariants(**reader, office);
}

}  // namespace

Command add_verify(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand(
      "verify",
      "Prove the data's invariants, also beside a running server; exit 1 if one is broken");
  auto* fairness = app->add_flag(
      "--fairness", options->fairness,
      "Prove from the journal that the waiting rooms were fair, and list the exceptions");
  app->add_option("--html", options->html, "Write the fairness report as a page, too")
      ->type_name("FILE")
      ->needs(fairness);
  add_config_options(*app, options->inputs);
  return {app, [options] { return verify(*options); }};
}

}  // namespace onsale::app
