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
  static constexpr bool takes_lists = true;

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

  /// The run of the server, and the snapshot.
  std::string mark() {
    std::string now;
    rows("select pg_current_snapshot()::text", [&](Columns c) { c.into(now); });
    rows(run_sql, [&](Columns c) { c.into(run_); });
    return run_ + " " + now;
  }
  /// What the snapshot of this statement sees and that of the mark did not. Batches that have to do
  /// with each other wait for each other's row locks, and take their place in the journal while
  /// they have them: between those, the order of positions is the order of commits.
  template <class Row>
  std::string follow(const std::string& mark, const std::vector<BatchId>& known, const Row& row) {
    constexpr const char* follow_sql =
        "select now.mark::text, pg_snapshot_xmax(now.mark) >= "
        "pg_snapshot_xmax($1::text::pg_snapshot), "
        "j.id is not null, j.id, j.batch_id, j.at, "
        "case when not j.batch_id = any($2) then j.records end "
        "from (select pg_current_snapshot() as mark) now left join journal j "
        "on j.xid >= pg_snapshot_xmin($1::text::pg_snapshot) "
        "and j.xid < pg_snapshot_xmax(pg_current_snapshot()) "
        "and not pg_visible_in_snapshot(j.xid, $1::text::pg_snapshot) "
        "and j.id > (select until_id from journal_adopted) order by j.id";
    const auto [run, snapshot] = split(mark);
    const Values values(snapshot, known);
    const auto ask = [&] {
      return alive([&](Connection& db) { return db.query(follow_sql, values); });
    };
    Answer answer = ask();
    if (run != run_) {  // or somebody has reset the statistics under a connection that goes on
      rows(run_sql, [&](Columns c) { c.into(run_); });
      if (run == run_) answer = ask();
      if (run != run_) throw another_database();
    }
    std::string now(snapshot);
    for (int i = 0; i < answer.size(); ++i) {
      Columns c = answer.row(i);
      now = c.next<std::string>();
      if (!c.next<bool>()) throw another_database();
      if (c.next<bool>()) row(c);
    }
    return std::string(run) + " " + now;
  }
  /// Whoever takes a position has begun to write to the journal, which shows as a lock until its
  /// transaction has ended. Others of the mark's transactions do not matter: any may be of another
  /// database, and go on for hours.
  bool is_settled(const std::string& mark) {
    constexpr const char* settled_sql =
        "select not exists (select from pg_snapshot_xip($1::text::pg_snapshot) as x (xid) "
        "join pg_locks t on t.locktype = 'transactionid' and t.mode = 'ExclusiveLock' "
        "and t.transactionid = mod(x.xid::text::numeric, 4294967296)::text::xid "
        "join pg_locks j on j.virtualtransaction = t.virtualtransaction "
        "and j.locktype = 'relation' and j.mode = 'RowExclusiveLock' "
        "and j.relation = 'journal'::regclass "
        "and j.database = (select oid from pg_database where datname = current_database()))";
    bool settled = false;
    rows(settled_sql, [&](Columns c) { c.into(settled); }, split(mark).second);
    return settled;
  }

 private:
  /// An audit may think for a while between two reads of its snapshot, and locks nothing.
  static constexpr const char* thoughtful = "-c idle_in_transaction_session_timeout=0";

  /// A server that recovered from a crash, or was promoted, may give away once more the transaction
  /// ids of what had been rolled back before: to a snapshot taken earlier, new entries could look
  /// old. So a mark is good for one run of the server. A recovery from a crash within the life of
  /// its first process shows in the statistics, which begin anew.
  static constexpr const char* run_sql =
      "select extract(epoch from pg_postmaster_start_time())::text || '/' || "
      "coalesce(extract(epoch from stats_reset)::text, '') from pg_stat_archiver";

  static PostgresFailure another_database() {
    return {"", {Failure::unknown, "the database is another one, or was recovered"}};
  }

  Connection& db() {
    if (session_.lost()) run_.clear();
    Connection& db = session_.get();
    if (run_.empty()) run_ = db.query(run_sql).row(0).next<std::string>();
    return db;
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
  std::string run_;  // of the server that the session is on
};

}  // namespace

std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared) {
  return std::make_unique<SqlReader<ReadingDb>>(std::move(shared));
}

}  // namespace onsale::store::postgres
