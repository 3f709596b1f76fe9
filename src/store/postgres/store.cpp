#include "store/postgres/store.h"

#include <fmt/format.h>

#include "store/postgres/schema.h"
#include "store/postgres/shared.h"
#include "store/postgres/writing.h"

namespace onsale::store::postgres {
namespace {

/// Host and database, for messages.
std::string name_of(const std::string& url) {
  const std::string host = option_of(url, "host");
  return fmt::format("postgresql://{}/{}", host.empty() ? "localhost" : host,
                     option_of(url, "dbname"));
}

/// From now on the ids go on after the highest there is.
constexpr const char* adopt_ids_sql =
    "select setval('ids_users', (select coalesce(max(id), 0) + 1 from users), false), "
    "setval('ids_venues', (select coalesce(max(id), 0) + 1 from venues), false), "
    "setval('ids_rooms', (select coalesce(max(id), 0) + 1 from waiting_rooms), false), "
    "setval('ids_events', (select coalesce(max(id), 0) + 1 from events), false), "
    "setval('ids_performances', (select coalesce(max(id), 0) + 1 from performances), false), "
    "setval('ids_price_tiers', (select coalesce(max(id), 0) + 1 from price_tiers), false), "
    "setval('ids_seats', (select coalesce(max(id), 0) + 1 from seats), false), "
    "setval('ids_reservations', (select coalesce(max(id), 0) + 1 from reservations), false), "
    "setval('ids_tickets', (select coalesce(max(id), 0) + 1 from tickets), false), "
    "setval('ids_transfers', (select coalesce(max(id), 0) + 1 from transfers), false), "
    "setval('ids_accounts', (select coalesce(max(id), 0) + 1 from accounts), false), "
    "setval(pg_get_serial_sequence('journal', 'id'), "
    "(select coalesce(max(id), 0) + 1 from journal), false)";

Result<void> fill(Connection& db, Reader& from) {
  struct Transaction {
    Connection& db;
    ~Transaction() { db.rollback(); }
  };
  db.exec("begin");
  const Transaction unless_committed{db};
  db.take_time();
  db.exec("set local idle_in_transaction_session_timeout = 0");  // the source may take its time
  // A server that is running on it waits, and finds that somebody else was first.
  db.exec("lock table users, waiting_rooms, accounts, secrets, journal in exclusive mode");
  const bool used =
      db.query("select exists (select 1 from users) or exists (select 1 from journal)")
          .row(0)
          .next<bool>();
  if (used) return std::unexpected(Error{Failure::unavailable, "is not empty"});
  // What every store has from the start comes from the other one, too.
  db.exec("delete from accounts; delete from waiting_rooms; delete from secrets");
  const auto read = each_part(from, [&](const Part& part) {
    send_part(db, part);
    (void)db.receive();
  });
  if (!read) return read;
  (void)db.query(adopt_ids_sql);
  db.exec("analyze");
  db.exec("commit");
  return {};
}

class PostgresStore final : public Store {
 public:
  PostgresStore(std::string name, std::shared_ptr<const Shared> shared)
      : name_(std::move(name)), shared_(std::move(shared)) {}

  Result<std::unique_ptr<Writer>> writer() override {
    if (!shared_->leadership) return refuse("is open for reading only");
    return named(guarded([&] { return make_writer(shared_); }));
  }
  Result<std::unique_ptr<Reader>> reader() override {
    return named(guarded([&] { return make_reader(shared_); }));
  }

  Result<std::string> secret(std::string_view name, std::string_view if_absent) override {
    constexpr const char* find_sql = "select value from secrets where name = $1";
    constexpr const char* keep_sql =
        "insert into secrets (name, value) values ($1, $2) on conflict do nothing";
    auto found = named(guarded([&]() -> std::optional<std::string> {
      Connection db(shared_->server);
      Answer answer = db.query(find_sql, Values(name));
      if (answer.size() == 0 && shared_->leadership) {
        (void)db.query(keep_sql, Values(name, if_absent));
        answer = db.query(find_sql, Values(name));
      }
      if (answer.size() == 0) return std::nullopt;
      return answer.row(0).next<std::string>();
    }));
    if (!found) return std::unexpected(found.error());
    if (!*found) return refuse("has no such secret and is open for reading only");
    return **std::move(found);
  }

  Result<void> fill_from(Reader& from) override {
    if (!shared_->leadership) return refuse("is open for reading only");
    auto filled = named(guarded([&] {
      Connection db(shared_->server);
      return fill(db, from);
    }));
    return filled ? *std::move(filled) : std::unexpected(filled.error());
  }

  bool has_other_writers() const override { return true; }

  void give_up_at(std::chrono::steady_clock::time_point when) override {
    shared_->cutoff->set(when);
  }

  std::string describe() const override { return name_; }

 private:
  std::unexpected<Error> refuse(std::string_view message) const {
    return std::unexpected(Error{Failure::unavailable, fmt::format("{}: {}", name_, message)});
  }
  template <class T>
  Result<T> named(Result<T> result) const {
    if (!result) result.error().message = fmt::format("{}: {}", name_, result.error().message);
    return result;
  }

  std::string name_;
  std::shared_ptr<const Shared> shared_;
};

}  // namespace

Result<std::unique_ptr<Store>> open(const std::string& url, Access access) {
  auto shared = std::make_shared<Shared>(url);
  const auto opened = guarded([&] {
    Connection db(shared->server);
    if (access == Access::read_only) return expect_newest_schema(db);
    expect_every_character(db);
    shared->leadership = std::make_unique<Leadership>(shared->server);
    migrate(db);
  });
  const std::string name = name_of(url);
  if (!opened) {
    return std::unexpected(
        Error{opened.error().failure, fmt::format("{}: {}", name, opened.error().message)});
  }
  return std::make_unique<PostgresStore>(name, std::move(shared));
}

}  // namespace onsale::store::postgres
