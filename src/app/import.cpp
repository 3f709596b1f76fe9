// `onsale import`: a seating plan for a performance that exists, or a whole event.
#include <fmt/format.h>

#include "app/commands.h"
#include "app/event_file.h"
#include "app/execute.h"
#include "app/office.h"
#include "engine/office_clock.h"

namespace onsale::app {
namespace {

struct Options {
  ConfigInputs inputs;
  std::string file;
  std::optional<std::int64_t> performance;
};

std::string quoted_list(const std::vector<std::string>& names) {
  return fmt::format("\"{}\"", fmt::join(names, "\", \""));
}

Done word_seats(const Options& options, const domain::CreateSeatsOutcome& outcome) {
  using Result = domain::CreateSeatsResult;
  switch (outcome.result) {
    case Result::performance_not_found:
      return failed(fmt::format("there is no performance {}", *options.performance));
    case Result::has_seats:
      return failed(fmt::format("performance {} has its seats already; nothing was changed",
                                *options.performance));
    case Result::unknown_tier:
      return failed(fmt::format("{}: performance {} has no price for the categories {}",
                                options.file, *options.performance,
                                quoted_list(outcome.unknown_tiers)));
    case Result::created:
      print(fmt::format("performance {}: {} seats", *options.performance, outcome.seat_count));
      return {};
  }
  return {};
}

Done import_plan(const Options& options, const Config& config) {
  auto plan = read_plan_file(options.file);
  if (!plan) return failed(plan.error());
  const engine::OfficeClock clock;
  auto office = open_office(config, clock);
  if (!office) return std::unexpected(office.error());
  const auto outcome =
      execute(*office->engine,
              domain::CreateSeats{.performance = {*options.performance}, .plan = std::move(*plan)});
  return outcome ? word_seats(options, *outcome) : failed(outcome.error());
}

Done import_event(const Options& options, const Config& config) {
  auto set_up = read_event_file(options.file);
  if (!set_up) return failed(set_up.error());
  const std::int64_t room = set_up->shows.front().event.room.value;
  const engine::OfficeClock clock;
  auto office = open_office(config, clock);
  if (!office) return std::unexpected(office.error());
  const auto outcome = execute(*office->engine, std::move(*set_up));
  if (!outcome) return failed(outcome.error());
  if (outcome->result == SetUpResult::room_not_found) {
    return failed(
        fmt::format("{}: event.waiting_room_id: there is no waiting room {}", options.file, room));
  }
  const SetUpOutcome::Shown& shown = outcome->shows.front();
  print(fmt::format("event {}", shown.event.value));
  for (const auto& staged : shown.performances) {
    print(fmt::format("performance {}: {} seats", staged.performance.value, staged.seat_count));
  }
  return {};
}

Done import(const Options& options) {
  const auto config = configure(options.inputs, "warning");
  if (!config) return std::unexpected(config.error());
  return options.performance ? import_plan(options, *config) : import_event(options, *config);
}

}  // namespace

Command add_import(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand(
      "import", "Import a seating plan (pretix editor's JSON) or a whole event, all or nothing");
  app->add_option("file", options->file, "PLAN.json, or EVENT.json as in data/events/")->required();
  app->add_option("--performance", options->performance,
                  "The performance that a seating plan is for; it has a price for each category")
      ->type_name("ID");
  add_config_options(*app, options->inputs);
  return {app, [options] { return import(*options); }};
}

}  // namespace onsale::app
