// A thin, typed skin over libpq: one connection, prepared statements, pipelines. Inside this folder
// failures travel as the exception PostgresFailure; guarded() turns it into the port's Error at the
// border.
#pragma once

#include <libpq-fe.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/values.h"
#include "store/store.h"

namespace onsale::store::postgres {

/// What PostgreSQL refused, or why it could not be asked.
struct PostgresFailure {
  std::string state;  ///< SQLSTATE; empty if the connection is lost
  Error error;
};

/// Runs `work` and hands its result, or what it threw, over the border.
template <class Work>
auto guarded(const Work& work) -> store::Result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const PostgresFailure& failure) {
    return std::unexpected(failure.error);
  }
}

/// The rows of one statement.
class Answer {
 public:
  explicit Answer(PGresult* result) : result_(result) {}

  [[nodiscard]] int size() const { return PQntuples(result_.get()); }
  [[nodiscard]] Columns row(int at) const { return {result_.get(), at}; }
  [[nodiscard]] const PGresult* raw() const { return result_.get(); }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

class Connection {
 public:
  /// `url` as libpq has it. Throws if the server cannot be reached.
  explicit Connection(const std::string& url);

  /// Executes one or several statements that need no values.
  void exec(const char* script);

  // Statements are prepared once. Their text must be a constant: it is known by its address.

  /// Executes one and waits for it.
  [[nodiscard]] Answer query(const char* sql, const Values& values = Values());
  /// Executes one whose rows are not kept: `row` sees one after the other, all as of one moment,
  /// and may use the connection.
  void stream(const char* sql, const Values& values, const std::function<void(Columns)>& row);

  /// Queues one, to go with others in one piece …
  void send(const char* sql, const Values& values = Values());
  /// … and waits for all that were sent: their answers, in order. After the first that fails the
  /// server executes none, and that failure is thrown.
  [[nodiscard]] std::vector<Answer> receive();

  [[nodiscard]] bool lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }
  [[nodiscard]] bool in_transaction() const {
    return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
  }
  /// Ends a transaction if there is one. Never throws: if that fails the connection is lost.
  void rollback() noexcept;

 private:
  struct Queued {
    const char* sql;
    bool preparation;
  };
  /// The name under which the statement is prepared; asks for it first if it is not.
  std::string prepared(const char* sql);
  void put(const char* sql, const Values& values);
  /// Once, without preparing it.
  Answer execute(const std::string& sql, const Values& values);
  [[noreturn]] void fail_lost() const;

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
  boost::unordered_flat_map<const char*, std::string> names_;
  int prepared_ = 0;
  int cursors_ = 0;
  std::vector<Queued> queued_;
};

}  // namespace onsale::store::postgres
