// How the database file is opened: the settings durability and isolation depend on, each
// checked after it was made, and the limits on memory and on the write-ahead log.
//
// Nothing in this program may open the file, its -wal or its -shm but SQLite, not for a moment:
// the locks of a process on a file are gone as soon as it closes any descriptor of it.
#pragma once

#include <string>

#include "store/sqlite/connection.h"

namespace onsale::store::sqlite {

/// The write-ahead log is copied into the database file whenever it has grown by so many
/// pages (16 MiB), beside the running commits.
inline constexpr int checkpoint_pages = 4'096;

/// Opens for reading and writing, creating the file if need be. Throws SqliteFailure.
[[nodiscard]] Connection open_for_writing(const std::string& path);

/// Opens an existing file for reading only, also beside a process that writes, and on a
/// read-only file system if no write-ahead log was left behind. Throws SqliteFailure.
[[nodiscard]] Connection open_for_reading(const std::string& path);

}  // namespace onsale::store::sqlite
