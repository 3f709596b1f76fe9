// The box office that `serve --demo` fills an empty database with: a thousand fans and three
// events. Its ids, names, prices and times are a contract with those who try the demo out and
// with the black-box tests.
#pragma once

#include <expected>
#include <string>

#include "app/set_up.h"
#include "engine/engine.h"
#include "store/store.h"

namespace onsale::app {

inline constexpr int demo_fans = 1000;
inline constexpr std::string_view demo_password = "onsale";
inline constexpr std::string_view demo_organiser = "organiser@example.com";
inline constexpr std::string_view demo_staff = "staff@example.com";

/// All of the demo as one command, dated from `now`. Every account gets `password_hash`. An error,
/// in one line, only if the system has no time zone database.
[[nodiscard]] std::expected<SetUpOffice, std::string> demo_data(domain::Timestamp now,
                                                                const std::string& password_hash);

enum class DemoFill {
  filled,     ///< the database was empty and now has the demo
  has_demo,   ///< nothing was added: the demo's organiser is there already
  not_empty,  ///< nothing was added to somebody else's data
};

/// Fills a database without users and events, in one transaction; leaves any other as it is.
/// `engine` runs on `store`. An error, in one line, if it could not be read or written.
[[nodiscard]] std::expected<DemoFill, std::string> fill_demo(engine::Engine& engine,
                                                             store::Store& store);

}  // namespace onsale::app
