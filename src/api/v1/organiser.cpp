// Putting something on sale: venue, event, performance, seating plan.
#include "api/execute.h"
#include "api/problems.h"
#include "api/seating_plan_json.h"
#include "api/time_zone.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"
#include "domain/catalogue.h"

namespace onsale::api::v1 {
namespace {

using http::Access;
using http::Problem;
using http::Request;
using http::Response;
using http::verb;

/// The arena of the demo takes 1.2 MB; a plan of the most seats allowed fits.
constexpr std::size_t plan_body_bytes_max = std::size_t{24} * 1024 * 1024;

asio::awaitable<Response> create_venue(Services& services, const Request& request, NewVenue body) {
  if (!is_time_zone(body.time_zone)) {
    co_return Response::problem(
        request, http::invalid_field("time_zone", "is no IANA time zone, such as Asia/Seoul"));
  }
  const domain::CreateVenue command{.name = std::move(body.name),
                                    .location = std::move(body.location),
                                    .time_zone = std::move(body.time_zone)};
  co_return co_await execute(services, request, command,
                             [](const domain::CreateVenueOutcome& outcome) -> Worded {
                               return Response::json(201, body_of(outcome.venue));
                             });
}

Worded word_event(Services& services, const domain::CreateEventOutcome& outcome) {
  switch (outcome.result) {
    case domain::CreateEventResult::venue_not_found:
      return std::unexpected(http::invalid_field("venue_id", "is no venue"));
    case domain::CreateEventResult::room_not_found:
      return std::unexpected(http::invalid_field("waiting_room_id", "is no waiting room"));
    case domain::CreateEventResult::invalid_window:
      return std::unexpected(
          http::invalid_field("sales_close_at", "must be later than sales_open_at"));
    case domain::CreateEventResult::created:
      break;
  }
  const auto catalogue = services.engine.views().catalogue();
  const CatalogueWords words{*catalogue, services.engine.policy(), services.currency,
                             services.engine.now()};
  return Response::json(201, words.body_of(outcome.event));
}

asio::awaitable<Response> create_event(Services& services, const Request& request, NewEvent body) {
  domain::CreateEvent command{.title = std::move(body.title),
                              .artist = std::move(body.artist),
                              .venue = body.venue_id,
                              .room = body.waiting_room_id.value_or(domain::default_room),
                              .sales_open_at = body.sales_open_at,
                              .sales_close_at = body.sales_close_at,
                              .policy = {}};
  command.policy.seats_per_user_max = body.seats_per_user_max;
  command.policy.require_balance_at_hold = body.require_balance_at_hold;
  if (body.hold_seconds) command.policy.hold_duration = std::chrono::seconds{*body.hold_seconds};
  co_return co_await execute(services, request, std::move(command),
                             [&services](const domain::CreateEventOutcome& outcome) {
                               return word_event(services, outcome);
                             });
}

/// A performance as it was just made: no seats yet.
PerformanceBody new_performance(const domain::Performance& performance,
                                const std::vector<PriceTierBody>& tiers,
                                const std::string& currency) {
  return {.id = performance.id,
          .event_id = performance.event,
          .name = performance.name,
          .starts_at = performance.starts_at,
          .sales_open_at = {},
          .sales_close_at = {},
          .on_sale = false,
          .seats_total = 0,
          .seats_available = 0,
          .price_from = {},
          .currency = currency,
          .price_tiers = tiers};
}

Worded word_performance(Services& services, const std::vector<PriceTierBody>& tiers,
                        const domain::CreatePerformanceOutcome& outcome) {
  switch (outcome.result) {
    case domain::CreatePerformanceResult::event_not_found:
      return std::unexpected(http::invalid_field("event_id", "is no event"));
    case domain::CreatePerformanceResult::duplicate_tier:
      return std::unexpected(http::invalid_field("price_tiers", "must have different names"));
    case domain::CreatePerformanceResult::invalid_window:
      return std::unexpected(
          http::invalid_field("sales_close_at", "must be later than sales_open_at"));
    case domain::CreatePerformanceResult::created:
      break;
  }
  const auto catalogue = services.engine.views().catalogue();
  PerformanceBody body = new_performance(outcome.performance, tiers, services.currency);
  if (const auto* event = catalogue->event(outcome.performance.event)) {
    const auto window = sales_window(*event, outcome.performance);
    body.sales_open_at = window.opens_at;
    body.sales_close_at = window.closes_at;
    body.on_sale = window.open_at(services.engine.now());
  }
  return Response::json(201, body);
}

asio::awaitable<Response> create_performance(Services& services, const Request& request,
                                             NewPerformance body) {
  domain::CreatePerformance command{.event = body.event_id,
                                    .name = std::move(body.name),
                                    .starts_at = body.starts_at,
                                    .sales_open_at = body.sales_open_at,
                                    .sales_close_at = body.sales_close_at,
                                    .price_tiers = {}};
  for (const auto& [name, price] : body.price_tiers) command.price_tiers.push_back({name, price});
  const auto word = [&services, tiers = std::move(body.price_tiers)](
                        const domain::CreatePerformanceOutcome& outcome) {
    return word_performance(services, tiers, outcome);
  };
  co_return co_await execute(services, request, std::move(command), word);
}

Worded word_seats(domain::PerformanceId performance, const domain::CreateSeatsOutcome& outcome) {
  switch (outcome.result) {
    case domain::CreateSeatsResult::performance_not_found:
      return std::unexpected(Problem(http::problems::kNotFound));
    case domain::CreateSeatsResult::has_seats:
      return std::unexpected(Problem(problems::has_seats));
    case domain::CreateSeatsResult::unknown_tier: {
      std::vector<http::FieldError> errors;
      for (const std::string& name : outcome.unknown_tiers) {
        errors.push_back({"categories", "\"" + name + "\" is no price tier of the performance"});
      }
      return std::unexpected(Problem(problems::invalid_plan).with_errors(std::move(errors)));
    }
    case domain::CreateSeatsResult::created:
      return Response::json(
          201, ImportedPlan{.performance_id = performance, .seats = outcome.seat_count});
  }
  std::unreachable();
}

asio::awaitable<Response> import_plan(Services& services, Request& request) {
  // Reading a plan of some megabytes takes too long for an event loop.
  auto parsing = [text = request.body] { return parse_seating_plan(text); };
  auto parsed = co_await services.rendering.run(parsing);
  if (!parsed) co_return Response::problem(request, http::overloaded());
  if (!*parsed) {
    const PlanProblem& problem = parsed->error();
    co_return Response::problem(request, Problem(problems::invalid_plan, problem.message())
                                             .with_errors({{problem.place, problem.detail}}));
  }
  const domain::PerformanceId performance{request.path_id("id")};
  domain::CreateSeats command{
      .performance = performance,
      .plan = std::make_shared<const domain::SeatingPlan>(std::move(**parsed))};
  co_return co_await execute(services, request, std::move(command),
                             [performance](const domain::CreateSeatsOutcome& outcome) {
                               return word_seats(performance, outcome);
                             });
}

}  // namespace

void add_organiser_routes(http::RouteGroup& v1, Services& services) {
  v1.add<NewVenue, VenueBody>({.method = verb::post,
                               .path = "/venues",
                               .summary = "A new venue",
                               .tag = "organiser",
                               .access = Access::organiser,
                               .status = 201,
                               .idempotent = true},
                              [&](Request& request, NewVenue body) {
                                return create_venue(services, request, std::move(body));
                              });
  v1.add<NewEvent, EventBody>({.method = verb::post,
                               .path = "/events",
                               .summary = "A new event",
                               .tag = "organiser",
                               .access = Access::organiser,
                               .status = 201,
                               .idempotent = true},
                              [&](Request& request, NewEvent body) {
                                return create_event(services, request, std::move(body));
                              });
  v1.add<NewPerformance, PerformanceBody>({.method = verb::post,
                                           .path = "/performances",
                                           .summary = "A new performance of an event",
                                           .tag = "organiser",
                                           .access = Access::organiser,
                                           .status = 201,
                                           .idempotent = true},
                                          [&](Request& request, NewPerformance body) {
                                            return create_performance(services, request,
                                                                      std::move(body));
                                          });
  v1.add<http::Raw, ImportedPlan>(
      {.method = verb::post,
       .path = "/performances/{id}/seating-plan",
       .summary = "Give a performance its seats",
       .description = "The body is a seating plan in the JSON format of the pretix editor. Each "
                      "category must be a price tier of the performance by name.",
       .tag = "organiser",
       .access = Access::organiser,
       .status = 201,
       .problems = {&problems::invalid_plan, &problems::has_seats},
       .idempotent = true,
       .body_max = plan_body_bytes_max,
       .request_content = "application/json"},
      [&](Request& request) { return import_plan(services, request); });
}

}  // namespace onsale::api::v1
