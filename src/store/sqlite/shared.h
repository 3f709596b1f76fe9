// What the writers and readers of one open database file share.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/sqlite/checkpointer.h"
#include "store/sqlite/lock_file.h"
#include "store/turn.h"

namespace onsale::store::sqlite {

struct Shared {
  std::string path;
  std::optional<LockFile> lock;  ///< given back last of all; none when open for reading
  Turn turn;                     ///< held from load() to the end of the batch
  std::unique_ptr<Checkpointer> checkpointer;  ///< none when open for reading
};

/// Both throw SqliteFailure.
[[nodiscard]] std::unique_ptr<Writer> make_writer(std::shared_ptr<Shared> shared);
[[nodiscard]] std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared);

}  // namespace onsale::store::sqlite
