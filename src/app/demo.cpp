#include "app/demo.h"

#include <fmt/format.h>

#include <array>

#include "api/seating_plan_json.h"
#include "api/time_zone.h"
#include "app/embedded_files.h"
#include "app/execute.h"
#include "http/password.h"

namespace onsale::app {
namespace {

using domain::Timestamp;
using Tiers = std::vector<domain::CreatePerformance::Tier>;
using Plan = std::shared_ptr<const domain::SeatingPlan>;

constexpr std::string_view zone = "Asia/Seoul";
constexpr std::chrono::minutes curtain = std::chrono::hours{19};
constexpr std::chrono::days presale{7};

/// Which venue is which in SetUpOffice::venues.
constexpr std::size_t hall = 0;
constexpr std::size_t arena = 1;

const Tiers hall_tiers{{"VIP", {150'000}}, {"R", {120'000}}, {"S", {90'000}}, {"A", {70'000}}};
const Tiers arena_tiers{{"VIP", {220'000}}, {"R", {180'000}}, {"S", {150'000}},
                        {"A", {120'000}},   {"B", {95'000}},  {"C", {70'000}}};

Plan embedded_plan(std::string_view json) {
  auto plan = api::parse_seating_plan(json);
  domain::require(plan.has_value(), "a seating plan in the program is not valid");
  return std::make_shared<const domain::SeatingPlan>(std::move(*plan));
}

std::vector<domain::CreateUser> people(const std::string& password_hash) {
  std::vector<domain::CreateUser> users;
  users.reserve(demo_fans + 2);
  for (int fan = 1; fan <= demo_fans; ++fan) {
    users.push_back({.email = fmt::format("fan{}@example.com", fan),
                     .name = fmt::format("Fan {}", fan),
                     .password_hash = password_hash});
  }
  users.push_back({.email = std::string(demo_organiser),
                   .name = "Organiser",
                   .password_hash = password_hash,
                   .role = domain::Role::organiser});
  users.push_back({.email = std::string(demo_staff),
                   .name = "Staff",
                   .password_hash = password_hash,
                   .role = domain::Role::staff});
  return users;
}

SetUpOffice::Show show(std::size_t venue, std::string title, std::string artist, Timestamp opens) {
  return {
      .venue = venue,
      .event = {.title = std::move(title), .artist = std::move(artist), .sales_open_at = opens}};
}

struct Evenings {
  int first = 0;  ///< days from now
  int count = 0;
  const Tiers& tiers;
  Plan plan;
};

/// Adds performances on successive evenings.
std::expected<void, std::string> stage(SetUpOffice::Show& show, Timestamp now,
                                       const Evenings& evenings) {
  for (int i = 0; i < evenings.count; ++i) {
    const auto starts = api::local_time_in_days(zone, now, evenings.first + i, curtain);
    if (!starts) return std::unexpected(starts.error());
    show.performances.push_back(
        {.performance = {.name = fmt::format("{}회차 / Night {}", i + 1, i + 1),
                         .starts_at = *starts,
                         .price_tiers = evenings.tiers},
         .plan = evenings.plan});
  }
  return {};
}

}  // namespace

std::expected<SetUpOffice, std::string> demo_data(Timestamp now, const std::string& password_hash) {
  // Opened a while ago, so that a clock set back a little does not close the sale again.
  const Timestamp opened = std::chrono::floor<std::chrono::hours>(now) - std::chrono::hours{1};
  const Plan hall_plan = embedded_plan(embedded::hall_plan());
  SetUpOffice demo;
  demo.users = people(password_hash);
  demo.venues = {{.name = "소나무홀 / Sonamu Hall",
                  .location = "서울 마포구 / Mapo-gu, Seoul",
                  .time_zone = std::string(zone)},
                 {.name = "한빛 아레나 / Hanbit Arena",
                  .location = "서울 송파구 / Songpa-gu, Seoul",
                  .time_zone = std::string(zone)}};
  demo.shows = {show(hall, "달빛 산책 / Moonlight Walk", "윤슬 트리오 / Yunseul Trio", opened),
                show(arena, "은하수 투어 / Milky Way Tour", "NOVA9", opened),
                show(hall, "첫눈 / First Snow", "하루와 밤 / Haru & Bam", now + presale)};
  const Evenings in_the_hall{.first = 30, .count = 3, .tiers = hall_tiers, .plan = hall_plan};
  const Evenings in_the_arena{
      .first = 33, .count = 2, .tiers = arena_tiers, .plan = embedded_plan(embedded::arena_plan())};
  const std::array<const Evenings*, 3> evenings{&in_the_hall, &in_the_arena, &in_the_hall};
  for (std::size_t i = 0; i < evenings.size(); ++i) {
    if (auto staged = stage(demo.shows[i], now, *evenings[i]); !staged) {
      return std::unexpected(staged.error());
    }
  }
  return demo;
}

std::expected<DemoFill, std::string> fill_demo(engine::Engine& engine, store::Store& store) {
  auto reader = store.reader();
  if (!reader) return std::unexpected(reader.error().message);
  const auto organiser = (*reader)->user_by_email(demo_organiser);
  if (!organiser) return std::unexpected(organiser.error().message);
  if (*organiser) return DemoFill::has_demo;
  // The catalogue is in memory; people are counted only if there are no events.
  bool empty = engine.views().catalogue()->events.empty();
  if (empty) {
    const auto read = (*reader)->each_user([&empty](const domain::User&) { empty = false; });
    if (!read) return std::unexpected(read.error().message);
  }
  if (!empty) return DemoFill::not_empty;

  auto data = demo_data(engine.now(), http::hash_password(demo_password));
  if (!data) return std::unexpected(data.error());
  const auto done = execute(engine, std::move(*data));
  if (!done) return std::unexpected(done.error());
  if (!done->executed()) return std::unexpected("the default waiting room is missing");
  return DemoFill::filled;
}

}  // namespace onsale::app
