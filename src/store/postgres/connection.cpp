#include "store/postgres/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace onsale::store::postgres {
namespace {

using Clock = Cutoff::Clock;

/// Settings of every session. A node that hangs must not hold rows for long, and one whose network
/// is cut must notice: both ends give up within seconds.
constexpr std::array<std::pair<const char*, const char*>, 7> session{{
    {"connect_timeout", "2"},
    {"keepalives_idle", "3"},
    {"keepalives_interval", "1"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "5000"},
    {"client_encoding", "UTF8"},
    {"fallback_application_name", "onsale"},
}};
/// What grows is asked for by keys that have an index, and the plan of a statement is kept. A sale
/// begins with its tables empty, where to scan all rows is the cheapest plan: so there are no
/// scans, also not by the checks of references, and plans are made anew as the tables fill
/// (docs/decisions/0012).
constexpr const char* session_options =
    "-c statement_timeout=10s -c lock_timeout=8s -c idle_in_transaction_session_timeout=5s "
    "-c default_transaction_isolation=read\\ committed "
    "-c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off";
constexpr std::chrono::seconds patience{12};

/// Who reads a whole table says so, and wants the plan that is quickest to the last row.
constexpr const char* scan_sql =
    "set local enable_seqscan = on; set local cursor_tuple_fraction = 1";
constexpr const char* look_up_sql =
    "set local enable_seqscan to default; "  // the session's
    "set local cursor_tuple_fraction to default";
constexpr const char* forget_plans_sql = "discard plans";
constexpr std::chrono::seconds plans_kept_max{1};

constexpr const char* take_time_sql = "set local statement_timeout = '5min'";
constexpr std::chrono::seconds long_patience{302};

constexpr std::chrono::seconds reconnect_interval{1};

std::string trimmed(const char* text) {
  std::string message(text ? text : "");
  while (message.ends_with('\n')) message.pop_back();
  return message;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

Failure kind_of(std::string_view state) {
  const std::string_view family = state.substr(0, 2);
  if (family == "23" || state == "21000") return Failure::constraint;
  // A value that PostgreSQL does not take, or not so much of it: whose it is fails, nobody else.
  if (family == "22" || family == "54") return Failure::constraint;
  if (family == "40") return Failure::conflict;
  // 55: a lock that was not free for seconds. Whoever has it is in trouble itself, and to ask again
  // at once would only let everybody behind wait longer.
  for (const std::string_view temporary : {"08", "25", "28", "3D", "53", "55", "57", "58"}) {
    if (family == temporary) return Failure::unavailable;
  }
  return Failure::damaged;
}

bool names_a_guard(std::string_view state) { return state.starts_with("2") && state[1] != '2'; }

/// The guard that a row broke, by the name it has in every store.
std::string guard_of(const PGresult* result, std::string_view state) {
  constexpr std::string_view foreign_key = "23503";
  constexpr std::string_view twice_in_one_upsert = "21000";
  if (state == foreign_key) return field(result, PG_DIAG_TABLE_NAME) + "_references";
  if (state == twice_in_one_upsert) return "idempotency_key_unique";
  const std::string name = field(result, PG_DIAG_CONSTRAINT_NAME);
  return name == "seat_places_pkey" ? "seats_pkey" : name;
}

PostgresFailure failure_of(const PGresult* result) {
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) {
    return {"", {Failure::unavailable, trimmed(PQresultErrorMessage(result))}};
  }
  const Failure kind = kind_of(state);
  if (kind == Failure::constraint && names_a_guard(state)) {
    return {state, {kind, guard_of(result, state)}};
  }
  return {state, {kind, fmt::format("{} ({})", field(result, PG_DIAG_MESSAGE_PRIMARY), state)}};
}

constexpr int binary = 1;

/// Values as libpq takes them.
struct Bound {
  explicit Bound(const Values& values) {
    for (const auto& place : values.places()) {
      bytes.push_back(place.size < 0 ? nullptr : values.at(place));
      sizes.push_back(place.size);
      formats.push_back(binary);
    }
  }
  [[nodiscard]] int count() const { return static_cast<int>(bytes.size()); }

  std::vector<const char*> bytes;
  std::vector<int> sizes;
  std::vector<int> formats;
};

bool is_fine(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_SYNC:
      return true;
    default:
      return false;
  }
}

}  // namespace

void strange_value(std::string_view text) {
  throw PostgresFailure{
      "XX001",
      {Failure::damaged, fmt::format("a column holds '{}', which no program wrote", text)}};
}

std::string option_of(const std::string& url, std::string_view key) {
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  };
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(url.c_str(), nullptr));
  for (const auto* option = options.get(); option && option->keyword; ++option) {
    if (option->keyword == key && option->val) return option->val;
  }
  return {};
}

Connection::Connection(const Server& server) : cutoff_(server.cutoff), patience_(patience) {
  const std::string& url = server.url;
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : session) {
    keys.push_back(key);
    values.push_back(value);
  }
  // What the URL says itself counts more. Its options would do so altogether, also where they say
  // nothing: they come behind ours.
  const std::string options =
      fmt::format("{} {} {}", session_options, server.settings, option_of(url, "options"));
  keys.insert(keys.end(), {"dbname", "options", nullptr});
  values.insert(values.end(), {url.c_str(), options.c_str(), nullptr});
  constexpr int expand_dbname = 1;  // it may be a URL
  connection_.reset(PQconnectdbParams(keys.data(), values.data(), expand_dbname));
  if (lost()) fail_lost();
  // Else a server that reads no more would keep us in send().
  if (PQsetnonblocking(connection_.get(), 1) != 0) fail_lost();
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
}

void Connection::fail_lost() {
  broken_ = true;
  if (silent_) throw PostgresFailure{"", {Failure::unavailable, "the server does not answer"}};
  throw PostgresFailure{"", {Failure::unavailable, trimmed(PQerrorMessage(connection_.get()))}};
}

std::string Connection::parameter(const char* name) const {
  const char* value = PQparameterStatus(connection_.get(), name);
  return value ? value : "";
}

std::chrono::milliseconds Connection::time_left(Clock::time_point deadline) const {
  const auto until = cutoff_ ? std::min(deadline, cutoff_->at()) : deadline;
  return std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
}

Answer Connection::next_answer() {
  const auto deadline = Clock::now() + patience_;
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) fail_lost();
    if (unsent == 0 && PQisBusy(connection_.get()) == 0) break;
    silent_ = time_left(deadline).count() <= 0;
    if (silent_) fail_lost();
    pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
    if (unsent > 0) socket.events |= POLLOUT;
    const auto look_again = std::min(time_left(deadline), Cutoff::noticed_within);
    const int ready = ::poll(&socket, 1, static_cast<int>(look_again.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    if (ready < 0 || PQconsumeInput(connection_.get()) == 0) fail_lost();
  }
  return Answer(PQgetResult(connection_.get()));
}

void Connection::take_time() {
  patience_ = long_patience;
  exec(take_time_sql);
}

void Connection::plan_anew() {
  exec(forget_plans_sql);
  planned_at_ = Clock::now();
}

void Connection::plan_anew_if_old() {
  if (Clock::now() - planned_at_ > plans_kept_max) plan_anew();
}

void Connection::exec(const char* script) {
  if (PQsendQuery(connection_.get(), script) == 0) fail_lost();
  std::optional<PostgresFailure> failed;
  for (Answer answer = next_answer(); answer.raw(); answer = next_answer()) {
    if (!failed && !is_fine(answer.raw())) failed = failure_of(answer.raw());
  }
  if (lost()) fail_lost();
  if (failed) throw *std::move(failed);
}

std::string Connection::prepared(const char* sql) {
  if (const auto known = names_.find(sql); known != names_.end()) return known->second;
  const std::string name = fmt::format("s{}", ++prepared_);
  if (PQsendPrepare(connection_.get(), name.c_str(), sql, 0, nullptr) == 0) fail_lost();
  queued_.push_back({sql, true});
  names_.emplace(sql, name);
  return name;
}

void Connection::put(const char* sql, const Values& values) {
  const std::string name = prepared(sql);
  const Bound bound(values);
  if (PQsendQueryPrepared(connection_.get(), name.c_str(), bound.count(), bound.bytes.data(),
                          bound.sizes.data(), bound.formats.data(), binary) == 0) {
    fail_lost();
  }
  queued_.push_back({sql, false});
}

void Connection::send(const char* sql, const Values& values) {
  if (queued_.empty() && PQenterPipelineMode(connection_.get()) == 0) fail_lost();
  put(sql, values);
}

std::vector<Answer> Connection::receive() {
  std::vector<Answer> answers;
  if (queued_.empty()) return answers;
  const std::vector<Queued> queued = std::exchange(queued_, {});
  if (PQpipelineSync(connection_.get()) == 0) fail_lost();
  std::optional<PostgresFailure> failed;
  for (const auto& [sql, preparation] : queued) {
    Answer answer = next_answer();
    if (!answer.raw() || lost()) fail_lost();
    if (is_fine(answer.raw())) {
      if (!preparation) answers.push_back(std::move(answer));
    } else {
      if (preparation) names_.erase(sql);
      if (!failed && PQresultStatus(answer.raw()) != PGRES_PIPELINE_ABORTED) {
        failed = failure_of(answer.raw());
      }
    }
    while (next_answer().raw()) {
    }
  }
  const Answer sync = next_answer();
  if (!sync.raw() || PQexitPipelineMode(connection_.get()) == 0) fail_lost();
  if (failed) throw *std::move(failed);
  return answers;
}

Answer Connection::query(const char* sql, const Values& values) {
  send(sql, values);
  return std::move(receive().front());
}

Answer Connection::execute(const std::string& sql, const Values& values) {
  const Bound bound(values);
  if (PQsendQueryParams(connection_.get(), sql.c_str(), bound.count(), nullptr, bound.bytes.data(),
                        bound.sizes.data(), bound.formats.data(), binary) == 0) {
    fail_lost();
  }
  Answer answer = next_answer();
  if (!answer.raw() || lost()) fail_lost();
  while (next_answer().raw()) {
  }
  if (!is_fine(answer.raw())) throw failure_of(answer.raw());
  return answer;
}

void Connection::stream(const char* sql, const Values& values,
                        const std::function<void(Columns)>& row) {
  constexpr int piece = 1024;
  const bool mine = !in_transaction();
  if (mine) exec("begin isolation level repeatable read read only");
  struct End {
    Connection& of;
    bool transaction;
    ~End() {
      of.patience_ = patience;
      if (transaction) of.rollback();
    }
  };
  const End end{*this, mine};
  take_time();
  const std::string cursor = fmt::format("onsale_{}", ++cursors_);
  exec(scan_sql);
  (void)execute(fmt::format("declare {} no scroll cursor for {}", cursor, sql), values);
  exec(look_up_sql);  // the transaction may have more to do
  const std::string fetch = fmt::format("fetch {} from {}", piece, cursor);
  for (int size = piece; size == piece;) {
    const Answer answer = execute(fetch, Values());
    size = answer.size();
    for (int i = 0; i < size; ++i) row(answer.row(i));
  }
  exec(fmt::format("close {}", cursor).c_str());
}

void Connection::rollback() noexcept {
  try {
    if (!queued_.empty()) (void)receive();
  } catch (const PostgresFailure&) {  // it is over either way
  }
  if (lost() || !in_transaction()) return;
  try {
    exec("rollback");
  } catch (const PostgresFailure&) {
    broken_ = true;
  }
}

Connection& Reconnecting::get() {
  if (!lost()) return *connection_;
  if (server_.cutoff && server_.cutoff->reached()) {
    throw PostgresFailure{"", {Failure::unavailable, "nobody waits for the server any more"}};
  }
  const auto now = Clock::now();
  if (refused_ && now < refused_until_) throw PostgresFailure(*refused_);
  try {
    connection_.emplace(server_);
    refused_.reset();
    return *connection_;
  } catch (const PostgresFailure& failure) {
    connection_.reset();
    refused_ = failure;
    refused_until_ = Clock::now() + reconnect_interval;
    throw;
  }
}

}  // namespace onsale::store::postgres
