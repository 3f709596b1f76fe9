// The box office in one SQLite file: write-ahead log, synced at every commit; one process
// writes, any number read.
#pragma once

#include <memory>
#include <string>

#include "store/sqlite/checkpointer.h"
#include "store/store.h"

namespace onsale::store::sqlite {

/// Opens `path`. With `read_write` the file and its directory are created and the schema is
/// brought up to date; with `read_only` both must be there. See store::open() for errors.
[[nodiscard]] Result<std::unique_ptr<Store>> open(const std::string& path, Access access,
                                                  const CheckpointLimits& limits = {});

}  // namespace onsale::store::sqlite
