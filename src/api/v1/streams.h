// What streams of events tell: where a visitor stands, and which seats changed. Looked at by
// http/open_stream on the connection's own thread, a few times a second for each of the tens of
// thousands who listen, so a look at what did not change costs next to nothing.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/per_performance.h"
#include "api/services.h"
#include "api/visits.h"
#include "http/event_stream.h"

namespace onsale::api::v1 {

namespace asio = boost::asio;

// ---- a visitor -------------------------------------------------------------------------

/// The same text has always the same id, also on another server of the same build.
[[nodiscard]] std::string event_id(const std::string& text);

/// How many streams ask the store at this moment how their visit ended. Thousands of sessions may
/// end at once, and nobody else's reads shall wait for all of them. Any thread.
struct EndLookups {
  static constexpr int kMax = 64;
  std::atomic<int> under_way = 0;
};

/// Tells where a visitor stands whenever that changes, at last how the visit ended.
class VisitorEvents final : public http::EventSource {
 public:
  /// The client knows what `last_event_id` named. `executor` is that of the connection. `services`
  /// and `lookups` must outlive it and what it has begun.
  VisitorEvents(Services& services, EndLookups& lookups, const Visit& visit,
                std::string last_event_id, asio::any_io_executor executor);

  std::optional<http::Event> next() override;
  [[nodiscard]] bool over() const override { return over_; }
  /// Whoever heard of the admission has shown up.
  void heard() override;

 private:
  /// What is told at once. The rest of a visitor moves with everybody who enters or is admitted
  /// and is worth a message now and then only.
  struct Pressing {
    domain::VisitorState state;
    std::optional<std::int64_t> position;
    std::optional<domain::Timestamp> expires_at;

    bool operator==(const Pressing&) const = default;
  };
  /// A visit that is over, once the store has said how it ended.
  struct Ending {
    std::optional<std::expected<std::optional<Visit>, http::Problem>> found;
  };

  static asio::awaitable<void> find(Services& services, domain::VisitorToken token,
                                    std::shared_ptr<Ending> ending);
  void look_up_end();
  void keep_place(const Visit& visit, domain::Timestamp now);
  std::optional<http::Event> tell(const Visit& visit, domain::Timestamp now);
  std::optional<http::Event> tell_end(domain::Timestamp now);

  Services& services_;
  EndLookups& lookups_;
  const domain::VisitorToken token_;
  const domain::UserId user_;
  const domain::RoomId room_;
  asio::any_io_executor executor_;
  std::string known_;  // id of what the client knows
  std::optional<Pressing> told_;
  domain::Timestamp told_at_;
  std::optional<domain::Timestamp> idle_until_;  // when the place of one who waits would be lost
  domain::Duration idle_for_{};                  // how long that was ahead when it was new
  std::shared_ptr<Ending> ending_;               // null while the visit goes on
  bool over_ = false;
};

// ---- seats -----------------------------------------------------------------------------

/// The changes of seat maps as events: each is made once, for all the streams that tell it. Any
/// thread.
class SeatChanges {
 public:
  struct Step {
    std::int64_t version = 0;  // of the map that the client then has
    http::Event event;
  };
  /// As `since`: a version that nobody knows any more.
  static constexpr std::int64_t kUnknown = -1;

  /// `services` must outlive it and what it has begun.
  explicit SeatChanges(Services& services) : services_(services) {}

  /// The seats that changed after version `since` of a performance's map, all of them if changes
  /// are not known since then; nothing if that is still the version. The map is at most
  /// `kStepTime` old.
  [[nodiscard]] std::optional<Step> after(domain::PerformanceId performance, std::int64_t since);
  /// The version of now, without seats.
  [[nodiscard]] std::optional<Step> now(domain::PerformanceId performance);
  /// Has the map read from the store if it is not in memory any more, as happens with one that is
  /// over: the next look finds it. Waits for nothing.
  void bring_back(domain::PerformanceId performance, const asio::any_io_executor& executor);

 private:
  /// Streams do not look at the same moment. All that look within a step see the same map, so that
  /// there are few pairs of versions to make an event for.
  static constexpr std::chrono::milliseconds kStepTime{50};
  static constexpr std::size_t kMadeMax = 64;

  struct Entry {
    std::mutex mutex;  // guards what follows
    std::shared_ptr<const engine::SeatMap> map;
    std::chrono::steady_clock::time_point looked_at;
    bool gone = false;  // the map is not in memory
    std::chrono::steady_clock::time_point brought_back_at;
    std::map<std::int64_t, http::Event> made;  // by `since`, of this map
  };

  static asio::awaitable<void> fetch(Services& services, domain::PerformanceId performance);
  void look(Entry& entry, domain::PerformanceId performance) const;
  static Step step(Entry& entry, std::int64_t since);

  static constexpr std::chrono::seconds kBringBackAgain{1};

  Services& services_;
  PerPerformance<Entry> entries_;
};

/// Tells which seats of a performance changed.
class SeatEvents final : public http::EventSource {
 public:
  /// The client has the map of version `since`; none: a version that is to be told first.
  /// `executor` is that of the connection.
  SeatEvents(std::shared_ptr<SeatChanges> changes, domain::PerformanceId performance,
             std::optional<std::int64_t> since, asio::any_io_executor executor)
      : changes_(std::move(changes)),
        performance_(performance),
        version_(since),
        executor_(std::move(executor)) {}

  std::optional<http::Event> next() override;
  [[nodiscard]] bool over() const override { return false; }

 private:
  std::shared_ptr<SeatChanges> changes_;
  const domain::PerformanceId performance_;
  std::optional<std::int64_t> version_;
  asio::any_io_executor executor_;
};

}  // namespace onsale::api::v1
