// What the memory store's writers and readers share.
#pragma once

#include <memory>
#include <shared_mutex>

#include "store/memory/tables.h"
#include "store/turn.h"

namespace onsale::store::memory {

struct Shared {
  Tables tables;
  mutable std::shared_mutex mutex;  ///< guards `tables`; held for moments only
  Turn turn;                        ///< held from load() to the end of the batch
};

[[nodiscard]] std::unique_ptr<Writer> make_writer(std::shared_ptr<Shared> shared);
[[nodiscard]] std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared);

}  // namespace onsale::store::memory
