// Journals of waiting rooms as tables a reader can read, honest or not: each line is a record, and
// nothing but the script decides what is in it.
//
//     at 09:00:00  policy sessions=50 rate=60   the defaults that a server declares at its start
//     at 10:00:00  room sessions=1 order=lottery opens=10:05:00 by=1001    an organiser changed it
//     at 10:00:01  1 enters by lot          with the lot that script_seed gives
//     and          2 enters                 "and": in the same entry
//     at 10:05:00  the draw is held
//     and          2 is admitted            until=10:15:00: when it expires by itself
//     at 10:05:01  2 is heard               claims it; until=10:20:00
//     at 10:05:30  people can be heard again                   after an outage
//     and          3 is excused until=10:06:00                 it was silent for that reason
//     at 10:06:00  2 pays | leaves | expires | is revoked by=1001
//
// place=7 gives somebody another place in the line, in=2 is room 2, "room paused" and "room closed"
// change its state, "room open" opens it again. A line without record, "nothing", is an empty
// entry.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domain/records.h"
#include "tests/support/table_reader.h"

namespace onsale::testing {

class Options;

class JournalScript {
 public:
  explicit JournalScript(const std::string& text);
  JournalScript(const JournalScript&) = delete;
  JournalScript& operator=(const JournalScript&) = delete;
  ~JournalScript();

  /// A store that has this journal, and the rooms as the script leaves them.
  [[nodiscard]] TableReader reader() const;

 private:
  using Key = std::pair<domain::RoomId, std::int64_t>;

  void take(const std::vector<std::string>& columns);
  void change(domain::WaitingRoom& room, const std::vector<std::string>& what,
              const Options& options);
  void move(Key key, const std::vector<std::string>& what, const Options& options);
  void enter(domain::Visitor& visitor, Key key, const std::vector<std::string>& what,
             const Options& options);
  [[nodiscard]] domain::Timestamp now() const { return entries_.back().at; }
  void add(domain::Record record);

  std::vector<JournalBatch> entries_;
  std::map<domain::RoomId, domain::WaitingRoom> rooms_;
  std::map<Key, domain::Visitor> visitors_;
};

}  // namespace onsale::testing
