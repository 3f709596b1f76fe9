// Durable holds of distinct seats over HTTP, on SQLite and on PostgreSQL with several lanes and
// servers, beside /livez of the same server in the same round.
//
//   build/release/bench/http_hold_bench
//
// Everything shares the machine: servers, database and the load, one thread for each server. Each
// row has a fresh copy of the same hall; the rows take turns, and each figure is the median of its
// rounds.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <future>
#include <iostream>

#include "bench/access.h"
#include "bench/copies.h"
#include "bench/hall.h"
#include "bench/http_load.h"
#include "bench/server_process.h"
#include "bench/support.h"

namespace onsale::bench {
namespace {

using std::chrono::milliseconds;

struct Options {
  int connections = 1024;
  int rounds = 3;
  int round_ms = 3000;
  std::string only;  // the row to play, to profile it meanwhile
};

struct Hall {
  HallSeats seats;
  std::vector<std::string> tokens;  ///< of its users, in the order of their ids
};

Hall make(const Directory& directory) {
  const HallSeats seats = make_hall(directory.url());
  return {.seats = seats, .tokens = access_tokens(directory.url(), users_total)};
}

/// One server's share of the holds, as they go over the wire: every n-th, from the k-th on.
class Holds {
 public:
  Holds(const HallSeats& seats, const std::vector<std::string>& tokens, int first, int step)
      : seats_(seats), tokens_(tokens), next_(first), step_(step) {}

  std::string_view next() {
    if (next_ >= seats_total) return {};
    const domain::Hold hold = seats_.hold(next_);
    next_ += step_;
    const std::string body =
        fmt::format(R"({{"event_id":{},"seats":[{{"performance_id":{},"seat_id":{}}}]}})",
                    hold.event.value, hold.seats[0].performance.value, hold.seats[0].seat.value);
    text_ = fmt::format(
        "POST /v1/reservations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        tokens_[static_cast<std::size_t>(hold.user.value - 1)], body.size(), body);
    return text_;
  }

 private:
  const HallSeats& seats_;
  const std::vector<std::string>& tokens_;
  int next_;
  int step_;
  std::string text_;
};

struct Row {
  std::string name;
  Kind kind = Kind::postgres;
  int servers = 1;
  int lanes = 1;
  std::vector<double> livez = {};
  std::vector<double> holds = {};
  std::vector<double> p99 = {};
};

/// The load on all servers at once, one thread each.
std::vector<LoadResult> load_all(const std::vector<std::unique_ptr<ServerProcess>>& servers,
                                 const Options& options, milliseconds duration,
                                 const std::vector<NextRequest>& next) {
  std::vector<std::future<LoadResult>> loads;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const LoadOptions share{.connections = options.connections / static_cast<int>(servers.size())};
    loads.push_back(std::async(std::launch::async, [&, i, share] {
      return load(servers[i]->endpoint(), share, duration, next[i]);
    }));
  }
  std::vector<LoadResult> results;
  for (auto& one : loads) results.push_back(one.get());
  return results;
}

double sum_of_rates(const std::vector<LoadResult>& results) {
  double sum = 0;
  for (const LoadResult& result : results) sum += result.per_second();
  return sum;
}

void play(Row& row, const Hall& hall, Copies& copies, const Options& options) {
  const std::string url = copies.fresh(row.kind);
  std::vector<std::unique_ptr<ServerProcess>> servers;
  std::vector<Holds> holds;
  std::vector<NextRequest> livez;
  std::vector<NextRequest> hold;
  for (int i = 0; i < row.servers; ++i) {
    servers.push_back(std::make_unique<ServerProcess>(std::vector<std::string>{
        "--database=" + url, "--set=engine.lanes=" + std::to_string(row.lanes),
        "--set=server.threads=1", "--set=sales.hold_duration=10h",
        "--set=waiting_room.session_duration=10h"}));
    holds.emplace_back(hall.seats, hall.tokens, i, row.servers);
    livez.emplace_back([](auto...) { return "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"; });
  }
  for (Holds& share : holds) hold.emplace_back([&share](auto...) { return share.next(); });
  row.livez.push_back(sum_of_rates(load_all(servers, options, milliseconds(1000), livez)));
  const auto results = load_all(servers, options, milliseconds(options.round_ms), hold);
  for (const LoadResult& result : results) {
    if (result.statuses[201] != std::ssize(result.milliseconds)) {
      throw std::runtime_error("not every hold succeeded");
    }
  }
  row.holds.push_back(sum_of_rates(results));
  row.p99.push_back(results.front().percentile(0.99));
}

void run(const Options& options) {
  const Directory directory("http-hold");
  const Hall hall = make(directory);
  Copies copies(directory.path(), true);
  std::vector<Row> rows{{.name = "SQLite", .kind = Kind::sqlite},
                        {.name = "PostgreSQL, 1 lane"},
                        {.name = "PostgreSQL, 2 lanes", .lanes = 2},
                        {.name = "PostgreSQL, 4 lanes", .lanes = 4},
                        {.name = "PostgreSQL, 2 servers", .servers = 2},
                        {.name = "PostgreSQL, 2 servers, 2 lanes", .servers = 2, .lanes = 2}};
  std::erase_if(rows,
                [&](const Row& row) { return !options.only.empty() && row.name != options.only; });
  if (rows.empty()) throw std::runtime_error("there is no row " + options.only);
  for (int round = 0; round < options.rounds; ++round) {
    for (Row& row : rows) play(row, hall, copies, options);
  }
  std::cout << fmt::format("{} connections\n{:<32}{:>10}{:>10}{:>10}{:>10}\n", options.connections,
                           "", "livez/s", "holds/s", "of livez", "p99 ms");
  for (const Row& row : rows) {
    std::cout << fmt::format("{:<32}{:>10.0f}{:>10.0f}{:>9.1f}%{:>10.1f}\n", row.name,
                             median(row.livez), median(row.holds),
                             100 * median(row.holds) / median(row.livez), median(row.p99));
  }
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  onsale::bench::Options options;
  CLI::App app("Holds over HTTP");
  app.add_option("--connections", options.connections)->check(CLI::Range(2, 10'000));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("--round-ms", options.round_ms)->check(CLI::Range(1, 600'000));
  app.add_option("--only", options.only, "the name of a row");
  CLI11_PARSE(app, argc, argv);
  onsale::bench::raise_file_limit();
  return onsale::bench::exit_code_of([&] { onsale::bench::run(options); });
}
