// Durable holds through the engine on PostgreSQL, no HTTP, for several lanes and nodes, beside
// plain libpq with the same set-based statements, in the same run on the same server.
//
//   build/release/bench/postgres_bench
//
// The server is one of its own in the first of $ONSALE_BENCH_DIR and the working directory, with
// Debian's defaults (fsync and synchronous_commit on); it is started and ended here. Each hold is
// of another seat, as in a sale; the rows take turns, each on a fresh copy of the same hall.
#include <fmt/format.h>
#include <libpq-fe.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <semaphore>
#include <thread>

#include "bench/hall.h"
#include "bench/support.h"

namespace onsale::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int rounds = 3;
  std::vector<int> waiting = {64, 256, 1024};
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// ---- the server ------------------------------------------------------------------------

class Server {
 public:
  explicit Server(std::string directory) : directory_(std::move(directory)) {
    run("start");
    std::ifstream(directory_ + "/url") >> url_;
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    if (std::system(command("stop").c_str()) != 0) std::cerr << "PostgreSQL did not stop\n";
  }

  [[nodiscard]] std::string url(const std::string& database) const {
    std::string url = url_;
    return url.replace(url.find("/postgres?"), 10, "/" + database + "?");
  }

 private:
  [[nodiscard]] std::string command(const char* verb) const {
    return fmt::format("'" ONSALE_SOURCE_DIR "/tests/support/postgres' {} '{}'", verb, directory_);
  }
  void run(const char* verb) const {
    if (std::system(command(verb).c_str()) != 0) {
      throw std::runtime_error("PostgreSQL cannot be started");
    }
  }

  std::string directory_;
  std::string url_;
};

// ---- plain libpq -----------------------------------------------------------------------

/// Text of a PostgreSQL array.
template <class Value>
std::string array_of(const std::vector<domain::Hold>& holds, const Value& value) {
  std::string text = "{";
  for (std::size_t i = 0; i < holds.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(value(i, holds[i]));
  }
  return text += '}';
}

class Plain {
 public:
  explicit Plain(const std::string& url) : db_(PQconnectdb(url.c_str())) {
    if (PQstatus(db_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(db_));
  }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  ~Plain() { PQfinish(db_); }

  void run(const char* sql) { expect(PQexec(db_, sql)); }

  void prepare() {
    prepare("load",
            "select id, status, reservation_id, held_until from seats "
            "where id = any($1::bigint[]) order by id for update");
    prepare("seats",
            "update seats t set status = 'held', reservation_id = w.owner, held_until = $3 "
            "from unnest($1::bigint[], $2::bigint[]) as w (id, owner) "
            "where t.id = w.id and t.status = 'available'");
    prepare("reservations",
            "insert into reservations (id, user_id, event_id, state, total, seat_count, "
            "created_at, expires_at, attendee_name) select r, u, e, 'held', 70000, 1, $4, $5, '' "
            "from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as w (r, u, e)");
    prepare("lines",
            "insert into reservation_lines (reservation_id, seat_id, performance_id, price) "
            "select r, s, p, 70000 from unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
            "as w (r, s, p)");
    prepare("begin", "begin");
    prepare("commit", "commit");
  }

  /// One load round trip and one commit round trip.
  void hold(std::int64_t first, const std::vector<domain::Hold>& holds, std::int64_t now) {
    const auto id = [first](std::size_t i, const domain::Hold&) {
      return first + static_cast<std::int64_t>(i);
    };
    const auto seats = array_of(holds, [](auto, const auto& h) { return h.seats[0].seat.value; });
    const auto ids = array_of(holds, id);
    const auto created = std::to_string(now);
    const auto until = std::to_string(now + 300'000);
    PQenterPipelineMode(db_);
    send("begin", {});
    send("load", {seats});
    receive(2);
    send("reservations",
         {ids, array_of(holds, [](auto, const auto& h) { return h.user.value; }),
          array_of(holds, [](auto, const auto& h) { return h.event.value; }), created, until});
    send("seats", {seats, ids, until});
    send("lines", {ids, seats, array_of(holds, [](auto, const auto& h) {
                     return h.seats[0].performance.value;
                   })});
    send("commit", {});
    receive(4);
    PQexitPipelineMode(db_);
  }

 private:
  void expect(PGresult* result) {
    const auto status = PQresultStatus(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC) {
      throw std::runtime_error(PQerrorMessage(db_));
    }
  }
  void prepare(const char* name, const char* sql) { expect(PQprepare(db_, name, sql, 0, nullptr)); }
  void send(const char* name, const std::vector<std::string>& values) {
    std::vector<const char*> texts;
    for (const std::string& value : values) texts.push_back(value.c_str());
    if (PQsendQueryPrepared(db_, name, static_cast<int>(texts.size()), texts.data(), nullptr,
                            nullptr, 0) == 0) {
      throw std::runtime_error(PQerrorMessage(db_));
    }
  }
  void receive(int answers) {
    PQpipelineSync(db_);
    for (int i = 0; i < answers; ++i) {
      expect(PQgetResult(db_));
      while (PGresult* more = PQgetResult(db_)) PQclear(more);
    }
    expect(PQgetResult(db_));
  }

  PGconn* db_;
};

// ---- rows ------------------------------------------------------------------------------

constexpr int holds_for(int waiting) { return waiting == 1 ? 2'000 : seats_total - 2048; }

double plain_holds(const std::string& url, const HallSeats& seats, int batch) {
  Plain db(url);
  db.prepare();
  const std::int64_t now = domain::to_millis(engine::SystemClock().now());
  const int total = holds_for(batch) / batch * batch;
  const auto start = Clock::now();
  for (int from = 0; from < total; from += batch) {
    std::vector<domain::Hold> holds;
    for (int i = from; i < from + batch; ++i) holds.push_back(seats.hold(i));
    db.hold(from + 1, holds, now);
  }
  return total / seconds_since(start);
}

/// Keeps `waiting` holds in the engines at all times, each node with a driver of its own.
double engine_holds(const std::string& url, const HallSeats& seats, int waiting, int nodes,
                    std::size_t lanes) {
  const engine::SystemClock clock;
  std::vector<std::unique_ptr<Node>> running;
  for (int i = 0; i < nodes; ++i) running.push_back(std::make_unique<Node>(url, clock, lanes));
  const int total = holds_for(waiting);
  std::atomic<int> next = 0;
  std::atomic<int> held = 0;
  const auto start = Clock::now();
  std::vector<std::thread> drivers;
  for (const auto& node : running) {
    drivers.emplace_back([&, engine = node->engine.get()] {
      const int mine = std::max(1, waiting / nodes);
      std::counting_semaphore<> places(mine);
      for (int i = next++; i < total; i = next++) {
        places.acquire();
        engine->submit(seats.hold(i), std::nullopt, [&](engine::Reply<domain::HoldOutcome> reply) {
          const auto* outcome = std::get_if<domain::HoldOutcome>(&reply);
          if (outcome && outcome->executed()) ++held;
          places.release();
        });
      }
      for (int i = 0; i < mine; ++i) places.acquire();
    });
  }
  for (std::thread& driver : drivers) driver.join();
  const double seconds = seconds_since(start);
  if (held != total) throw std::runtime_error("not every hold succeeded");
  return total / seconds;
}

struct Row {
  std::string name;
  int nodes = 0;  // 0: plain
  std::size_t lanes = 0;
  std::vector<double> rates = {};

  [[nodiscard]] double median() const {
    auto sorted = rates;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
  }
};

void run(const Options& options) {
  const Directory directory("postgres");
  const Server server(directory.path() + "/server");
  Plain admin(server.url("postgres"));
  admin.run("create database hall");
  const HallSeats seats = make_hall(server.url("hall"));
  for (const int waiting : options.waiting) {
    std::vector<Row> rows{{.name = "plain libpq"},
                          {.name = "1 node, 1 lane", .nodes = 1, .lanes = 1},
                          {.name = "1 node, 2 lanes", .nodes = 1, .lanes = 2},
                          {.name = "1 node, 4 lanes", .nodes = 1, .lanes = 4},
                          {.name = "2 nodes, 1 lane", .nodes = 2, .lanes = 1},
                          {.name = "2 nodes, 2 lanes", .nodes = 2, .lanes = 2}};
    for (int round = 0; round < options.rounds; ++round) {
      for (Row& row : rows) {
        admin.run("create database fresh template hall");
        admin.run("checkpoint");
        const auto url = server.url("fresh");
        row.rates.push_back(row.nodes == 0
                                ? plain_holds(url, seats, waiting)
                                : engine_holds(url, seats, waiting, row.nodes, row.lanes));
        admin.run("drop database fresh with (force)");
      }
    }
    std::cout << fmt::format("{} waiting\n", waiting);
    for (const Row& row : rows) {
      std::cout << fmt::format("  {:<18}{:>10.0f} holds/s{:>8.1f} % of plain\n", row.name,
                               row.median(), 100 * row.median() / rows.front().median());
    }
  }
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  onsale::bench::Options options;
  CLI::App app("Holds on PostgreSQL");
  app.allow_extras();  // `./dev bench` gives all programs the options of Google Benchmark
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("--waiting", options.waiting)->check(CLI::Range(1, 4096));
  CLI11_PARSE(app, argc, argv);
  try {
    onsale::bench::run(options);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
