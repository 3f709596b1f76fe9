// Waiting rooms as a whole: what everybody may know of them, how organisers run them, what a draw
// published and what a visitor can show later.
#include "api/v1/rooms.h"

#include <sodium.h>

#include <array>
#include <map>
#include <mutex>
#include <set>

#include "api/draw_list.h"
#include "api/etag.h"
#include "api/execute.h"
#include "api/problems.h"
#include "api/receipts.h"
#include "api/v1/routes.h"
#include "api/visits.h"
#include "domain/draw.h"

namespace onsale::api::v1 {
namespace {

using http::Access;
using http::Problem;
using http::Request;
using http::Response;
using http::verb;

Response not_found(const Request& request) {
  return Response::problem(request, Problem(http::problems::kNotFound));
}

std::int64_t seconds(domain::Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

RoomBody body_of(Services& services, const domain::WaitingRoom& room) {
  const domain::RoomPolicy policy = room.policy.over(services.engine.policy().room);
  const auto view = services.engine.views().room(room.id);
  const engine::RoomView now = view ? view->room(services.engine.now()) : engine::RoomView{};
  RoomBody body{.id = room.id,
                .name = room.name,
                .state = std::string(to_text(room.state)),
                .order = std::string(to_text(policy.order)),
                .opens_at = room.opens_at,
                .drawn_at = room.drawn_at,
                .seed_hash = std::nullopt,
                .seed = std::nullopt,
                .active_sessions_max = policy.active_sessions_max,
                .admission_rate_per_minute = policy.admission_rate_per_minute,
                .session_seconds = seconds(policy.session_duration),
                .claim_seconds = seconds(policy.claim_timeout),
                .idle_seconds = seconds(policy.idle_timeout),
                .entry_work = policy.entry_work,
                .session_ends_on = std::string(to_text(policy.session_ends_on)),
                .waiting = now.waiting,
                .active = now.active,
                .admissions_per_minute = now.admissions_per_minute,
                .seats_left = now.seats_left};
  if (!room.draw_seed.empty()) body.seed_hash = domain::seed_hash(room.draw_seed);
  if (room.drawn_at) body.seed = room.draw_seed;
  return body;
}

Response get_room(Services& services, const Request& request) {
  const auto catalogue = services.engine.views().catalogue();
  const auto found = catalogue->rooms.find({request.path_id("id")});
  if (found == catalogue->rooms.end()) return not_found(request);
  return json_with_etag(request, body_of(services, found->second));
}

// ---- what organisers do --------------------------------------------------------------

std::string fresh_seed() {
  std::array<unsigned char, domain::draw_seed_length / 2> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string hex(domain::draw_seed_length + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

std::optional<std::optional<domain::Duration>> duration_of(const NumberChange& change) {
  if (!change.given) return std::nullopt;
  std::optional<domain::Duration> value;
  // Beyond any limit of the domain's it is the domain that refuses it.
  const std::int64_t most = seconds(domain::room_duration_max) + 1;
  if (change.value) value = std::chrono::seconds(std::min(*change.value, most));
  return value;
}

/// The value that a text names; a change to what is none is invalid.
template <class Enum>
std::expected<std::optional<std::optional<Enum>>, Problem> enum_of(const TextChange& change,
                                                                   std::string_view field,
                                                                   std::string_view allowed) {
  if (!change.given) return std::nullopt;
  std::optional<Enum> value;
  if (change.value) {
    value = domain::from_text<Enum>(*change.value);
    if (!value) {
      return std::unexpected(
          http::invalid_field(std::string(field), "must be " + std::string(allowed)));
    }
  }
  return std::optional<std::optional<Enum>>(value);
}

/// What a body asks for, in the domain's words.
struct Asked {
  domain::RoomPolicyChanges policy;
  std::optional<std::optional<domain::RoomState>> state;
  std::optional<std::optional<domain::Timestamp>> opens_at;
};

std::expected<Asked, Problem> asked_of(const RoomChange& body) {
  Asked asked;
  asked.policy.active_sessions_max = body.active_sessions_max.change();
  asked.policy.admission_rate_per_minute = body.admission_rate_per_minute.change();
  asked.policy.session_duration = duration_of(body.session_seconds);
  asked.policy.claim_timeout = duration_of(body.claim_seconds);
  asked.policy.idle_timeout = duration_of(body.idle_seconds);
  asked.policy.entry_work = body.entry_work.change();
  const auto end =
      enum_of<domain::SessionEnd>(body.session_ends_on, "session_ends_on", "payment or hold");
  if (!end) return std::unexpected(end.error());
  asked.policy.session_ends_on = *end;
  const auto order = enum_of<domain::RoomOrder>(body.order, "order", "fifo or lottery");
  if (!order) return std::unexpected(order.error());
  asked.policy.order = *order;
  const auto state = enum_of<domain::RoomState>(body.state, "state", "open, paused or closed");
  if (!state) return std::unexpected(state.error());
  asked.state = *state;
  if (body.opens_at.given) {
    std::optional<domain::Timestamp> at;
    if (body.opens_at.value) {
      at = http::parse_timestamp(*body.opens_at.value);
      if (!at) return std::unexpected(http::invalid_field("opens_at", "must be an RFC 3339 time"));
    }
    asked.opens_at = at;
  }
  return asked;
}

Problem invalid(const std::string& field, const std::string& message) {
  // The domain speaks of durations, the body of seconds.
  static const std::map<std::string, std::string> names{{"session_duration", "session_seconds"},
                                                        {"claim_timeout", "claim_seconds"},
                                                        {"idle_timeout", "idle_seconds"}};
  const auto named = names.find(field);
  return http::invalid_field(named == names.end() ? field : named->second, message);
}

Problem conflict(const std::string& field, const std::string& message) {
  return Problem(problems::room_conflict, message).with("field", field);
}

Worded word_change(Services& services, const domain::ChangeRoomOutcome& outcome) {
  switch (outcome.result) {
    case domain::ChangeRoomResult::not_found:
      return std::unexpected(Problem(http::problems::kNotFound));
    case domain::ChangeRoomResult::invalid:
      return std::unexpected(invalid(outcome.field, outcome.message));
    case domain::ChangeRoomResult::conflict:
      return std::unexpected(conflict(outcome.field, outcome.message));
    case domain::ChangeRoomResult::changed:
      return Response::json(200, body_of(services, outcome.room));
  }
  std::unreachable();
}

asio::awaitable<Response> change_room(Services& services, const Request& request, RoomChange body) {
  const auto asked = asked_of(body);
  if (!asked) co_return Response::problem(request, asked.error());
  const domain::ChangeRoom command{.room = {request.path_id("id")},
                                   .by = {request.who().user_id},
                                   .policy = asked->policy,
                                   .state = asked->state
                                                ? asked->state->value_or(domain::RoomState::open)
                                                : std::optional<domain::RoomState>(),
                                   .opens_at = asked->opens_at,
                                   .fresh_seed = fresh_seed()};
  co_return co_await execute(services, request, command,
                             [&services](const domain::ChangeRoomOutcome& outcome) {
                               return word_change(services, outcome);
                             });
}

Worded word_creation(Services& services, const domain::CreateRoomOutcome& outcome) {
  switch (outcome.result) {
    case domain::CreateRoomResult::invalid:
      return std::unexpected(invalid(outcome.field, outcome.message));
    case domain::CreateRoomResult::conflict:
      return std::unexpected(conflict(outcome.field, outcome.message));
    case domain::CreateRoomResult::created:
      return Response::json(201, body_of(services, outcome.room))
          .with("Location", "/v1/waiting-rooms/" + std::to_string(outcome.room.id.value));
  }
  std::unreachable();
}

asio::awaitable<Response> create_room(Services& services, const Request& request, NewRoom body) {
  if (body.state.given) {
    co_return Response::problem(request,
                                http::invalid_field("state", "a new room is open; change it then"));
  }
  const auto asked = asked_of(body);
  if (!asked) co_return Response::problem(request, asked.error());
  const domain::CreateRoom command{
      .name = std::move(body.name),
      .by = {request.who().user_id},
      .policy = asked->policy.applied_to({}),
      .opens_at = asked->opens_at.value_or(std::optional<domain::Timestamp>()),
      .fresh_seed = fresh_seed()};
  co_return co_await execute(services, request, command,
                             [&services](const domain::CreateRoomOutcome& outcome) {
                               return word_creation(services, outcome);
                             });
}

// ---- the draw and receipts -----------------------------------------------------------

/// The lists of draws that were held: they never change, and reading one may mean a million rows.
class DrawLists {
 public:
  http::SharedBody find(domain::RoomId room) {
    const std::lock_guard lock(mutex_);
    const auto found = texts_.find(room);
    return found == texts_.end() ? nullptr : found->second;
  }
  http::SharedBody keep(domain::RoomId room, std::string text) {
    const std::lock_guard lock(mutex_);
    return texts_[room] = std::make_shared<const std::string>(std::move(text));
  }

  /// Who makes a room's text: one at a time, for as long as this lives.
  class Making {
   public:
    Making(DrawLists& lists, domain::RoomId room) : lists_(lists), room_(room) {
      const std::lock_guard lock(lists_.mutex_);
      mine_ = lists_.being_made_.insert(room).second;
    }
    Making(const Making&) = delete;
    Making& operator=(const Making&) = delete;
    ~Making() {
      if (!mine_) return;
      const std::lock_guard lock(lists_.mutex_);
      lists_.being_made_.erase(room_);
    }
    [[nodiscard]] bool mine() const { return mine_; }

   private:
    DrawLists& lists_;
    domain::RoomId room_;
    bool mine_ = false;
  };

 private:
  std::mutex mutex_;
  std::map<domain::RoomId, http::SharedBody> texts_;  // guarded by mutex_
  std::set<domain::RoomId> being_made_;               // guarded by mutex_
};

store::Result<DrawList> read_draw(store::Reader& reader, const domain::WaitingRoom& room) {
  DrawList list{.room_id = room.id,
                .room_name = room.name,
                .opens_at = room.opens_at.value_or(*room.drawn_at),
                .drawn_at = *room.drawn_at,
                .seed_hash = domain::seed_hash(room.draw_seed),
                .seed = room.draw_seed};
  const auto read = reader.each_visitor(/*live_only=*/false, [&](const domain::Visitor& visitor) {
    if (visitor.room != room.id || !visitor.by_lot()) return;
    list.numbers.push_back(visitor.number);
    if (visitor.ended_at && !visitor.activated_at && *visitor.ended_at <= *room.drawn_at) {
      list.left.push_back(visitor.number);
    }
  });
  if (!read) return std::unexpected(read.error());
  list.numbers = domain::drawn_order(room.draw_seed, room.id, list.numbers);
  return list;
}

asio::awaitable<Response> draw(Services& services, DrawLists& lists, const Request& request) {
  const auto catalogue = services.engine.views().catalogue();
  const auto found = catalogue->rooms.find({request.path_id("id")});
  if (found == catalogue->rooms.end() || !found->second.drawn_at) co_return not_found(request);
  const domain::WaitingRoom room = found->second;
  auto text = lists.find(room.id);
  if (!text) {
    // A million hashes and a scan: once, however many ask, and all of it beside the event loops.
    const DrawLists::Making making(lists, room.id);
    if (!making.mine()) co_return Response::problem(request, http::overloaded());
    const auto reading = [&room, &services](store::Reader& reader) -> store::Result<std::string> {
      auto list = read_draw(reader, room);
      if (!list) return std::unexpected(list.error());
      sign_draw(*list, services.receipts);
      return write_draw_list(*list);
    };
    auto made = co_await services.reads.run(reading);
    if (!made) co_return Response::problem(request, made.error());
    text = lists.keep(room.id, *std::move(made));
  }
  co_return Response::shared(200, "application/json", std::move(text));
}

asio::awaitable<Response> receipt(Services& services, const Request& request) {
  const auto token = parse_token(request.path_text("token"));
  if (!token) co_return not_found(request);
  const auto visit = co_await find_visit(services, *token);
  if (!visit) co_return Response::problem(request, visit.error());
  if (!*visit) co_return not_found(request);
  co_return Response::json(200, receipt_of((**visit).visitor, services.receipts));
}

void add_receipt_routes(http::RouteGroup& v1, Services& services) {
  auto lists = std::make_shared<DrawLists>();
  v1.add<void, DrawList>(
      {.path = "/waiting-rooms/{id}/draw",
       .summary = "What the draw of a lottery published",
       .description = "`onsale draw verify FILE` draws again and compares.",
       .tag = "waiting room"},
      [&services, lists](Request& request) { return draw(services, *lists, request); });
  v1.add<void, Receipt>({.path = "/visitors/{token}/receipt",
                         .summary = "A signed receipt for the visitor's number",
                         .tag = "waiting room"},
                        [&](Request& request) { return receipt(services, request); });
  v1.add<void, ReceiptKeyBody>(
      {.path = "/receipts/key",
       .summary = "The public key of receipts and draw lists",
       .tag = "waiting room"},
      [&](Request&) {
        return Response::json(200, ReceiptKeyBody{.key_id = services.receipts.id(),
                                                  .public_key = services.receipts.public_key()});
      });
}

}  // namespace

void add_room_routes(http::RouteGroup& v1, Services& services) {
  v1.add<void, RoomBody>({.path = "/waiting-rooms/{id}",
                          .summary = "A waiting room: its rules and how it moves",
                          .tag = "waiting room"},
                         [&](Request& request) { return get_room(services, request); });
  v1.add<NewRoom, RoomBody>({.method = verb::post,
                             .path = "/waiting-rooms",
                             .summary = "Make a waiting room; events name it when they are made",
                             .tag = "organiser",
                             .access = Access::organiser,
                             .status = 201,
                             .problems = {&problems::room_conflict},
                             .idempotent = true},
                            [&](Request& request, NewRoom body) {
                              return create_room(services, request, std::move(body));
                            });
  v1.add<RoomChange, RoomBody>(
      {.method = verb::patch,
       .path = "/waiting-rooms/{id}",
       .summary = "Change limits, pause, resume or close a room",
       .description = "At once: more sessions admit the next in line in the same moment, fewer "
                      "throw nobody out. What is left out stays; null is the default.",
       .tag = "organiser",
       .access = Access::organiser,
       .problems = {&problems::room_conflict},
       .idempotent = true},
      [&](Request& request, RoomChange body) {
        return change_room(services, request, std::move(body));
      });
  add_receipt_routes(v1, services);
}

}  // namespace onsale::api::v1

namespace onsale::http {

using api::v1::NumberChange;
using api::v1::TextChange;

boost::json::value Wire<NumberChange>::to(const NumberChange& change) {
  return change.value ? boost::json::value(*change.value) : boost::json::value();
}

std::expected<NumberChange, std::string> Wire<NumberChange>::from(const boost::json::value& value) {
  if (value.is_null()) return NumberChange{.given = true, .value = std::nullopt};
  if (value.is_int64() && value.get_int64() >= 0) return NumberChange{true, value.get_int64()};
  return std::unexpected("must be a whole number, not negative, or null");
}

boost::json::value Wire<TextChange>::to(const TextChange& change) {
  return change.value ? boost::json::value(boost::json::string(*change.value))
                      : boost::json::value();
}

std::expected<TextChange, std::string> Wire<TextChange>::from(const boost::json::value& value) {
  if (value.is_null()) return TextChange{.given = true, .value = std::nullopt};
  if (value.is_string()) return TextChange{true, std::string(value.get_string())};
  return std::unexpected("must be a text or null");
}

}  // namespace onsale::http
