#include "store/sqlite/store.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "store/directories.h"
#include "store/sqlite/disk_writes.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/settings.h"
#include "store/sqlite/shared.h"
#include "store/sqlite/writing.h"

namespace onsale::store::sqlite {
namespace {

namespace fs = std::filesystem;

Error about(const std::string& path, Error error) {
  error.message = fmt::format("sqlite:{}: {}", path, error.message);
  return error;
}

std::optional<std::string> find_secret(Connection& db, std::string_view name) {
  Query query(db.statement("select value from secrets where name = ?1"), name);
  if (!query.next()) return std::nullopt;
  return query.row().next<std::string>();
}

/// Takes back what was written unless it was committed.
class Transaction {
 public:
  explicit Transaction(Connection& db) : db_(db) { db_.exec("begin immediate"); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { db_.rollback(); }

  void commit() { db_.exec("commit"); }

 private:
  Connection& db_;
};

Result<void> fill(Connection& db, Reader& from) {
  Transaction transaction(db);
  if (db.text_of("select exists (select 1 from users) or exists (select 1 from journal)") != "0") {
    return std::unexpected(Error{Failure::unavailable, "is not empty"});
  }
  // What every store has from the start comes from the other one, too.
  db.exec("delete from accounts; delete from waiting_rooms; delete from secrets");
  const auto read = each_part(from, [&](const Part& part) { Writing(db, {}).write(part); });
  if (read) transaction.commit();
  return read;
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string name, std::shared_ptr<Shared> shared)
      : name_(std::move(name)), shared_(std::move(shared)) {}

  Result<std::unique_ptr<Writer>> writer() override {
    if (!shared_->lock) return refuse("is open for reading only");
    return named(guarded([&] { return make_writer(shared_); }));
  }

  Result<std::unique_ptr<Reader>> reader() override {
    return named(guarded([&] { return make_reader(shared_); }));
  }

  Result<std::string> secret(std::string_view name, std::string_view if_absent) override {
    auto found = named(guarded([&] {
      Connection db = open_for_reading(shared_->path);
      return find_secret(db, name);
    }));
    if (!found) return std::unexpected(found.error());
    if (*found) return **std::move(found);
    if (!shared_->lock) return refuse("has no such secret and is open for reading only");
    if (!shared_->turn.take(turn_timeout)) return refuse("another lane's batch does not end");
    auto kept = named(guarded([&] { return keep_secret(name, if_absent); }));
    shared_->turn.give_back();
    return kept;
  }

  Result<void> fill_from(Reader& from) override {
    if (!shared_->lock) return refuse("is open for reading only");
    if (!shared_->turn.take(turn_timeout)) return refuse("another lane's batch does not end");
    auto filled = named(guarded([&] {
      Connection db = open_for_writing(shared_->path);
      return fill(db, from);
    }));
    shared_->turn.give_back();
    return filled ? *std::move(filled) : std::unexpected(filled.error());
  }

  bool has_other_writers() const override { return false; }

  Condition condition() const override {
    return shared_->checkpointer ? shared_->checkpointer->condition() : Condition{};
  }

  std::string describe() const override { return "sqlite:" + name_; }

 private:
  std::string keep_secret(std::string_view name, std::string_view value) const {
    Connection db = open_for_writing(shared_->path);
    db.statement("insert into secrets (name, value) values (?1, ?2) on conflict do nothing")
        .bind(name, value)
        .run();
    return find_secret(db, name).value_or(std::string(value));
  }

  std::unexpected<Error> refuse(std::string message) const {
    return std::unexpected(about(name_, {Failure::unavailable, std::move(message)}));
  }

  template <class T>
  Result<T> named(Result<T> result) const {
    if (!result) return std::unexpected(about(name_, std::move(result.error())));
    return result;
  }

  std::string name_;
  std::shared_ptr<Shared> shared_;
};

/// What a path leads to, whether that is there or still to be made.
fs::path without_links(fs::path path) {
  constexpr int links_max = 40;  // as the kernel allows
  std::error_code failed;
  for (int link = 0; link < links_max && fs::is_symlink(fs::symlink_status(path, failed)); ++link) {
    path = path.parent_path() / fs::read_symlink(path, failed);
  }
  return path;
}

Result<void> open_for_everything(Shared& shared, const CheckpointLimits& limits) {
  // One file, one lock, by whatever links it is reached.
  shared.path = without_links(shared.path).string();
  if (auto created = make_directories(fs::path(shared.path).parent_path()); !created) {
    return created;
  }
  std::error_code failed;
  shared.path = fs::weakly_canonical(shared.path, failed).string();
  if (failed) return std::unexpected(Error{Failure::unavailable, failed.message()});
  auto lock = LockFile::acquire(shared.path);
  if (!lock) return std::unexpected(lock.error());
  shared.lock.emplace(*std::move(lock));
  return guarded([&] {
    Connection db = open_for_writing(shared.path);
    make_log_durable(db);  // before anybody is told what is in it
    migrate(db);
    shared.checkpointer = std::make_unique<Checkpointer>(shared.path, shared.turn, limits);
  });
}

Result<void> open_for_looking(const Shared& shared) {
  std::error_code unknown;
  if (!fs::exists(shared.path, unknown)) {
    return std::unexpected(Error{Failure::unavailable, "there is no such file"});
  }
  return guarded([&] {
    Connection db = open_for_reading(shared.path);
    expect_newest_schema(db);
  });
}

}  // namespace

Result<std::unique_ptr<Store>> open(const std::string& path, Access access,
                                    const CheckpointLimits& limits) {
  auto shared = std::make_shared<Shared>();
  shared->path = path;
  const auto opened = access == Access::read_write ? open_for_everything(*shared, limits)
                                                   : open_for_looking(*shared);
  if (!opened) return std::unexpected(about(path, opened.error()));
  return std::make_unique<SqliteStore>(path, std::move(shared));
}

}  // namespace onsale::store::sqlite
