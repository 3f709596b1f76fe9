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

#include "store/postgres/cutoff.h"
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

/// The server of a store, and how a session there differs from others.
struct Server {
  std::string url;                                 ///< as libpq has it
  std::shared_ptr<const Cutoff> cutoff = nullptr;  ///< none: nothing but patience ends a wait
  std::string settings = {};  ///< "-c NAME=VALUE …", beside those of every session

  Server(std::string at) : url(std::move(at)) {}  // NOLINT: a URL is a server
  Server(std::string at, std::shared_ptr<const Cutoff> until)
      : url(std::move(at)), cutoff(std::move(until)) {}
  [[nodiscard]] Server with(std::string more) const {
    Server other = *this;
    other.settings = std::move(more);
    return other;
  }
};

/// One thread at a time. Waits for the server a few seconds longer than that allows itself for a
/// statement, whatever the network does, and no longer than until the cutoff: after that the
/// connection counts as lost. Locks of a node that is out of reach itself are gone sooner.
///
/// What a session is set to comes with its first message. There is no session without its settings,
/// as there would be if a statement set them and were canceled.
class Connection {
 public:
  /// Throws if the server cannot be reached.
  explicit Connection(const Server& server);

  /// What the server says of itself: "server_encoding", "server_version". Empty if it does not.
  [[nodiscard]] std::string parameter(const char* name) const;

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
    return silent_ || broken_ || PQstatus(connection_.get()) != CONNECTION_OK;
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
  [[nodiscard]] std::chrono::milliseconds time_left(Cutoff::Clock::time_point deadline) const;
  /// What PQgetResult returns, waited for with patience.
  Answer next_answer();
  /// Whatever state it is in, nobody shall use it any more.
  [[noreturn]] void fail_lost();

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
  boost::unordered_flat_map<const char*, std::string> names_;
  int prepared_ = 0;
  int cursors_ = 0;
  std::vector<Queued> queued_;
  std::shared_ptr<const Cutoff> cutoff_;
  std::chrono::seconds patience_;
  std::chrono::steady_clock::time_point planned_at_ = std::chrono::steady_clock::now();
  bool silent_ = false;  // the server did not answer in time
  bool broken_ = false;  // libpq refused what has to work
};

/// A connection that is made anew after it was lost. While the server cannot be reached it is asked
/// once a second, and whoever comes in between is refused at once: a crowd does not wait for a
/// timeout each.
class Reconnecting {
 public:
  explicit Reconnecting(Server server) : server_(std::move(server)) {}

  /// Throws PostgresFailure if there is none and none can be made. None is after the cutoff.
  Connection& get();
  /// The one there is, lost or not; null if there is none.
  [[nodiscard]] Connection* current() { return connection_ ? &*connection_ : nullptr; }
  [[nodiscard]] bool lost() const { return !connection_ || connection_->lost(); }

 private:
  const Server server_;
  std::optional<Connection> connection_;
  std::optional<PostgresFailure> refused_;
  std::chrono::steady_clock::time_point refused_until_{};
};

}  // namespace onsale::store::postgres
