#include <algorithm>
#include <utility>

#include "domain/require.h"
#include "store/loading.h"
#include "store/sqlite/settings.h"
#include "store/sqlite/shared.h"
#include "store/sqlite/source.h"
#include "store/sqlite/writing.h"

namespace onsale::store::sqlite {
namespace {

using namespace domain;
using domain::require;

std::optional<JournalId> journal_position(Connection& db, BatchId batch) {
  Query query(db.statement("select id from journal where batch_id = ?1"), batch);
  if (!query.next()) return std::nullopt;
  return query.row().next<JournalId>();
}

std::optional<Timestamp> earliest(Connection& db, const char* sql) {
  Query query(db.statement(sql));
  return query.next() ? query.row().next<std::optional<Timestamp>>() : std::nullopt;
}

class SqliteWriter final : public Writer {
 public:
  explicit SqliteWriter(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), db_(open_for_writing(shared_->path)) {
    shared_->checkpointer->watch(db_);
  }
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;
  ~SqliteWriter() override { SqliteWriter::abandon(); }

  Result<void> load(const Footprint& need, Rows& rows) override {
    require(!open_, "a batch is open already");
    if (auto mine = take_turn(); !mine) return mine;
    Ending unless_loaded(*this);
    auto loaded = guarded([&] {
      db_.statement("begin immediate").run();
      SqliteSource source(db_);
      Loader(source, rows).load(need);
    });
    if (loaded) unless_loaded.dismiss();
    return loaded;
  }

  Result<void> load_first_waiting(RoomId room, std::int64_t count, Rows& rows) override {
    require(open_, "no batch is open");
    return guarded([&] {
      SqliteSource source(db_);
      Loader(source, rows).first_waiting(room, count);
    });
  }

  Result<JournalId> commit(const Rows& rows, BatchId batch, Timestamp now) override {
    require(open_, "no batch is open");
    const Ending in_any_case(*this);
    return guarded([&] {
      const JournalId id = Writing(db_, now).write(rows, batch);
      make_durable(batch);
      return id;
    });
  }

  void abandon() override {
    if (!std::exchange(open_, false)) return;
    db_.rollback();
    shared_->turn.give_back();
  }

  Result<std::optional<JournalId>> find_batch(BatchId batch) override {
    return guarded([&] { return journal_position(db_, batch); });
  }

  Result<std::optional<Timestamp>> next_due() override {
    return guarded([&] {
      const auto hold =
          earliest(db_, "select min(expires_at) from reservations where state = 'held'");
      const auto visit =
          earliest(db_, "select min(deadline) from visitors where deadline is not null");
      return hold && visit ? std::min(hold, visit) : hold ? hold : visit;
    });
  }

  bool leads() noexcept override { return true; }

  Result<std::size_t> purge_idempotency(Timestamp before, std::size_t limit) override {
    require(!open_, "a batch is open");
    if (auto mine = take_turn(); !mine) return std::unexpected(mine.error());
    const Ending in_any_case(*this);
    return guarded([&] {
      Statement& purge = db_.statement(
          "delete from idempotency where id in (select id from idempotency "
          "where created_at < ?1 order by created_at limit ?2)");
      return static_cast<std::size_t>(purge.bind(before, static_cast<std::int64_t>(limit)).run());
    });
  }

 private:
  /// Ends the batch on the way out.
  class Ending {
   public:
    explicit Ending(SqliteWriter& of) : writer_(&of) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() {
      if (writer_) writer_->abandon();
    }
    void dismiss() { writer_ = nullptr; }

   private:
    SqliteWriter* writer_;
  };

  Result<void> take_turn() {
    if (auto refused = shared_->checkpointer->refusal()) {
      return std::unexpected(Error{Failure::unavailable, *std::move(refused)});
    }
    if (!shared_->turn.take(turn_timeout)) {
      return std::unexpected(Error{Failure::unavailable, "another lane's batch does not end"});
    }
    open_ = true;
    return {};
  }

  /// COMMIT. If it fails, the journal says whether the batch is there all the same.
  void make_durable(BatchId batch) {
    try {
      db_.statement("commit").run();
    } catch (const SqliteFailure& failure) {
      db_.rollback();
      if (journal_position(db_, batch)) return;
      if ((failure.code & 0xff) == SQLITE_IOERR) overwrite_failed_commit();
      throw;
    }
  }

  /// What a failed sync left at the end of the log could still be found, complete, by the
  /// recovery after a crash. A commit of one page (a header value as it is) overwrites its
  /// beginning. If that fails too, the next batch will do it.
  void overwrite_failed_commit() {
    const auto tried = guarded([&] {
      db_.exec(("pragma application_id = " + db_.text_of("pragma application_id")).c_str());
    });
    if (!tried) db_.rollback();
  }

  std::shared_ptr<Shared> shared_;
  Connection db_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Writer> make_writer(std::shared_ptr<Shared> shared) {
  return std::make_unique<SqliteWriter>(std::move(shared));
}

}  // namespace onsale::store::sqlite
