// The seat map as text, made once per version of a performance and shared by all who ask.
// What never changes about a seat is worded once per plan; a new version only strings the
// pieces together with the statuses.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/per_performance.h"
#include "engine/views/seat_map.h"
#include "http/message.h"

namespace onsale::api {

enum class Coding { plain, gzip };

/// Any thread. Looking up what is made already never waits for the making.
class SeatMapText {
 public:
  /// `{"performance_id", "version", "seats": [...]}` with every seat, by id, if this version
  /// was made before; else null.
  [[nodiscard]] http::SharedBody made(const engine::SeatMap& map, Coding coding);
  /// The same, made if need be: milliseconds for a large map, so not on an event loop. One
  /// at a time for each performance; who comes second finds it made.
  [[nodiscard]] http::SharedBody make(const engine::SeatMap& map, Coding coding);
  /// The same with only the seats that changed after `since`, a version of this map that is
  /// not older than map.changes_since. Takes as long as make() the first time for a plan. Kept, if
  /// it is little, for those who ask next: after a change nearly all have seen the same few
  /// versions.
  [[nodiscard]] http::SharedBody changes(const engine::SeatMap& map, std::int64_t since);
  /// Would changes() be quick?
  [[nodiscard]] bool knows_plan(const engine::SeatMap& map);

 private:
  /// The pieces of one plan: seat i is text[begin[i], begin[i + 1]), up to its status.
  struct Pieces {
    std::shared_ptr<const engine::SeatLayout> layout;
    std::string text;
    std::vector<std::size_t> begin;
  };
  struct Made {
    std::int64_t version = -1;
    http::SharedBody body;
  };
  struct Changes {
    std::int64_t since = -1;
    http::SharedBody body;
  };
  struct Entry {
    std::mutex making;  ///< held while something is made
    std::mutex mutex;   ///< guards what follows; held for a look only
    std::shared_ptr<const Pieces> pieces;
    std::array<Made, 2> newest;  ///< by Coding
    std::int64_t changes_version = -1;
    std::vector<Changes> changes;  ///< until this version
    std::size_t next_changes = 0;  ///< to be replaced when there are too many
  };
  static constexpr std::size_t changes_kept_max = 16;
  static constexpr std::size_t changes_bytes_max = std::size_t{32} * 1024;

  static http::SharedBody find(Entry& entry, std::int64_t version, Coding coding);
  static http::SharedBody find_changes(Entry& entry, std::int64_t version, std::int64_t since);
  static void keep_changes(Entry& entry, std::int64_t version, Changes made);
  static std::shared_ptr<const Pieces> known_pieces(Entry& entry, const engine::SeatMap& map);
  static std::shared_ptr<const Pieces> pieces_of(Entry& entry, const engine::SeatMap& map);
  static std::shared_ptr<const Pieces> make_pieces(const engine::SeatMap& map);
  static http::SharedBody make_plain(Entry& entry, const engine::SeatMap& map);
  static http::SharedBody keep(Entry& entry, std::int64_t version, Coding coding, std::string text);

  PerPerformance<Entry> entries_;
};

/// RFC 1952. Throws std::bad_alloc.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace onsale::api
