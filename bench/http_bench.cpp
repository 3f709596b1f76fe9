// The waiting room over HTTP beside the cheapest answer of the same server: /livez, which is the
// ceiling, looking where one stands, and entering, which is answered when it is on the disk.
//
//   build/release/bench/http_bench
//
// Who reads is answered by one thread: the server has the first core then and the load the second.
// Who enters is answered when a batch of the committer, another thread, is on the disk: then both
// have both cores. Each is compared with /livez in the same place. The rows take turns, several
// rounds of them, and each figure is the median of its rounds: what disturbs the machine meets all
// rows alike.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "api/wire.h"
#include "app/token_key.h"
#include "bench/http_load.h"
#include "bench/server_process.h"
#include "bench/support.h"
#include "http/access_token.h"

namespace onsale::bench {
namespace {

using std::chrono::milliseconds;

struct Options {
  int connections = 2048;  // many at once: that is what there is a waiting room for
  int rounds = 5;
  int round_ms = 2000;
  int waiting = 10'000;
  int people = 400'000;  // who can still enter
  int server_threads = 1;
  std::string only;  // the row to play, to profile it meanwhile
};

/// Users 1 … waiting stand in the room, the others are still to come.
struct Crowd {
  std::vector<domain::VisitorToken> tokens;
  std::string key;  // of access tokens
};

Crowd make_crowd(const Directory& directory, const Options& options) {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  policy.room.session_duration = policy.room.claim_timeout = std::chrono::hours{10};
  const engine::SystemClock clock;
  const auto store = must(store::open(directory.url(), store::Access::read_write));
  const auto engine = must(engine::Engine::start(*store, clock, policy, {}));
  add_users(*engine, options.waiting + options.people);
  Tokens tokens;
  return {.tokens = enter_all(*engine, options.waiting, tokens),
          .key = must(app::token_key(*store))};
}

// ---- requests --------------------------------------------------------------------------

class Requests {
 public:
  Requests(const Crowd& crowd, const Options& options)
      : crowd_(crowd), entries_(entries(crowd.key, options)) {}

  std::string_view livez() const { return "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"; }

  /// Another visitor each time.
  std::string_view poll() {
    text_ = "GET /v1/visitors/";
    text_ += api::token_text(crowd_.tokens[next_visitor_++ % crowd_.tokens.size()]);
    text_ += " HTTP/1.1\r\nHost: x\r\n\r\n";
    return text_;
  }

  /// Another user each time; none when all are in.
  std::string_view enter() {
    if (next_entry_ == entries_.size()) return {};
    text_ = "POST /v1/waiting-rooms/1/visitors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ";
    text_ += entries_[next_entry_++];
    text_ += "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    return text_;
  }

 private:
  /// The access tokens of those who are still to come, made beforehand, since that takes longer
  /// than anything else here; in no order, as people come.
  static std::vector<std::string> entries(const std::string& key, const Options& options) {
    const http::AccessTokens access(key, std::chrono::hours{10});
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    std::vector<std::string> tokens;
    for (int i = 1; i <= options.people; ++i) {
      tokens.push_back(access.issue({.user_id = options.waiting + i}, now).token);
    }
    std::ranges::shuffle(tokens, std::mt19937_64(1));
    return tokens;
  }

  const Crowd& crowd_;
  std::size_t next_visitor_ = 0;
  std::vector<std::string> entries_;
  std::size_t next_entry_ = 0;
  std::string text_;
};

// ---- rows ------------------------------------------------------------------------------

struct Round {
  double per_second = 0;
  double p50 = 0;
  double p99 = 0;
  double cpu_microseconds = 0;  // of the server, per request
};

struct Row {
  std::string name;
  NextRequest next;
  bool apart = true;  // each side has a core of its own
  std::vector<Round> rounds = {};
  std::int64_t failures = 0;

  [[nodiscard]] double median(double Round::* figure) const {
    std::vector<double> values;
    for (const Round& round : rounds) values.push_back(round.*figure);
    return bench::median(std::move(values));
  }
};

void play(Row& row, const ServerProcess& server, const Options& options, milliseconds duration,
          bool counts) {
  server.pin(row.apart ? Cores::first : Cores::all);
  pin(row.apart ? Cores::second : Cores::all);
  const Usage before = server.usage();
  const LoadResult result =
      load(server.endpoint(), {.connections = options.connections, .never_sleeps = row.apart},
           duration, row.next);
  const Usage after = server.usage();
  const auto requests = static_cast<double>(result.milliseconds.size());
  if (requests == 0) throw std::runtime_error("nobody is left to enter; give more --people");
  row.failures += std::ssize(result.milliseconds) - result.answers[2];
  if (!counts) return;
  row.rounds.push_back(
      {.per_second = result.per_second(),
       .p50 = result.percentile(0.5),
       .p99 = result.percentile(0.99),
       .cpu_microseconds = 1e6 * (after.cpu_seconds - before.cpu_seconds) / requests});
}

void print(const std::vector<Row>& rows) {
  std::cout << fmt::format("{:<20}{:>12}{:>10}{:>10}{:>10}{:>14}{:>8}\n", "", "requests/s",
                           "of livez", "p50 ms", "p99 ms", "server us/req", "errors");
  double ceiling = 0;
  for (const Row& row : rows) {
    const double rate = row.median(&Round::per_second);
    if (row.name.starts_with("livez") || ceiling == 0) ceiling = rate;
    std::cout << fmt::format("{:<20}{:>12.0f}{:>9.1f}%{:>10.2f}{:>10.2f}{:>14.1f}{:>8}\n", row.name,
                             rate, 100 * rate / ceiling, row.median(&Round::p50),
                             row.median(&Round::p99), row.median(&Round::cpu_microseconds),
                             row.failures);
  }
}

void run(const Options& options) {
  const Directory directory("http");
  const Crowd crowd = make_crowd(directory, options);
  const ServerProcess server(
      {"--database=" + directory.url(), "--set=waiting_room.active_sessions_max=1",
       "--set=waiting_room.session_duration=10h", "--set=waiting_room.claim_timeout=10h",
       "--set=server.threads=" + std::to_string(options.server_threads)});
  Requests requests(crowd, options);
  std::vector<Row> rows{
      {.name = "livez", .next = [&] { return requests.livez(); }},
      {.name = "poll", .next = [&] { return requests.poll(); }},
      {.name = "livez, both cores", .next = [&] { return requests.livez(); }, .apart = false},
      {.name = "enter, both cores", .next = [&] { return requests.enter(); }, .apart = false},
  };
  std::erase_if(rows,
                [&](const Row& row) { return !options.only.empty() && row.name != options.only; });
  for (Row& row : rows) play(row, server, options, milliseconds(500), false);
  for (int round = 0; round < options.rounds; ++round) {
    for (Row& row : rows) play(row, server, options, milliseconds(options.round_ms), true);
  }
  print(rows);
  std::cout << fmt::format("the server has {:.1f} MiB\n", server.usage().mebibytes);
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  onsale::bench::Options options;
  CLI::App app("The waiting room over HTTP");
  app.allow_extras();  // `./dev bench` gives all programs the options of Google Benchmark
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("--round-ms", options.round_ms)->check(CLI::Range(1, 600'000));
  app.add_option("--waiting", options.waiting)->check(CLI::Range(1, 10'000'000));
  app.add_option("--people", options.people)->check(CLI::Range(1, 100'000'000));
  app.add_option("--server-threads", options.server_threads)->check(CLI::Range(1, 256));
  app.add_option("--only", options.only)
      ->check(CLI::IsMember({"livez", "poll", "livez, both cores", "enter, both cores"}));
  CLI11_PARSE(app, argc, argv);
  onsale::bench::raise_file_limit();
  return onsale::bench::exit_code_of([&] { onsale::bench::run(options); });
}
