// EVENT.json: a whole event with its venue, performances, prices and seats in one file, for
// `onsale import`. data/events/README.md describes the format for those who write one.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "app/set_up.h"

namespace onsale::app {

/// The largest such file. The seating plans are files of their own.
inline constexpr std::size_t event_file_bytes_max = 1024 * 1024;
inline constexpr std::size_t event_file_performances_max = 366;

/// The file's text, or why it cannot be read, naming it. Refuses files beyond `bytes_max`.
[[nodiscard]] std::expected<std::string, std::string> read_text_file(
    const std::filesystem::path& path, std::size_t bytes_max);

/// A seating plan in the pretix editor's format, or what is wrong with it: the file and the
/// place in it.
[[nodiscard]] std::expected<std::shared_ptr<const domain::SeatingPlan>, std::string> read_plan_file(
    const std::filesystem::path& path);

/// One venue and one show that passes find_problem(), with the seating plans it names (relative
/// to the file's own folder) read and checked; or everything that is wrong with it, a line each,
/// "FILE: place: what". Writes nothing; any thread.
[[nodiscard]] std::expected<SetUpOffice, std::string> read_event_file(
    const std::filesystem::path& path);

}  // namespace onsale::app
