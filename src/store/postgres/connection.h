// A thin, typed skin over libpq: one connection, prepared statements, pipelines. Inside this folder
// failures travel as the exception PostgresFailure; guarded() turns it into the port's Error at the
// border.
#pragma once

#include <libpq-fe.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
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

/// What `url` says of libpq's parameter `key`; empty if nothing.
[[nodiscard]] std::string option_of(const std::string& url, std::string_view key);

/// One thread at a time. Waits for the server a few seconds longer than that allows itself for a
/// statement, whatever the network does: after that the connection counts as lost. Locks of a node
/// that is out of reach itself are gone sooner.
class Connection {
 public:
  /// `url` as libpq has it. Throws if the server cannot be reached.
  explicit Connection(const std::string& url);

  /// In this transaction a statement may take minutes: for who reads or changes all there is.
  void take_time();

  /// The plans of statements are forgotten: how many rows there are has changed a lot. Not within a
  /// transaction.
  void plan_anew();
  /// The same if they have been kept for long. Asks the server, so it may be what shows that the
  /// connection has ended.
  void plan_anew_if_old();

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

  [[nodiscard]] bool lost() const {
    return silent_ || PQstatus(connection_.get()) != CONNECTION_OK;
  }
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
  /// What PQgetResult returns, waited for with patience.
  Answer next_answer();
  [[noreturn]] void fail_lost() const;

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
  boost::unordered_flat_map<const char*, std::string> names_;
  int prepared_ = 0;
  int cursors_ = 0;
  std::vector<Queued> queued_;
  std::chrono::seconds patience_;
  std::chrono::steady_clock::time_point planned_at_ = std::chrono::steady_clock::now();
  bool silent_ = false;  // the server did not answer in time
};

/// A connection that is made anew after it was lost. While the server cannot be reached it is asked
/// once a second, and whoever comes in between is refused at once: a crowd does not wait for a
/// timeout each.
class Reconnecting {
 public:
  explicit Reconnecting(std::string url) : url_(std::move(url)) {}

  /// Throws PostgresFailure if there is none and none can be made.
  Connection& get();
  /// The one there is, lost or not; null if there is none.
  [[nodiscard]] Connection* current() { return connection_ ? &*connection_ : nullptr; }
  [[nodiscard]] bool lost() const { return !connection_ || connection_->lost(); }

 private:
  const std::string url_;
  std::optional<Connection> connection_;
  std::optional<PostgresFailure> refused_;
  std::chrono::steady_clock::time_point refused_until_{};
};

}  // namespace onsale::store::postgres
