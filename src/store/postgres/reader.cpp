#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "store/postgres/shared.h"
#include "store/sql_reader.h"

namespace onsale::store::postgres {
namespace {

/// How SqlReader executes its statements here. Connects again after the connection was lost.
class ReadingDb {
 public:
  using Columns = postgres::Columns;
  static constexpr Sql join{" join "};
  static constexpr Sql bytewise{" collate \"C\""};
  /// A plan that is for any limit would read all of it, to sort it.
  template <std::size_t M, std::size_t N>
  static consteval auto part_of_union(const Sql<M>& select, const Sql<N>& order) {
    return Sql("(") + select + order + ")";
  }
  static constexpr Sql by_live_visitors{""};

  explicit ReadingDb(std::shared_ptr<const Shared> shared)
      : shared_(std::move(shared)), session_(shared_->server.with(thoughtful)) {
    (void)db();
  }

  template <class Work>
  static auto guarded(const Work& work) {
    return postgres::guarded(work);
  }
  [[noreturn]] static void damaged(std::string message) {
    throw PostgresFailure{"XX001", {Failure::damaged, std::move(message)}};
  }

  template <class Row, class... Key>
  void rows(const char* sql, const Row& row, const Key&... key) {
    const Values values(key...);
    const Answer answer = alive([&](Connection& db) { return db.query(sql, values); });
    for (int i = 0; i < answer.size(); ++i) row(answer.row(i));
  }
  template <class Row, class... Key>
  void stream(const char* sql, const Row& row, const Key&... key) {
    db().stream(sql, Values(key...), row);
  }

  StoreTime clock() {
    std::int64_t micros = 0;
    rows("select (extract(epoch from clock_timestamp()) * 1000000)::bigint",
         [&](Columns c) { c.into(micros); });
    return StoreTime(std::chrono::microseconds(micros));
  }

  /// How often the database had been away by then, and the snapshot.
  std::string mark() {
    const auto times_away = std::to_string(shared_->times_away);
    std::string now;
    rows("select pg_current_snapshot()::text", [&](Columns c) { c.into(now); });
    return times_away + " " + now;
  }
  /// What the snapshot of this statement sees and that of the mark did not. Batches that have to do
  /// with each other wait for each other's row locks, and take their place in the journal while
  /// they have them: between those, the order of positions is the order of commits.
  template <class Row>
  std::string follow(const std::string& mark, const std::vector<BatchId>& known, const Row& row) {
    constexpr const char* follow_sql =
        "select now.mark, j.id is not null, j.id, j.batch_id, j.at, "
        "case when not j.batch_id = any($2) then j.records end "
        "from (select pg_current_snapshot()::text as mark) now left join journal j "
        "on j.xid >= pg_snapshot_xmin($1::text::pg_snapshot) "
        "and j.xid < pg_snapshot_xmax(pg_current_snapshot()) "
        "and not pg_visible_in_snapshot(j.xid, $1::text::pg_snapshot) "
        "and j.id > (select until_id from journal_adopted) order by j.id";
    const auto [times_away, snapshot] = split(mark);
    const Values values(snapshot, known);
    const Answer answer = alive([&](Connection& db) { return db.query(follow_sql, values); });
    if (times_away != std::to_string(shared_->times_away)) {
      throw PostgresFailure{"", {Failure::unknown, "the database has been away"}};
    }
    std::string now(snapshot);
    for (int i = 0; i < answer.size(); ++i) {
      Columns c = answer.row(i);
      now = c.next<std::string>();
      if (c.next<bool>()) row(c);
    }
    return std::string(times_away) + " " + now;
  }

 private:
  /// An audit may think for a while between two reads of its snapshot, and locks nothing.
  static constexpr const char* thoughtful = "-c idle_in_transaction_session_timeout=0";

  Connection& db() {
    const bool anew = session_.lost();
    Connection& db = session_.get();
    if (!anew) return db;
    note_new_connection();
    return db;
  }

  /// Counts once what took away the connections of many.
  void note_new_connection() {
    std::int64_t before = made_at_.value_or(-1);
    const bool first_to_know = shared_->times_away.compare_exchange_strong(before, before + 1);
    made_at_ = first_to_know ? before + 1 : shared_->times_away.load();
  }

  static std::pair<std::string_view, std::string_view> split(std::string_view mark) {
    const auto blank = mark.find(' ');
    return {mark.substr(0, blank), mark.substr(blank + 1)};
  }

  /// Does what can be done again. That a connection ended while nobody used it shows only now:
  /// then with a new one.
  template <class Work>
  auto alive(const Work& work) {
    if (db().in_transaction()) return work(db());
    try {
      db().plan_anew_if_old();
      return work(db());
    } catch (const PostgresFailure&) {
      if (!session_.lost()) throw;
    }
    return work(db());
  }

 public:
  /// One read transaction around several statements, unless one is open already.
  class Moment {
   public:
    explicit Moment(ReadingDb& of)
        : mine_(!of.db().in_transaction()), db_(mine_ ? begun(of) : of.db()) {}
    Moment(const Moment&) = delete;
    Moment& operator=(const Moment&) = delete;
    ~Moment() {
      if (mine_) db_.rollback();
    }

   private:
    static Connection& begun(ReadingDb& of) {
      try {
        of.alive([](Connection& db) {
          db.exec("begin isolation level repeatable read read only; select 1");
        });
      } catch (const PostgresFailure&) {
        // Canceled after it had begun: what comes next must not find it open.
        if (Connection* db = of.session_.current()) db->rollback();
        throw;
      }
      return of.db();
    }

    bool mine_;
    Connection& db_;
  };

 private:
  std::shared_ptr<const Shared> shared_;
  Reconnecting session_;
  std::optional<std::int64_t> made_at_;  // how often the database had been away by then
};

}  // namespace

std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared) {
  return std::make_unique<SqlReader<ReadingDb>>(std::move(shared));
}

}  // namespace onsale::store::postgres
