// In which room is a visitor? Every look at a visitor knows the token alone, and there may be a
// thousand rooms.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/uuid/uuid_hash.hpp>
#include <cstddef>
#include <mutex>
#include <optional>

#include "domain/types.h"

namespace onsale::engine {

/// The room of every live visitor, by token. Any thread; those who come together rarely meet.
class VisitorRooms {
 public:
  void add(const domain::VisitorToken& token, domain::RoomId room) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock(shard.mutex);
    shard.rooms.insert_or_assign(token, room);
  }
  void remove(const domain::VisitorToken& token) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock(shard.mutex);
    shard.rooms.erase(token);
  }
  [[nodiscard]] std::optional<domain::RoomId> find(const domain::VisitorToken& token) const {
    const Shard& shard = shards_[index_of(token)];
    const std::lock_guard lock(shard.mutex);
    const auto at = shard.rooms.find(token);
    return at == shard.rooms.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  static constexpr std::size_t shards = 16;
  struct Shard {
    mutable std::mutex mutex;
    boost::unordered_flat_map<domain::VisitorToken, domain::RoomId,
                              domain::HashOf<domain::VisitorToken>>
        rooms;
  };

  /// The last byte is chance, or a counter in tests.
  static std::size_t index_of(const domain::VisitorToken& token) {
    return token.data[token.size() - 1] % shards;
  }
  Shard& shard_of(const domain::VisitorToken& token) { return shards_[index_of(token)]; }

  std::array<Shard, shards> shards_;
};

}  // namespace onsale::engine
