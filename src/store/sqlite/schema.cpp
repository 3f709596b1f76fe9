#include "store/sqlite/schema.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "store/sqlite/schema_v1.h"
#include "store/sqlite/schema_v2.h"
#include "store/sqlite/schema_v3.h"
#include "store/sqlite/schema_v4.h"
#include "store/sqlite/schema_v5.h"
#include "store/sqlite/schema_v6.h"

namespace onsale::store::sqlite {
namespace {

/// Step n brings a database from user_version n - 1 to n.
constexpr std::array steps{schema_v1, schema_v2, schema_v3, schema_v4, schema_v5, schema_v6};
constexpr int newest = static_cast<int>(steps.size());

/// "Onsl" in ASCII: tells our files from those of other programs.
constexpr int application_id = 0x4f6e736c;

constexpr auto unique_guards = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"users.id", "users_pkey"},
    {"users.email", "users_email_unique"},
    {"venues.id", "venues_pkey"},
    {"waiting_rooms.id", "waiting_rooms_pkey"},
    {"events.id", "events_pkey"},
    {"performances.id", "performances_pkey"},
    {"price_tiers.id", "price_tiers_pkey"},
    {"price_tiers.performance_id, price_tiers.name", "price_tiers_name_unique"},
    {"reservations.id", "reservations_pkey"},
    {"seats.id", "seats_pkey"},
    {"seats.performance_id, seats.label", "seats_label_unique"},
    {"seat_places.seat_id", "seats_pkey"},
    {"seat_places.performance_id, seat_places.guid", "seat_places_guid_unique"},
    {"visitors.room_id, visitors.number", "visitors_number_unique"},
    {"visitors.token", "visitors_token_unique"},
    {"visitors.room_id, visitors.user_id", "visitors_live_unique"},
    {"tickets.id", "tickets_pkey"},
    {"tickets.reservation_id, tickets.seat_id", "tickets_seat_unique"},
    {"reservation_lines.reservation_id, reservation_lines.seat_id", "reservation_lines_pkey"},
    {"accounts.id", "accounts_pkey"},
    {"accounts.kind, accounts.owner", "accounts_owner_unique"},
    {"transfers.id", "transfers_pkey"},
    {"idempotency.user_id, idempotency.route, idempotency.key", "idempotency_key_unique"},
    {"journal.batch_id", "journal_batch_unique"},
});

[[noreturn]] void refuse(std::string message) {
  throw SqliteFailure{SQLITE_NOTADB, {Failure::damaged, std::move(message)}};
}

int number(Connection& db, const char* sql) { return std::stoi(db.text_of(sql)); }

/// The version of a database that is ours, or 0 for one that is still empty.
int version_of(Connection& db) {
  const int version = number(db, "pragma user_version");
  const int owner = number(db, "pragma application_id");
  const bool empty = number(db, "select count(*) from sqlite_master") == 0;
  if (empty && version == 0 && owner == 0) return 0;
  if (owner != application_id) refuse("the file is the database of another program");
  if (version > newest) {
    refuse(
        fmt::format("the database has schema version {}, and this program knows only {}: "
                    "run the newer program that wrote it",
                    version, newest));
  }
  return version;
}

}  // namespace

void migrate(Connection& db) {
  for (int version = version_of(db); version < newest; ++version) {
    db.exec("begin immediate");
    db.exec(steps.at(static_cast<std::size_t>(version)));
    db.exec(fmt::format("pragma application_id = {}; pragma user_version = {}; commit",
                        application_id, version + 1)
                .c_str());
  }
}

void expect_newest_schema(Connection& db) {
  const int version = version_of(db);
  if (version < newest) {
    refuse(
        fmt::format("the database has schema version {} and needs {}: "
                    "start the server on it once to bring it up to date",
                    version, newest));
  }
}

std::string_view unique_guard(std::string_view columns) {
  for (const auto& [reported, name] : unique_guards) {
    if (reported == columns) return name;
  }
  return columns;
}

}  // namespace onsale::store::sqlite
