// The table of `./dev bench`: everything that a buyer asks for over HTTP, on SQLite and on
// PostgreSQL, each beside /livez of the same server in the same second. docs/performance.md
// explains each row.
//
//   build/release/bench/http_bench
//
// What one thread answers is measured with the server on one core and the load on another; what
// needs the committer too, another thread, has all cores for both. Rows that write begin on a fresh
// copy of the same data each time. The rows take turns, and each figure is the median of its
// rounds: what disturbs the machine meets all rows alike.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "bench/asks.h"
#include "bench/copies.h"
#include "bench/figures.h"
#include "bench/plain_sqlite.h"
#include "bench/server_process.h"
#include "bench/support.h"
#include "bench/world.h"
#include "engine/office_clock.h"

namespace onsale::bench {
namespace {

using std::chrono::milliseconds;

struct Options {
  int connections = 1024;
  int rounds = 3;
  int round_ms = 1500;
  std::string store = "both";
  std::string only;  // rows with this in their name, to profile them meanwhile
  std::string json;
  std::string against;
};

/// A server on the world.
struct Stage {
  const World& world;
  const ServerProcess& server;
  std::int64_t small_map_before = 0;  // the version before some of its seats were held
  std::int64_t large_map_before = 0;
};

struct Round {
  double per_second = 0;
  double of_livez = 0;
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
  double cpu_us = 0;
  double mebibytes = 0;
};

struct Row {
  std::string name;
  std::function<NextRequest(const Stage&)> asks;
  bool writes = false;  // on a fresh copy, and with all cores for everybody
  int rivals = 0;       // they come over as many connections
  std::string half_of;  // an open loop, at half of what this row reached in the same round
  std::vector<Round> rounds = {};
  std::int64_t errors = 0;

  [[nodiscard]] double median(double Round::* figure) const {
    std::vector<double> values;
    for (const Round& round : rounds) values.push_back(round.*figure);
    return bench::median(std::move(values));
  }
};

// ---- a look before -----------------------------------------------------------------------

/// The answer to one request.
std::string answer_to(const ServerProcess& server, const NextRequest& ask) {
  std::string text;
  const NextRequest once = [&](std::size_t connection, std::string_view answer) {
    text = answer;
    return answer.empty() ? ask(connection, {}) : std::string_view();
  };
  (void)load(server.endpoint(), {.connections = 1}, std::chrono::hours{1}, once);
  return text;
}

/// A request that answers 304 as long as nothing changes.
NextRequest ask_unchanged(const Stage& stage, const Performance& performance) {
  const std::string seen = answer_to(stage.server, ask_seats(performance));
  constexpr std::string_view name = "ETag: ";
  const auto begin = seen.find(name);
  if (begin == std::string::npos) throw std::runtime_error("a seat map without ETag");
  const auto end = seen.find("\r\n", begin);
  const auto tag = seen.substr(begin + name.size(), end - begin - name.size());
  return ask_seats(performance, {}, "If-None-Match: " + tag + "\r\n");
}

NextRequest ask_changes(const Performance& performance, std::int64_t since) {
  return ask_seats(performance, fmt::format("?since={}", since));
}

/// Holds the first seats of the map and returns the version that it had before.
std::int64_t stir(const World& world, const ServerProcess& server, const Performance& performance,
                  int seats) {
  constexpr std::string_view name = R"("version":)";
  const std::string seen = answer_to(server, ask_seats(performance));
  const auto at = seen.find(name);
  if (at == std::string::npos) throw std::runtime_error("a seat map without version");
  const auto held = load(server.endpoint(), {.connections = 1}, std::chrono::hours{1},
                         ask_first_seats(world, performance, seats));
  if (held.statuses[201] != seats) throw std::runtime_error("not every seat could be held");
  return std::stoll(seen.substr(at + name.size()));
}

constexpr int few_seats = 5;
constexpr int some_seats = 20;

Stage reading_stage(const World& world, const ServerProcess& server) {
  return {.world = world,
          .server = server,
          .small_map_before = stir(world, server, world.small_map, few_seats),
          .large_map_before = stir(world, server, world.large_map, some_seats)};
}

// ---- rows --------------------------------------------------------------------------------

std::vector<Row> all_rows() {
  constexpr int rivals = 1000;
  return {
      {.name = "livez", .asks = [](const Stage&) { return ask_livez(); }},
      {.name = "poll", .asks = [](const Stage& stage) { return ask_poll(stage.world); }},
      {.name = "seats 50",
       .asks = [](const Stage& stage) { return ask_seats(stage.world.small_map); }},
      {.name = "seats 50, 304",
       .asks = [](const Stage& stage) { return ask_unchanged(stage, stage.world.small_map); }},
      {.name = "seats 50, since (5 changed)",
       .asks =
           [](const Stage& stage) {
             return ask_changes(stage.world.small_map, stage.small_map_before);
           }},
      {.name = "seats 10,000",
       .asks = [](const Stage& stage) { return ask_seats(stage.world.large_map); }},
      {.name = "seats 10,000, gzip",
       .asks =
           [](const Stage& stage) {
             return ask_seats(stage.world.large_map, {}, "Accept-Encoding: gzip\r\n");
           }},
      {.name = "seats 10,000, 304",
       .asks = [](const Stage& stage) { return ask_unchanged(stage, stage.world.large_map); }},
      {.name = "seats 10,000, since (20)",
       .asks =
           [](const Stage& stage) {
             return ask_changes(stage.world.large_map, stage.large_map_before);
           }},
      {.name = "enter",
       .asks = [](const Stage& stage) { return ask_enter(stage.world); },
       .writes = true},
      {.name = "hold",
       .asks = [](const Stage& stage) { return ask_hold(stage.world); },
       .writes = true},
      {.name = "hold, half the load",
       .asks = [](const Stage& stage) { return ask_hold(stage.world); },
       .writes = true,
       .half_of = "hold"},
      {.name = "1,000 want one seat",
       .asks = [](const Stage& stage) { return ask_same_seat(stage.world, rivals); },
       .writes = true,
       .rivals = rivals},
      {.name = "charge",
       .asks = [](const Stage& stage) { return ask_charge(stage.world); },
       .writes = true},
      {.name = "pay",
       .asks = [](const Stage& stage) { return ask_pay(stage.world); },
       .writes = true},
      {.name = "enter ... pay",
       .asks = [](const Stage& stage) { return ask_walk(stage.world); },
       .writes = true},
  };
}

std::int64_t errors_of(const Row& row, const LoadResult& result) {
  const std::int64_t all = std::ssize(result.milliseconds);
  if (row.rivals > 0) {
    const std::int64_t seats = (all + row.rivals - 1) / row.rivals;
    const std::int64_t won = result.statuses[201];
    return std::abs(won - seats) + all - won - result.statuses[409];
  }
  if (row.name.ends_with("304")) return all - result.statuses[304];
  return all - result.statuses[200] - result.statuses[201];
}

class Table {
 public:
  Table(const World& world, Copies& copies, const Options& options)
      : world_(world), copies_(copies), options_(options) {}

  /// All rows on one kind of store.
  void play(Kind kind, std::vector<Row>& rows) {
    const ServerProcess reader(world_options(copies_.fresh(kind, "read")));
    const Stage stage = reading_stage(world_, reader);
    std::vector<NextRequest> reads;
    for (const Row& row : rows) {
      reads.push_back(row.writes ? NextRequest() : row.asks(stage));
    }
    for (int round = 0; round < options_.rounds; ++round) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].writes) play(rows[i], reader, reads[i], 0);
      }
    }
    for (int round = 0; round < options_.rounds; ++round) {
      for (Row& row : rows) {
        if (!row.writes) continue;
        const ServerProcess server(world_options(copies_.fresh(kind)));
        play(row, server, row.asks({world_, server}), pace(row, rows));
      }
    }
  }

 private:
  static double pace(const Row& row, const std::vector<Row>& rows) {
    if (row.half_of.empty()) return 0;
    const auto of = std::ranges::find(rows, row.half_of, &Row::name);
    if (of == rows.end()) throw std::runtime_error(row.name + " needs the row " + row.half_of);
    return of->rounds.back().per_second / 2;
  }

  void play(Row& row, const ServerProcess& server, const NextRequest& next, double per_second) {
    server.pin(row.writes ? Cores::all : Cores::first);
    pin(row.writes ? Cores::all : Cores::second);
    const LoadOptions load_options{
        .connections = row.rivals > 0 ? row.rivals : options_.connections,
        .per_second = per_second,
        .never_sleeps = !row.writes};
    LoadOptions livez_options = load_options;
    livez_options.per_second = 0;
    // The first answers of all are those of connections that are being accepted.
    (void)load(server.endpoint(), livez_options, milliseconds(options_.round_ms / 10), ask_livez());
    const auto livez =
        load(server.endpoint(), livez_options, milliseconds(options_.round_ms / 2), ask_livez());
    const Usage before = server.usage();
    const auto result =
        load(server.endpoint(), load_options, milliseconds(options_.round_ms), next);
    const Usage after = server.usage();
    const auto requests = static_cast<double>(result.milliseconds.size());
    if (requests == 0) throw std::runtime_error("nothing was asked in row " + row.name);
    row.errors += errors_of(row, result);
    row.rounds.push_back({.per_second = result.per_second(),
                          .of_livez = result.per_second() / livez.per_second(),
                          .p50 = result.percentile(0.5),
                          .p99 = result.percentile(0.99),
                          .p999 = result.percentile(0.999),
                          .cpu_us = 1e6 * (after.cpu_seconds - before.cpu_seconds) / requests,
                          .mebibytes = after.mebibytes});
  }

  const World& world_;
  Copies& copies_;
  const Options& options_;
};

RowFigures figures_of(const Row& row, const std::string& store) {
  return {
      .store = store,
      .name = row.name,
      .per_second = row.median(&Round::per_second),
      .of_livez = row.name == "livez" ? std::nullopt : std::optional(row.median(&Round::of_livez)),
      .p50_ms = row.median(&Round::p50),
      .p99_ms = row.median(&Round::p99),
      .p999_ms = row.median(&Round::p999),
      .errors = row.errors,
      .cpu_us = row.median(&Round::cpu_us),
      .mebibytes = row.median(&Round::mebibytes)};
}

// ---- what the rows are compared with -----------------------------------------------------

/// The bare server beside /livez of ours, in turns.
RowFigures bare_beast(const ServerProcess& livez, const Options& options) {
  const ServerProcess bare = ServerProcess::bare_beast();
  const LoadOptions load_options{.connections = options.connections, .never_sleeps = true};
  std::vector<double> rates;
  std::vector<double> shares;
  for (int round = 0; round < options.rounds; ++round) {
    pin(Cores::second);
    double rate[2];
    for (const ServerProcess* server : {&bare, &livez}) {
      server->pin(Cores::first);
      rate[server == &livez] =
          load(server->endpoint(), load_options, milliseconds(options.round_ms), ask_livez())
              .per_second();
    }
    rates.push_back(rate[0]);
    shares.push_back(rate[0] / rate[1]);
  }
  pin(Cores::all);
  return {.store = "-",
          .name = "a bare Beast server",
          .per_second = median(rates),
          .of_livez = median(shares)};
}

/// The statements of holds, in batches of 1,024.
RowFigures plain_sqlite(const World& world, Copies& copies, const Options& options) {
  constexpr int batch = 1024;
  std::vector<double> rates;
  for (int round = 0; round < options.rounds; ++round) {
    const std::string url = copies.fresh(Kind::sqlite);
    PlainSqlite db(url.substr(std::string_view("sqlite:").size()));
    const auto now = domain::to_millis(engine::OfficeClock().now());
    const auto start = std::chrono::steady_clock::now();
    const auto end = start + milliseconds(options.round_ms);
    int next = 0;
    while (std::chrono::steady_clock::now() < end && next + batch <= seats_total) {
      db.begin();
      for (int i = 0; i < batch; ++i, ++next) {
        domain::Hold hold = world.free.hold(next);
        hold.user = domain::UserId{world.line[static_cast<std::size_t>(next)]};
        db.hold(world.first_reservation + world_held + next, hold, now, now + 300'000);
      }
      db.commit();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    rates.push_back(next / took.count());
  }
  return {.store = "-", .name = "plain SQLite, 1,024 holds a batch", .per_second = median(rates)};
}

/// A demo that nobody has visited.
RowFigures idle_demo(const Directory& directory) {
  const ServerProcess server(
      {"--demo", "--database=sqlite:" + directory.path() + "/demo.db", "--set=server.threads=2"});
  return {.store = "SQLite", .name = "the demo, idle", .mebibytes = server.usage().mebibytes};
}

void run(const Options& options) {
  const auto against =
      options.against.empty() ? std::nullopt : std::optional(read_figures(options.against));
  const Directory directory("http");
  const World world = make_world(directory.url());
  Copies copies(directory.path(), options.store != "sqlite");
  Figures figures{.machine = this_machine(),
                  .at = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))),
                  .version = ONSALE_VERSION,
                  .connections = options.connections};
  if (options.only.empty()) {
    figures.rows.push_back(
        bare_beast(ServerProcess(world_options(copies.fresh(Kind::sqlite))), options));
    figures.rows.push_back(plain_sqlite(world, copies, options));
    figures.rows.push_back(idle_demo(directory));
  }
  for (const auto& [name, kind] :
       {std::pair("SQLite", Kind::sqlite), std::pair("PostgreSQL", Kind::postgres)}) {
    if ((options.store == "sqlite" && kind == Kind::postgres) ||
        (options.store == "postgres" && kind == Kind::sqlite)) {
      continue;
    }
    std::vector<Row> rows = all_rows();
    std::erase_if(rows,
                  [&](const Row& row) { return row.name.find(options.only) == std::string::npos; });
    if (rows.empty()) throw std::runtime_error("there is no row " + options.only);
    Table(world, copies, options).play(kind, rows);
    for (const Row& row : rows) figures.rows.push_back(figures_of(row, name));
  }
  std::cout << table_of(figures, against);
  // A few rows do not replace all of them.
  const std::string file =
      options.json.empty() && options.only.empty() ? "build/bench.json" : options.json;
  if (!file.empty()) write_figures(figures, file);
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  onsale::bench::Options options;
  CLI::App app("What buyers ask for over HTTP, measured beside /livez");
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("--round-ms", options.round_ms)->check(CLI::Range(3, 600'000));
  app.add_option("--store", options.store)->check(CLI::IsMember({"both", "sqlite", "postgres"}));
  app.add_option("--only", options.only, "Rows with this in their name");
  app.add_option("--json", options.json,
                 "Where the figures go (build/bench.json, but nowhere with --only)");
  app.add_option("--against", options.against, "The figures of an earlier run");
  CLI11_PARSE(app, argc, argv);
  onsale::bench::raise_file_limit();
  return onsale::bench::exit_code_of([&] { onsale::bench::run(options); });
}
