#include "api/v1/streams.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <functional>

#include "api/seat_maps.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"

namespace onsale::api::v1 {

namespace {

using http::Event;
using http::Request;
using http::Response;

/// Between two events in which nothing pressing differs.
constexpr domain::Duration patience = std::chrono::seconds{5};

std::string text_of(const Visit& visit) { return http::write(body_of(visit)); }

}  // namespace

// ---- a visitor -------------------------------------------------------------------------

std::string event_id(const std::string& text) {
  return std::to_string(std::hash<std::string>()(text));
}

VisitorEvents::VisitorEvents(Services& services, EndLookups& lookups, const Visit& visit,
                             std::string last_event_id, asio::any_io_executor executor)
    : services_(services),
      lookups_(lookups),
      token_(visit.visitor.token),
      user_(visit.visitor.user),
      room_(visit.visitor.room),
      executor_(std::move(executor)),
      known_(std::move(last_event_id)) {
  if (visit.visitor.live()) return;
  ending_ = std::make_shared<Ending>();
  ending_->found.emplace(visit);
}

std::optional<Event> VisitorEvents::next() {
  const auto now = services_.engine.now();
  if (ending_) return tell_end(now);
  const auto view = services_.engine.visitor_of(user_, room_);
  if (!view || view->visitor.token != token_) return tell_end(now);
  const Visit visit = visit_of(*view, now);
  over_ = !visit.visitor.live();
  if (view->idle_time_starts) (void)services_.engine.hear(token_);
  keep_place(visit, now);
  const Pressing pressing{visit.visitor.state, visit.position, visit.visitor.expires_at};
  if (told_ == pressing && now - told_at_ < patience) return std::nullopt;
  told_ = pressing;
  return tell(visit, now);
}

/// Whoever listens is there. Long before a place would be lost, but not at each look: it may be a
/// write.
void VisitorEvents::keep_place(const Visit& visit, domain::Timestamp now) {
  if (!visit.waiting() || !visit.visitor.deadline) return;
  if (visit.visitor.deadline != idle_until_) {
    idle_until_ = visit.visitor.deadline;
    idle_for_ = *idle_until_ - now;
  }
  if (*idle_until_ - now < idle_for_ / 2) (void)services_.engine.hear(token_);
}

std::optional<Event> VisitorEvents::tell(const Visit& visit, domain::Timestamp now) {
  told_at_ = now;
  const std::string text = text_of(visit);
  std::string id = event_id(text);
  if (id == known_) return std::nullopt;
  known_ = std::move(id);
  return Event(known_, "visitor", text);
}

std::optional<Event> VisitorEvents::tell_end(domain::Timestamp now) {
  if (!ending_) look_up_end();
  if (!ending_ || !ending_->found) return std::nullopt;
  const auto found = *std::move(ending_->found);
  ending_.reset();
  // The store may be busy, or the views may be behind it: then the next look asks again.
  if (!found || (*found && (**found).visitor.live())) return std::nullopt;
  over_ = true;
  return *found ? tell(**found, now) : std::nullopt;
}

void VisitorEvents::look_up_end() {
  if (lookups_.under_way >= EndLookups::kMax) return;  // the next look tries again
  ending_ = std::make_shared<Ending>();
  ++lookups_.under_way;
  asio::co_spawn(executor_, find(services_, token_, ending_),
                 [ending = ending_, &lookups = lookups_](const std::exception_ptr& failure) {
                   --lookups.under_way;
                   if (failure) ending->found = std::unexpected(http::overloaded());
                 });
}

asio::awaitable<void> VisitorEvents::find(Services& services, domain::VisitorToken token,
                                          std::shared_ptr<Ending> ending) {
  ending->found = co_await find_visit(services, token);
}

void VisitorEvents::heard() {
  if (told_ && told_->state == domain::VisitorState::active) (void)services_.engine.hear(token_);
}

// ---- seats -----------------------------------------------------------------------------

std::optional<SeatChanges::Step> SeatChanges::after(domain::PerformanceId performance,
                                                    std::int64_t since) {
  const auto entry = entries_.of(performance);
  Entry& of = *entry;
  const std::lock_guard lock(of.mutex);
  look(of, performance);
  if (!of.map || of.map->version == since) return std::nullopt;
  const bool known = since >= of.map->changes_since && since <= of.map->version;
  return step(of, known ? since : kUnknown);
}

std::optional<SeatChanges::Step> SeatChanges::now(domain::PerformanceId performance) {
  const auto entry = entries_.of(performance);
  Entry& of = *entry;
  const std::lock_guard lock(of.mutex);
  look(of, performance);
  if (!of.map) return std::nullopt;
  return step(of, of.map->version);
}

void SeatChanges::look(Entry& entry, domain::PerformanceId performance) const {
  const auto now = std::chrono::steady_clock::now();
  if (entry.map && now - entry.looked_at < kStepTime) return;
  entry.looked_at = now;
  auto newest = services_.engine.views().seat_map(performance);
  entry.gone = newest == nullptr;
  if (entry.gone || entry.map == newest) return;
  entry.map = std::move(newest);
  entry.made.clear();
}

void SeatChanges::bring_back(domain::PerformanceId performance,
                             const asio::any_io_executor& executor) {
  const auto entry = entries_.of(performance);
  const std::lock_guard lock(entry->mutex);
  const auto now = std::chrono::steady_clock::now();
  if (!entry->gone || now - entry->brought_back_at < kBringBackAgain) return;
  entry->brought_back_at = now;
  asio::co_spawn(executor, fetch(services_, performance), asio::detached);
}

asio::awaitable<void> SeatChanges::fetch(Services& services, domain::PerformanceId performance) {
  (void)co_await find_seat_map(services, performance);  // if that fails, it is asked for again
}

SeatChanges::Step SeatChanges::step(Entry& entry, std::int64_t since) {
  const engine::SeatMap& map = *entry.map;
  if (const auto made = entry.made.find(since); made != entry.made.end()) {
    return {map.version, made->second};
  }
  const std::string version = std::to_string(map.version);
  std::string text = "{\"performance_id\":" + std::to_string(map.performance.value) +
                     ",\"version\":" + version + ",\"seats\":[";
  const char* separator = "";
  for (std::size_t i = 0; i < map.status.size(); ++i) {
    if (map.changed_at[i] <= since) continue;
    text.append(separator).append("{\"id\":").append(std::to_string(map.layout->seats[i].id.value));
    text.append(",\"status\":\"").append(to_text(map.status[i])).append("\"}");
    separator = ",";
  }
  text += "]}";
  Step step{map.version, Event(version, "seats", text)};
  if (entry.made.size() >= kMadeMax) entry.made.clear();
  entry.made.emplace(since, step.event);
  return step;
}

std::optional<Event> SeatEvents::next() {
  auto step = version_ ? changes_->after(performance_, *version_) : changes_->now(performance_);
  if (!step) {
    changes_->bring_back(performance_, executor_);
    return std::nullopt;
  }
  version_ = step->version;
  return std::move(step->event);
}

// ---- routes ----------------------------------------------------------------------------

namespace {

constexpr const char* last_event_id = "Last-Event-ID";

Response not_found(const Request& request) {
  return Response::problem(request, http::Problem(http::problems::kNotFound));
}

asio::awaitable<Response> visitor_stream(Services& services, EndLookups& lookups,
                                         const Request& request) {
  const auto token = parse_token(request.path_text("token"));
  if (!token) co_return not_found(request);
  const auto found = co_await find_visit(services, *token);
  if (!found) co_return Response::problem(request, found.error());
  if (!*found) co_return not_found(request);
  const Visit& visit = **found;
  std::string known(request.header(last_event_id));
  // What tells a browser that there is nothing to come back for.
  if (!visit.visitor.live() && known == event_id(text_of(visit))) co_return Response::no_content();
  const auto executor = co_await asio::this_coro::executor;
  co_return Response::events(
      std::make_unique<VisitorEvents>(services, lookups, visit, std::move(known), executor));
}

/// Which version the client has, if it says so.
std::optional<std::int64_t> version_of(const Request& request, const SeatMapQuery& query) {
  const std::string_view text = request.header(last_event_id);
  if (text.empty()) return query.since;
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && version >= 0 ? version : SeatChanges::kUnknown;
}

asio::awaitable<Response> seat_stream(Services& services, std::shared_ptr<SeatChanges> changes,
                                      const Request& request, SeatMapQuery query) {
  const domain::PerformanceId performance{request.path_id("id")};
  const auto map = co_await find_seat_map(services, performance);
  if (!map) co_return Response::problem(request, map.error());
  if (!*map) co_return not_found(request);
  co_return Response::events(std::make_unique<SeatEvents>(std::move(changes), performance,
                                                          version_of(request, query),
                                                          co_await asio::this_coro::executor));
}

}  // namespace

void add_stream_routes(http::RouteGroup& v1, Services& services) {
  auto lookups = std::make_shared<EndLookups>();  // lives as long as the route
  v1.add<void, http::Raw>(
      {.path = "/visitors/{token}/stream",
       .summary = "Where a visitor stands, told as it changes (server-sent events)",
       .description =
           "Each event is named `visitor`; its data is the body of `GET /v1/visitors/{token}`. The "
           "first comes at once, then one whenever the state, the position or the end of the "
           "session changed, at most four a second; what else changes (the estimate, the people "
           "behind, the seats left) is told within five seconds. Coming back with `Last-Event-ID`, "
           "nothing is repeated that the client knows. While a stream is open the place is kept; "
           "who hears of the admission has shown up. After the visit one last event says how it "
           "ended, and the stream ends; coming back after that is answered 204, which a browser "
           "takes for the end.",
       .tag = "waiting room",
       .headers = {{.name = last_event_id, .description = "The id of the last event heard."}},
       .other_replies = {{.status = 204, .description = "The visit is over, and you know it."}},
       .reply_content = "text/event-stream"},
      [&services, lookups](Request& request) {
        return visitor_stream(services, *lookups, request);
      });
  auto changes = std::make_shared<SeatChanges>(services);
  v1.add<SeatMapQuery, http::Raw>(
      {.path = "/performances/{id}/seats/stream",
       .summary = "The seats that change, told as they do (server-sent events)",
       .description =
           "Each event is named `seats`, its id is the version of the seat map after it, and its "
           "data is `{performance_id, version, seats: [{id, status}]}` with the seats that changed "
           "since the event before; at most four a second. Get the map first, then listen with "
           "its version as `since`: the first event has what changed in between, if anything. "
           "Without `since` the first event has the version and no seats. Coming back with "
           "`Last-Event-ID`, which then counts instead, nothing is missed either. Where the "
           "version is too long ago, as after a restart of the server, the first event has all "
           "seats; a seat that is not on the client's map means that the map is to be got anew.",
       .tag = "seats",
       .headers = {{.name = last_event_id, .description = "The version of the last event heard."}},
       .reply_content = "text/event-stream"},
      [&services, changes](Request& request, SeatMapQuery query) {
        return seat_stream(services, changes, request, query);
      });
}

}  // namespace onsale::api::v1
