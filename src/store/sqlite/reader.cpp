#include "domain/require.h"
#include "store/sql_reader.h"
#include "store/sqlite/settings.h"
#include "store/sqlite/shared.h"

namespace onsale::store::sqlite {
namespace {

/// How SqlReader executes its statements here.
class ReadingDb {
 public:
  using Columns = sqlite::Columns;
  /// As written: SQLite has no statistics to order them by.
  static constexpr Sql join{" cross join "};
  static constexpr Sql bytewise{" collate binary"};
  /// Merges as it reads, and stops with the whole.
  template <std::size_t M, std::size_t N>
  static consteval auto part_of_union(const Sql<M>& select, const Sql<N>&) {
    return select;
  }
  // To sort those who are here takes less than to pass by all who ever were.
  static constexpr Sql by_live_visitors{" indexed by visitors_live"};
  static constexpr bool takes_lists = false;

  explicit ReadingDb(std::shared_ptr<const Shared> shared)
      : shared_(std::move(shared)), db_(open_for_reading(shared_->path)) {}

  template <class Work>
  static auto guarded(const Work& work) {
    return sqlite::guarded(work);
  }
  [[noreturn]] static void damaged(std::string message) {
    throw SqliteFailure{SQLITE_CORRUPT, {Failure::damaged, std::move(message)}};
  }

  template <class Row, class... Key>
  void rows(const char* sql, const Row& row, const Key&... key) {
    Query query(db_.statement(sql), key...);
    while (query.next()) row(query.row());
  }
  template <class Row, class... Key>
  void stream(const char* sql, const Row& row, const Key&... key) {
    rows(sql, row, key...);
  }

  // One batch is committed after the other here, in the order of their positions.
  std::string mark() {
    std::string newest;
    rows("select cast(coalesce(max(id), 0) as text) from journal",
         [&](Columns c) { c.into(newest); });
    return newest;
  }
  template <class Row>
  std::string follow(const std::string& mark, const std::vector<BatchId>&, const Row& row) {
    std::string newest = mark;
    const auto follow_one = [&](Columns c) {
      newest = c.next<std::string>();
      row(c);
    };
    stream(
        "select cast(id as text), id, batch_id, at, records from journal "
        "where id > cast(?1 as integer) order by id",
        follow_one, mark);
    return newest;
  }

  // Who is committing has not taken a position that somebody could overtake.
  static bool is_settled(const std::string&) { return true; }

  /// One read transaction around several statements, unless one is open already.
  class Moment {
   public:
    explicit Moment(ReadingDb& of) : db_(of.db_), mine_(!db_.in_transaction()) {
      if (!mine_) return;
      db_.statement("begin").run();
      // The snapshot is taken by the first read, not by BEGIN.
      Query first_read(db_.statement("select count(*) from secrets"));
      domain::require(first_read.next(), "a count is a row");
    }
    Moment(const Moment&) = delete;
    Moment& operator=(const Moment&) = delete;
    ~Moment() {
      if (mine_) db_.rollback();
    }

   private:
    Connection& db_;
    bool mine_;
  };

 private:
  std::shared_ptr<const Shared> shared_;
  Connection db_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared) {
  return std::make_unique<SqlReader<ReadingDb>>(std::move(shared));
}

}  // namespace onsale::store::sqlite
