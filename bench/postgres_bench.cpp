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
#include "bench/postgres_server.h"
#include "bench/support.h"
#include "engine/office_clock.h"

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
  const std::int64_t now = domain::to_millis(engine::OfficeClock().now());
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
  const engine::OfficeClock clock;
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

// ---- what the other node shows ---------------------------------------------------------

/// Milliseconds from the answer to a hold on one node until another one's seat map shows it;
/// sorted. Meanwhile `waiting` other holds are kept waiting.
std::vector<double> milliseconds_until_shown(const std::string& url, const HallSeats& seats,
                                             int waiting) {
  constexpr int looks = 1000;
  const engine::OfficeClock clock;
  const Node here(url, clock, 1);
  const Node there(url, clock, 1);
  std::atomic<bool> enough = false;
  std::thread load([&] {
    std::counting_semaphore<> places(waiting);
    for (int i = looks; !enough && waiting > 0 && i < seats_total; ++i) {
      places.acquire();
      here.engine->submit(seats.hold(i), std::nullopt, [&](const auto&) { places.release(); });
    }
    for (int i = 0; i < waiting; ++i) places.acquire();
  });
  std::vector<double> found;
  for (int i = 0; i < looks; ++i) {
    std::binary_semaphore answered(0);
    const auto hold = seats.hold(i);
    here.engine->submit(hold, std::nullopt, [&](const auto&) { answered.release(); });
    answered.acquire();
    const auto start = Clock::now();
    const auto& [performance, seat] = hold.seats[0];
    const auto shown = [&] {
      const auto map = there.engine->views().seat_map(performance);
      return map->status[*map->layout->index_of(seat)] == domain::SeatStatus::held;
    };
    while (!shown()) std::this_thread::sleep_for(std::chrono::microseconds(100));
    found.push_back(1000 * seconds_since(start));
  }
  enough = true;
  load.join();
  std::ranges::sort(found);
  return found;
}

struct Row {
  std::string name;
  int nodes = 0;  // 0: plain
  std::size_t lanes = 0;
  std::vector<double> rates = {};
};

/// Calls `work` with the URL of a fresh copy of the hall.
template <class Work>
void with_fresh_hall(Plain& admin, const PostgresServer& server, const Work& work) {
  admin.run("create database fresh template hall");
  admin.run("checkpoint");
  work(server.url("fresh"));
  admin.run("drop database fresh with (force)");
}

void print_until_shown(Plain& admin, const PostgresServer& server, const HallSeats& seats) {
  for (const int waiting : {0, 256}) {
    with_fresh_hall(admin, server, [&](const std::string& url) {
      const auto times = milliseconds_until_shown(url, seats, waiting);
      const auto at = [&](double share) {
        return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
      };
      std::cout << fmt::format(
          "a hold shows on the other node, {} others waiting: p50 {:.1f} ms, p99 {:.1f} ms, "
          "longest {:.1f} ms\n",
          waiting, at(0.5), at(0.99), times.back());
    });
  }
}

void run(const Options& options) {
  const Directory directory("postgres");
  const PostgresServer server(directory.path() + "/server");
  Plain admin(server.url("postgres"));
  admin.run("create database hall");
  const HallSeats seats = make_hall(server.url("hall"));
  print_until_shown(admin, server, seats);
  for (const int waiting : options.waiting) {
    std::vector<Row> rows{{.name = "plain libpq"},
                          {.name = "1 node, 1 lane", .nodes = 1, .lanes = 1},
                          {.name = "1 node, 2 lanes", .nodes = 1, .lanes = 2},
                          {.name = "1 node, 4 lanes", .nodes = 1, .lanes = 4},
                          {.name = "2 nodes, 1 lane", .nodes = 2, .lanes = 1},
                          {.name = "2 nodes, 2 lanes", .nodes = 2, .lanes = 2}};
    for (int round = 0; round < options.rounds; ++round) {
      for (Row& row : rows) {
        with_fresh_hall(admin, server, [&](const std::string& url) {
          row.rates.push_back(row.nodes == 0
                                  ? plain_holds(url, seats, waiting)
                                  : engine_holds(url, seats, waiting, row.nodes, row.lanes));
        });
      }
    }
    std::cout << fmt::format("{} waiting\n", waiting);
    for (const Row& row : rows) {
      std::cout << fmt::format("  {:<18}{:>10.0f} holds/s{:>8.1f} % of plain\n", row.name,
                               median(row.rates),
                               100 * median(row.rates) / median(rows.front().rates));
    }
  }
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  onsale::bench::Options options;
  CLI::App app("Holds on PostgreSQL");
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("--waiting", options.waiting)->check(CLI::Range(1, 4096));
  CLI11_PARSE(app, argc, argv);
  return onsale::bench::exit_code_of([&] { onsale::bench::run(options); });
}
