// The seat map as text, made once per version of a performance and shared by all who ask.
// What never changes about a seat is worded once per plan; a new version only strings the
// pieces together with the statuses.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/views/seat_map.h"
#include "http/message.h"

namespace onsale::api {

/// Any thread.
class SeatMapText {
 public:
  /// `{"performance_id", "version", "seats": [...]}` with every seat, by id.
  [[nodiscard]] http::SharedBody whole(const engine::SeatMap& map);
  /// The same, gzipped; takes some milliseconds for a large map, once per version.
  [[nodiscard]] http::SharedBody whole_gzipped(const engine::SeatMap& map);
  /// The same with only the seats that changed after `since`, a version of this map that is
  /// not older than map.changes_since.
  [[nodiscard]] std::string changes(const engine::SeatMap& map, std::int64_t since);

 private:
  /// The pieces of one plan: seat i is text[begin[i], begin[i + 1]), up to its status.
  struct Pieces {
    std::shared_ptr<const engine::SeatLayout> layout;
    std::string text;
    std::vector<std::size_t> begin;
  };
  struct Entry {
    std::mutex mutex;
    std::shared_ptr<const Pieces> pieces;
    std::int64_t version = -1;
    http::SharedBody whole;
    http::SharedBody gzipped;
  };

  Entry& entry(domain::PerformanceId performance);
  static std::shared_ptr<const Pieces> pieces_of(Entry& entry, const engine::SeatMap& map);
  static std::shared_ptr<const Pieces> make_pieces(const engine::SeatMap& map);
  static http::SharedBody whole_of(Entry& entry, const engine::SeatMap& map);

  std::mutex mutex_;
  std::map<domain::PerformanceId, std::unique_ptr<Entry>> entries_;  // guarded by mutex_
};

/// RFC 1952. Throws std::bad_alloc.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace onsale::api
