#include "tests/support/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <utility>
#include <variant>

#include "tests/support/office.h"
#include "tests/support/script_text.h"

namespace onsale::testing {

class Script::Stage {
 public:
  Stage() {
    const auto venue = office_.run(domain::CreateVenue{"Hall", "Seoul", "Asia/Seoul"}, now_).venue;
    venue_ = venue.id;
    add_event("Show");
    add_performance("Fri", "Show",
                    Options(words("starts=23:00:00 seats=A-1,A-2,A-3,A-4,A-5,A-6 price=100")));
    office_.silence.last_heard =
        [this](const domain::Visitor& visitor) -> std::optional<domain::Timestamp> {
      const auto* sign = find_row(signs_, visitor.token);
      return sign && sign->second == visitor.state ? std::optional(sign->first) : std::nullopt;
    };
  }

  std::vector<std::string> run(std::string_view text, int line) {
    std::istringstream lines{std::string(text)};
    for (std::string row; std::getline(lines, row);) {
      ++line;
      const auto columns = columns_of(row);
      if (columns.empty()) continue;
      if (columns[0] != "and") end_group();
      line_ = line;
      take(columns);
    }
    end_group();
    return std::move(mismatches_);
  }

  [[nodiscard]] Office& office() { return office_; }

 private:
  /// One line whose answer is known once its batch is through.
  struct Row {
    int line;
    std::string what;
    std::string expected;
    std::function<std::string()> got;
  };

  void take(const std::vector<std::string>& columns) {
    const auto first = words(columns[0]);
    if (first[0] == "at") {
      now_ = parse_time(first.at(1));
    } else if (first[0] == "tick") {
      now_ += first.size() > 1 ? parse_duration(first[1]) : domain::Duration{0};
      tick_ = true;
      return;
    } else if (first[0] != "and") {
      return set_scene(first);
    }
    const std::string expected = columns.size() > 2 ? columns[2] : "";
    rows_.push_back({line_, columns.at(1), expected, act(words(columns.at(1)))});
  }

  void end_group() {
    std::vector<Outcome> outcomes;
    if (!commands_.empty() || tick_) outcomes = office_.batch(commands_, now_, tick_);
    for (std::size_t i = 0; i < outcomes.size(); ++i) note(commands_[i], outcomes[i]);
    outcomes_ = std::move(outcomes);
    for (const Row& row : rows_) {
      const std::string got = row.got();
      if (got != row.expected) {
        mismatches_.push_back("line " + std::to_string(row.line) + ": " + row.what +
                              "\n    expected: " + row.expected + "\n    got:      " + got);
      }
    }
    rows_.clear();
    commands_.clear();
    tick_ = false;
  }

  /// What later lines refer to: who has which token and which reservations.
  void note(const Command& command, const Outcome& outcome) {
    if (const auto* entered = std::get_if<domain::EnterOutcome>(&outcome)) {
      if (entered->executed()) tokens_[std::get<domain::Enter>(command).user] = entered->token;
    } else if (const auto* hold = std::get_if<domain::HoldOutcome>(&outcome)) {
      if (hold->executed()) holds_[hold->reservation.user].push_back(hold->reservation.id);
    }
  }

  // ---- the scene -------------------------------------------------------------------

  void set_scene(const std::vector<std::string>& line) {
    const Options options(line);
    if (line[0] == "room") {
      set_room(office_.scene().rooms.at(domain::default_room), options);
    } else if (line[0] == "event") {
      const std::string name = line.size() > 1 && !line[1].contains('=') ? line[1] : "Show";
      if (!events_.contains(name)) add_event(name);
      set_event(office_.scene().events.at(events_.at(name)), options);
    } else if (line[0] == "performance") {
      add_performance(line.at(1), options.text("of").value_or("Show"), options);
    } else if (line.size() == 3 && line[1] == "has") {
      const domain::Money amount{std::stoll(line[2])};
      if (!office_.run(domain::Charge{user(line[0]), amount}, now_).executed()) fail("no charge");
    } else {
      fail("no such line: " + line[0]);
    }
  }

  static void set_room(domain::WaitingRoom& room, const Options& options) {
    options.set("sessions", room.policy.active_sessions_max);
    options.set("rate", room.policy.admission_rate_per_minute);
    options.set("session", room.policy.session_duration);
    options.set("claim", room.policy.claim_timeout);
    options.set("idle", room.policy.idle_timeout);
    options.set("opens", room.opens_at);
    if (options.text("order") == "lottery") {
      room.policy.order = domain::RoomOrder::lottery;
      room.draw_seed = script_seed;
    }
    if (const auto end = options.text("ends_on")) {
      room.policy.session_ends_on = domain::from_text<domain::SessionEnd>(*end);
    }
  }
  static void set_event(domain::Event& event, const Options& options) {
    options.set("hold", event.policy.hold_duration);
    options.set("limit", event.policy.seats_per_user_max);
    options.set("closes", event.sales_close_at);
    std::optional<domain::Timestamp> opens;
    options.set("opens", opens);
    event.sales_open_at = opens.value_or(event.sales_open_at);
    if (options.text("balance")) event.policy.require_balance_at_hold = true;
  }
  void add_event(const std::string& name) {
    const domain::CreateEvent command{
        .title = name, .artist = "Band", .venue = venue_, .sales_open_at = parse_time("09:00:00")};
    events_[name] = office_.run(command, now_).event.id;
  }
  void add_performance(const std::string& name, const std::string& event, const Options& options) {
    domain::CreatePerformance command{.event = events_.at(event), .name = name};
    std::optional<domain::Timestamp> starts_at;
    options.set("starts", starts_at);
    command.starts_at = starts_at.value_or(parse_time("23:00:00"));
    options.set("opens", command.sales_open_at);
    options.set("closes", command.sales_close_at);
    const domain::Money price{std::stoll(options.text("price").value_or("100"))};
    command.price_tiers.push_back({"all", price});
    const auto performance = office_.run(command, now_).performance.id;

    auto plan = std::make_shared<domain::SeatingPlan>();
    plan->categories.push_back({"all", ""});
    for (const auto& label : split(options.text("seats").value_or(name + "-1"), ',')) {
      plan->seats.push_back({.guid = label, .label = label, .category = "all"});
    }
    office_.run(domain::CreateSeats{performance, plan}, now_);
    for (const auto& [id, seat] : office_.tables().seats) {
      if (seat.performance == performance) seats_[seat.label] = {performance, id};
    }
  }

  // ---- commands and questions --------------------------------------------------------

  std::function<std::string()> act(const std::vector<std::string>& line) {
    if (line.back() == "is" || line.back() == "are") return [=, this] { return answer(line); };
    if (line[0] == "tick") {
      tick_ = true;
      return [] { return ""; };
    }
    if (line[0] == "people") office_.silence.counts_from = now_;
    if (line[0] == "signs") signs_.clear();
    if (line[0] == "people" || line[0] == "signs") return [] { return ""; };
    const std::string verb = line.at(1);
    const domain::UserId by = user(line[0]);
    if (verb == "looks") return look(by);
    const std::vector<std::string> rest(line.begin() + 2, line.end());
    if (verb == "enters") return add(domain::Enter{domain::default_room, by, office_.new_token()});
    if (verb == "leaves") return add(domain::Leave{token_of(by), by});
    if (verb == "throws") return add(domain::Leave{token_of(user(rest.at(1))), by, true});
    if (verb == "removes") return add(domain::Leave{token_of(user(rest.at(0))), by});
    if (verb == "is") return add(domain::Touch{token_of(by)});
    if (verb == "sets") return add(change_room(by, room_changes(Options(rest))));
    if (verb == "pauses") return add(change_room(by, {.state = domain::RoomState::paused}));
    if (verb == "resumes") return add(change_room(by, {.state = domain::RoomState::open}));
    if (verb == "closes") return add(change_room(by, {.state = domain::RoomState::closed}));
    if (verb == "holds") return add(hold(by, rest));
    if (verb == "pays" && !rest.empty() && rest[0] == "all") return add(pay_all(by, rest));
    if (verb == "pays") return add(pay(by, rest));
    if (verb == "cancels") return add(domain::Cancel{reservation(by, rest), by});
    if (verb == "charges") return add(domain::Charge{by, {std::stoll(rest.at(0))}});
    fail("no such verb: " + verb);
    return [] { return ""; };
  }

  /// As a view does it: before the batch.
  std::function<std::string()> look(domain::UserId by) {
    const domain::Visitor* visitor = office_.visitor(token_of(by));
    if (visitor) signs_[visitor->token] = {now_, visitor->state};
    return [] { return ""; };
  }

  template <class One>
  std::function<std::string()> add(One command) {
    commands_.emplace_back(std::move(command));
    return [this, at = commands_.size() - 1] {
      return std::visit([this](const auto& o) { return wording(o); }, outcomes_.at(at));
    };
  }

  static domain::ChangeRoom change_room(domain::UserId by, domain::ChangeRoom command) {
    command.room = domain::default_room;
    command.by = by;
    return command;
  }
  domain::Hold hold(domain::UserId by, const std::vector<std::string>& rest) {
    domain::Hold command{.user = by, .event = events_.at("Show")};
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] == "of") {
        const auto* event = find_row(events_, rest.at(i + 1));
        command.event = event ? *event : domain::EventId{999};
        ++i;
        continue;
      }
      if (rest[i] == "as") {
        command.attendee_name = rest.at(++i);
        continue;
      }
      const auto* seat = find_row(seats_, rest[i]);
      command.seats.push_back(
          seat ? *seat : domain::SeatRef{seats_.at("A-1").performance, domain::SeatId{999}});
    }
    return command;
  }
  domain::Pay pay(domain::UserId by, const std::vector<std::string>& rest) {
    return {reservation(by, rest), by, amount(rest), has_word(rest, "cancels")};
  }
  static domain::PayAll pay_all(domain::UserId by, const std::vector<std::string>& rest) {
    return {by, amount(rest), has_word(rest, "cancels")};
  }
  static bool has_word(const std::vector<std::string>& rest, const char* word) {
    return std::ranges::find(rest, word) != rest.end();
  }
  /// The first word that is a number.
  static std::optional<domain::Money> amount(const std::vector<std::string>& rest) {
    for (const auto& word : rest) {
      if (std::isdigit(word[0])) return domain::Money{std::stoll(word)};
    }
    return std::nullopt;
  }
  /// "[for FAN] [#N]": the fan's n-th reservation, or else the latest.
  domain::ReservationId reservation(domain::UserId by, const std::vector<std::string>& rest) {
    domain::UserId owner = by;
    std::size_t number = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] == "for" || rest[i] == "of") owner = user(rest.at(i + 1));
      if (rest[i][0] == '#') number = std::stoul(rest[i].substr(1));
    }
    const auto& all = holds_[owner];
    if (number > all.size() || all.empty()) return domain::ReservationId{999};
    return number == 0 ? all.back() : all[number - 1];
  }

  domain::UserId user(const std::string& name) {
    if (const auto* known = find_row(users_, name)) return *known;
    const auto created = office_.run(domain::CreateUser{name + "@example.org", name, "hash"}, now_);
    names_[created.user.id] = name;
    return users_[name] = created.user.id;
  }
  domain::VisitorToken token_of(domain::UserId id) {
    return tokens_.contains(id) ? tokens_.at(id) : office_.new_token();
  }

  // ---- answers ---------------------------------------------------------------------

  std::string answer(const std::vector<std::string>& line) {
    const Tables& tables = office_.tables();
    if (line.size() == 2 && line[0] == "room") return room_text(tables.rooms.begin()->second);
    if (line[0] == "draw") return draw_text(tables.rooms.begin()->second);
    if (line[0] == "revenue") return std::to_string(revenue().minor);
    if (line[0] == "seat") return seat_text(tables.seats.at(seats_.at(line.at(1)).seat));
    if (line[0] == "next") return next_admission_text(tables.rooms.begin()->second);
    if (line.size() == 2) return visitor_text(user(line[0]), /*until=*/true);
    const domain::UserId fan = user(line.at(2));
    if (line[0] == "number") return std::to_string(office_.visitor(tokens_.at(fan))->number);
    if (line[0] == "wallet") return std::to_string(office_.wallet(fan).balance.minor);
    if (line[0] == "tickets") return tickets_text(fan);
    if (line[0] == "name") return tables.reservations.at(reservation(fan, line)).attendee_name;
    if (line[0] == "hold") {
      const auto& row = tables.reservations.at(reservation(fan, line));
      return std::string(to_text(row.state_at(now_)));
    }
    return "no such question";
  }

  std::string visitor_text(domain::UserId fan, bool until) {
    const domain::Visitor* v = office_.visitor(token_of(fan));
    if (!v) return "unknown";
    if (v->live() && !v->live_at(now_)) return "expired";
    if (v->state == domain::VisitorState::waiting) {
      const auto position = office_.position(*v);
      return position ? "waiting at " + std::to_string(*position) : "waiting for the draw";
    }
    std::string text(to_text(v->state));
    if (until && v->deadline) text += " until " + time_text(*v->deadline);
    return text;
  }
  std::string seat_text(const domain::Seat& seat) {
    if (seat.free_at(now_)) return "available";
    const auto& owner = office_.tables().reservations.at(seat.reservation).user;
    return (seat.status == domain::SeatStatus::held ? "held by " : "sold to ") + names_.at(owner);
  }
  static std::string room_text(const domain::WaitingRoom& room) {
    return std::to_string(room.active_count) + " active, " + std::to_string(room.waiting_count) +
           " waiting";
  }
  static std::string draw_text(const domain::WaitingRoom& room) {
    if (room.draw_seed.empty()) return "none";
    return room.drawn_at ? "held at " + time_text(*room.drawn_at) : "ahead";
  }
  std::string next_admission_text(const domain::WaitingRoom& room) {
    const auto at = next_admission_at(room, now_, office_.policy);
    return at ? time_text(*at) : "unknown";
  }
  std::string tickets_text(domain::UserId fan) {
    std::string text;
    for (const auto& [id, ticket] : office_.tables().tickets) {
      if (ticket.user == fan && ticket.state == domain::TicketState::issued) {
        text += (text.empty() ? "" : " ") + office_.tables().seats.at(ticket.seat).label;
      }
    }
    return text.empty() ? "none" : text;
  }
  domain::Money revenue() const {
    domain::Money sum;
    for (const auto& [id, account] : office_.tables().accounts) {
      if (account.kind == domain::AccountKind::revenue) sum += account.balance;
    }
    return sum;
  }

  std::string wording(const domain::EnterOutcome& o) {
    if (o.result == domain::EnterResult::room_closed) return "room_closed";
    const std::string text = visitor_text(office_.visitor(o.token)->user, /*until=*/false);
    return o.result == domain::EnterResult::present ? "back, " + text : text;
  }
  std::string wording(const domain::HoldOutcome& o) {
    std::string text(result_text(o.result));
    if (o.executed()) text += " until " + time_text(o.reservation.expires_at);
    if (o.opens_at) text += " until " + time_text(*o.opens_at);
    for (const auto seat : o.seats) {
      const auto* row = find_row(office_.tables().seats, seat);
      text += " " + (row ? row->label : "?");
    }
    return text;
  }
  std::string wording(const domain::PayOutcome& o) {
    std::string text(result_text(o.result));
    if (o.canceled) return text + ", canceled";
    if (o.executed()) text += ", " + std::to_string(o.balance.minor) + " left";
    return text;
  }
  std::string wording(const domain::PayAllOutcome& o) {
    std::string text(result_text(o.result));
    if (o.canceled) return text + ", canceled";
    if (o.executed())
      text += " " + seats_text(o) + ", " + std::to_string(o.balance.minor) + " left";
    return text;
  }
  static std::string seats_text(const domain::PayAllOutcome& o) {
    std::string text;
    for (const auto& paid : o.reservations) {
      for (const auto& line : paid.lines) text += (text.empty() ? "" : " ") + line.label;
    }
    return text;
  }
  static std::string wording(const domain::LeaveOutcome& o) { return result_text(o.result); }
  static std::string wording(const domain::ChangeRoomOutcome& o) {
    return result_text(o.result) + (o.field.empty() ? "" : " " + o.field);
  }
  static std::string wording(const domain::CancelOutcome& o) { return result_text(o.result); }
  static std::string wording(const domain::TouchOutcome& o) { return o.changed ? "noted" : "no"; }
  static std::string wording(const domain::ChargeOutcome& o) {
    if (!o.executed()) return result_text(o.result);
    return "balance " + std::to_string(o.transfer.wallet_balance_after.minor);
  }
  template <class Other>
  static std::string wording(const Other&) {
    return "no words for this";
  }

  void fail(const std::string& what) {
    mismatches_.push_back("line " + std::to_string(line_) + ": " + what);
  }

  Office office_;
  domain::Timestamp now_ = parse_time("08:00:00");
  domain::VenueId venue_;
  std::map<std::string, domain::EventId> events_;
  std::map<std::string, domain::SeatRef> seats_;
  std::map<std::string, domain::UserId> users_;
  std::map<domain::UserId, std::string> names_;
  std::map<domain::UserId, domain::VisitorToken> tokens_;
  std::map<domain::UserId, std::vector<domain::ReservationId>> holds_;
  /// When somebody looked last, and in which state.
  std::map<domain::VisitorToken, std::pair<domain::Timestamp, domain::VisitorState>> signs_;

  int line_ = 0;
  bool tick_ = false;
  std::vector<Row> rows_;
  std::vector<Command> commands_;
  std::vector<Outcome> outcomes_;
  std::vector<std::string> mismatches_;
};

Script::Script() : stage_(std::make_unique<Stage>()) {}
Script::~Script() = default;

std::vector<std::string> Script::run(std::string_view text, int line) {
  return stage_->run(text, line);
}

Office& Script::office() { return stage_->office(); }

void play(std::string_view script, std::source_location where) {
  const int before = static_cast<int>(where.line()) - 1;
  for (const std::string& mismatch : Script().run(script, before)) {
    ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << mismatch;
  }
}

}  // namespace onsale::testing
