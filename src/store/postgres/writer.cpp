#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "domain/require.h"
#include "store/loading.h"
#include "store/postgres/shared.h"
#include "store/postgres/source.h"
#include "store/postgres/writing.h"

namespace onsale::store::postgres {
namespace {

using namespace domain;
using domain::require;

/// Calls `use(sequence, range)` for each kind of id.
template <class Use>
void each_range(const FreshIds& ids, const Use& use) {
  const auto one = [&]<class IdType>(const IdRange<IdType>& range) {
    use(PostgresSource::sequence_of(IdType{}), range.next, range.end);
  };
  one(ids.users);
  one(ids.venues);
  one(ids.rooms);
  one(ids.events);
  one(ids.performances);
  one(ids.price_tiers);
  one(ids.seats);
  one(ids.reservations);
  one(ids.tickets);
  one(ids.transfers);
  one(ids.accounts);
}

class PostgresWriter final : public Writer {
 public:
  explicit PostgresWriter(std::shared_ptr<const Shared> shared)
      : shared_(std::move(shared)), self_(std::random_device{}()), session_(shared_->server) {
    (void)db();
  }

  PostgresWriter(const PostgresWriter&) = delete;
  PostgresWriter& operator=(const PostgresWriter&) = delete;
  ~PostgresWriter() override { PostgresWriter::abandon(); }

  Result<void> load(const Footprint& need, Rows& rows) override {
    require(!open_, "a batch is open already");
    auto loaded = load_once(need, rows);
    // That the connection has ended since the last batch shows only now. Nothing was done on it.
    if (loaded || !session_.lost()) return loaded;
    rows.clear();
    return load_once(need, rows);
  }

  Result<void> load_first_waiting(RoomId room, std::int64_t count, Rows& rows) override {
    require(open_, "no batch is open");
    return guarded([&] { Loader(*source_, rows).first_waiting(room, count); });
  }

  Result<JournalId> commit(const Rows& rows, BatchId batch, Timestamp now) override {
    require(open_, "no batch is open");
    auto committed = guarded([&] {
      // What a batch did not take is taken by the next one: otherwise nearly every refused hold
      // would leave a gap. Not after the commit: what fails there would look like a failed commit.
      // Not after the rows either: if one of them is refused, what follows it is not done.
      send_give_back(rows.ids);
      keep_taken(rows.ids);
      send_rows(*db_, rows, batch, now);
      db_->send("commit");
      const auto answers = db_->receive();
      const auto& entry = answers[answers.size() - 2];  // the last of the rows, before the commit
      return entry.row(0).next<JournalId>();
    });
    if (!committed && db_->lost()) committed.error().failure = Failure::unknown;
    if (committed) {
      written_ += rows.records.size();
      open_ = false;
      set_aside_ = nothing;
    } else {
      abandon();
    }
    return committed;
  }

  void abandon() override {
    if (!std::exchange(open_, false)) return;
    const FreshIds unused = std::exchange(set_aside_, nothing);
    if (!db_) return;
    db_->rollback();
    if (db_->lost()) return;  // the batch may be there after all, with its ids
    (void)guarded([&] {
      send_give_back(unused);
      (void)db_->receive();
    });
  }

  Result<std::optional<JournalId>> find_batch(BatchId batch) override {
    auto found = guarded([&]() -> std::optional<JournalId> {
      // If the connection broke, the server may still be at work on the batch: its transaction
      // holds this lock for as long as it lives.
      db().send("begin");
      db_->send(busy_sql, Values(std::int64_t{self_}));
      db_->send("select id from journal where batch_id = $1", Values(batch));
      db_->send("commit");
      const auto answers = db_->receive();
      constexpr std::size_t entry = 2;
      if (answers[entry].size() == 0) return std::nullopt;
      return answers[entry].row(0).next<JournalId>();
    });
    if (!found && db_) db_->rollback();
    return found;
  }

  Result<std::optional<Timestamp>> next_due() override {
    return guarded([&] {
      const Answer answer = db().query(
          "select least((select min(expires_at) from reservations where state = 'held'), "
          "(select min(deadline) from visitors where deadline is not null))");
      return answer.row(0).next<std::optional<Timestamp>>();
    });
  }

  bool leads() noexcept override { return shared_->leadership->mine(); }

  Result<std::size_t> purge_idempotency(Timestamp before, std::size_t limit) override {
    require(!open_, "a batch is open");
    return guarded([&] {
      const Answer answer = db().query(
          "with purged as (delete from idempotency where id in (select id from idempotency "
          "where created_at < $1 order by created_at limit $2) returning 1) "
          "select count(*) from purged",
          Values(before, static_cast<std::int64_t>(limit)));
      return static_cast<std::size_t>(answer.row(0).next<std::int64_t>());
    });
  }

 private:
  Result<void> load_once(const Footprint& need, Rows& rows) {
    auto loaded = guarded([&] {
      source_.emplace(db());
      if (written_ >= plan_at_) {
        db_->plan_anew();
        plan_at_ = 2 * written_;
      }
      db_->plan_anew_if_old();
      open_ = true;
      set_aside_ = nothing;
      db_->send("begin");
      db_->send(busy_sql, Values(std::int64_t{self_}));
      source_->send(need);
      const auto answers = db_->receive();
      constexpr std::ptrdiff_t before = 2;
      source_->read(answers.begin() + before);
      Loader(*source_, rows).load(need);
      set_aside_ = rows.ids;
    });
    if (!loaded) abandon();
    return loaded;
  }

  Connection& db() {
    db_ = nullptr;
    db_ = &session_.get();
    return *db_;
  }

  void send_give_back(const FreshIds& unused) {
    each_range(unused, [&](const char* sequence, std::int64_t next, std::int64_t end) {
      if (next < end) db_->send(give_back_sql, Values(std::string_view(sequence), next, end));
    });
  }
  /// Of the ids that were set aside, what is still to be given back if the commit fails: those that
  /// come before what is `left`.
  void keep_taken(const FreshIds& left) {
    const auto one = []<class IdType>(IdRange<IdType>& mine, const IdRange<IdType>& rest) {
      mine.end = std::min(mine.end, rest.next);
    };
    one(set_aside_.users, left.users);
    one(set_aside_.venues, left.venues);
    one(set_aside_.rooms, left.rooms);
    one(set_aside_.events, left.events);
    one(set_aside_.performances, left.performances);
    one(set_aside_.price_tiers, left.price_tiers);
    one(set_aside_.seats, left.seats);
    one(set_aside_.reservations, left.reservations);
    one(set_aside_.tickets, left.tickets);
    one(set_aside_.transfers, left.transfers);
    one(set_aside_.accounts, left.accounts);
  }

  /// Plans are made anew each time that so many records were written as ever before.
  static constexpr std::size_t plan_first_at = 100;
  static constexpr const char* busy_sql = "select pg_advisory_xact_lock($1)";
  static constexpr const char* give_back_sql = "select give_back_ids($1::text::regclass, $2, $3)";
  static constexpr FreshIds nothing{.users = {1, 1},
                                    .venues = {1, 1},
                                    .rooms = {1, 1},
                                    .events = {1, 1},
                                    .performances = {1, 1},
                                    .price_tiers = {1, 1},
                                    .seats = {1, 1},
                                    .reservations = {1, 1},
                                    .tickets = {1, 1},
                                    .transfers = {1, 1},
                                    .accounts = {1, 1}};

  std::shared_ptr<const Shared> shared_;
  const std::uint32_t self_;  // names this writer to find_batch()
  Reconnecting session_;
  Connection* db_ = nullptr;  // the one the batch is on
  std::optional<PostgresSource> source_;
  FreshIds set_aside_ = nothing;
  std::size_t written_ = 0;  // records, by this writer
  std::size_t plan_at_ = plan_first_at;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Writer> make_writer(std::shared_ptr<const Shared> shared) {
  return std::make_unique<PostgresWriter>(std::move(shared));
}

}  // namespace onsale::store::postgres
