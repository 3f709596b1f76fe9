#include "store/postgres/connection.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace onsale::store::postgres {
namespace {

/// Settings of every session. A node that hangs must not hold rows for long, and one whose network
/// is cut must notice: both ends give up within seconds.
constexpr std::array<std::pair<const char*, const char*>, 8> session{{
    {"connect_timeout", "5"},
    {"keepalives_idle", "3"},
    {"keepalives_interval", "1"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "5000"},
    {"client_encoding", "UTF8"},
    {"fallback_application_name", "onsale"},
    {"options",
     "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=10s "
     "-c default_transaction_isolation=read\\ committed"},
}};

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
  if (family == "40" || state == "55P03") return Failure::conflict;
  for (const std::string_view temporary : {"08", "25", "28", "3D", "53", "57", "58"}) {
    if (family == temporary) return Failure::unavailable;
  }
  return Failure::damaged;
}

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
  if (kind == Failure::constraint) return {state, {kind, guard_of(result, state)}};
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

Connection::Connection(const std::string& url) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : session) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.insert(keys.end(), {"dbname", nullptr});
  values.insert(values.end(), {url.c_str(), nullptr});
  constexpr int expand_dbname = 1;  // it may be a URL; what that says itself counts more
  connection_.reset(PQconnectdbParams(keys.data(), values.data(), expand_dbname));
  if (lost()) fail_lost();
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
}

void Connection::fail_lost() const {
  throw PostgresFailure{"", {Failure::unavailable, trimmed(PQerrorMessage(connection_.get()))}};
}

void Connection::exec(const char* script) {
  const Answer answer(PQexec(connection_.get(), script));
  if (!is_fine(answer.raw())) throw failure_of(answer.raw());
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
    Answer answer(PQgetResult(connection_.get()));
    if (!answer.raw() || lost()) fail_lost();
    if (is_fine(answer.raw())) {
      if (!preparation) answers.push_back(std::move(answer));
    } else {
      if (preparation) names_.erase(sql);
      if (!failed && PQresultStatus(answer.raw()) != PGRES_PIPELINE_ABORTED) {
        failed = failure_of(answer.raw());
      }
    }
    while (Answer(PQgetResult(connection_.get())).raw()) {
    }
  }
  const Answer sync(PQgetResult(connection_.get()));
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
  Answer answer(PQexecParams(connection_.get(), sql.c_str(), bound.count(), nullptr,
                             bound.bytes.data(), bound.sizes.data(), bound.formats.data(), binary));
  if (!answer.raw() || lost()) fail_lost();
  if (!is_fine(answer.raw())) throw failure_of(answer.raw());
  return answer;
}

void Connection::stream(const char* sql, const Values& values,
                        const std::function<void(Columns)>& row) {
  constexpr int piece = 1024;
  const bool mine = !in_transaction();
  if (mine) exec("begin isolation level repeatable read read only");
  struct End {
    Connection* of;
    ~End() {
      if (of) of->rollback();
    }
  };
  const End end{mine ? this : nullptr};
  const std::string cursor = fmt::format("onsale_{}", ++cursors_);
  (void)execute(fmt::format("declare {} no scroll cursor for {}", cursor, sql), values);
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
  if (!lost() && in_transaction()) PQclear(PQexec(connection_.get(), "rollback"));
}

}  // namespace onsale::store::postgres
