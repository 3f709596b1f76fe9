// How soon do thousands of visitors see that the line has moved, and what does a stream cost?
// Starts a server of its own with as many visitors waiting, opens a stream for each of them, has
// those in front leave, and tells how long it took from asking to leave until each stream had the
// position that this made; and the server's memory and processor time.
//
//   build/release/bench/stream_load --streams 10000
//
// Both ends run on this machine, so the figures have the cost of the listeners in them too.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <iostream>
#include <memory>
#include <thread>

#include "api/wire.h"
#include "app/token_key.h"
#include "bench/server_process.h"
#include "bench/support.h"
#include "engine/office_clock.h"
#include "http/access_token.h"

namespace onsale::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Options {
  int streams = 10'000;
  int turns = 20;          // of one who leaves while nothing else happens
  int busy_seconds = 5;    // while one leaves every
  int busy_pause_ms = 50;  // so many milliseconds
  int server_threads = 1;
};

/// Who waits. Visitor i has number i + 1; those in front leave, those behind listen.
struct Crowd {
  std::vector<domain::VisitorToken> tokens;
  std::string key;  // of access tokens
};

Crowd make_crowd(const Directory& directory, int size) {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  policy.room.session_duration = policy.room.claim_timeout = std::chrono::hours{10};
  const engine::OfficeClock clock;
  const auto store = must(store::open(directory.url(), store::Access::read_write));
  const auto engine = must(engine::Engine::start(*store, clock, policy, {}));
  add_users(*engine, size);
  Tokens tokens;
  return {.tokens = enter_all(*engine, size, tokens), .key = must(app::token_key(*store))};
}

// ---- those who leave -------------------------------------------------------------------

/// When each left who was in front; a stream that shows position p - k has heard of the first k.
class Departures {
 public:
  explicit Departures(int capacity) : times_(static_cast<std::size_t>(capacity)) {}

  /// To be called before asking to leave. One thread.
  void add() { times_[static_cast<std::size_t>(count_.load())] = Clock::now(), ++count_; }
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] Clock::time_point at(int k) const { return times_[static_cast<std::size_t>(k)]; }

 private:
  std::vector<Clock::time_point> times_;
  std::atomic<int> count_ = 0;
};

/// Sends one request after the other, on one connection.
class Leaver {
 public:
  Leaver(const tcp::endpoint& server, const Crowd& crowd)
      : crowd_(crowd), tokens_(crowd.key, std::chrono::hours{10}), socket_(context_) {
    socket_.connect(server);
    socket_.set_option(tcp::no_delay(true));
  }

  /// Whoever is active leaves, and the first who waits becomes it.
  void leave() {
    const std::string visitor = api::token_text(crowd_.tokens[next_++]);
    const http::Identity who{.user_id = static_cast<std::int64_t>(next_)};
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    beast::request<beast::empty_body> request(beast::verb::delete_, "/v1/visitors/" + visitor, 11);
    request.set(beast::field::host, "x");
    request.set(beast::field::authorization, "Bearer " + tokens_.issue(who, now).token);
    beast::write(socket_, request);
    beast::response<beast::string_body> answer;
    beast::read(socket_, buffer_, answer);
    if (answer.result() != beast::status::ok) throw std::runtime_error(answer.body());
  }

 private:
  const Crowd& crowd_;
  http::AccessTokens tokens_;
  asio::io_context context_;
  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  std::size_t next_ = 0;
};

// ---- those who listen ------------------------------------------------------------------

class Listeners;

/// One stream. What it reads lands in a buffer that all share; only what is incomplete is kept.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(Listeners& all, asio::io_context& context) : all_(all), socket_(context) {}

  void connect(const tcp::endpoint& server, const domain::VisitorToken& token);

 private:
  void listen();
  void read();
  void hear(std::string_view text);

  Listeners& all_;
  tcp::socket socket_;
  std::string kept_;
  std::int64_t first_ = 0;  // the position it began with
  int heard_ = 0;           // departures
};

class Listeners {
 public:
  Listeners(const tcp::endpoint& server, const Departures& from)
      : departures(from), server_(server) {}

  /// Opens one stream after the other, and reads them until the process ends.
  void run(std::span<const domain::VisitorToken> tokens) {
    tokens_ = tokens;
    for (int i = 0; i < at_once && next_ < tokens_.size(); ++i) open_next();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Listeners() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  /// For the listeners, on their thread.
  void open_next() {
    if (next_ == tokens_.size()) return;
    std::make_shared<Listener>(*this, context_)->connect(server_, tokens_[next_]);
    ++next_;
  }
  void has_begun() {
    ++begun;
    open_next();
  }
  void has_heard(Clock::time_point of) {
    const auto took = Clock::now() - of;
    delays.push_back(std::chrono::duration<float, std::milli>(took).count());
    ++heard;
  }

  const Departures& departures;
  std::array<char, std::size_t{64} * 1024> buffer{};
  std::vector<float> delays;  // to be read when all is quiet
  std::atomic<std::int64_t> begun = 0;
  std::atomic<std::int64_t> heard = 0;
  std::atomic<std::int64_t> events = 0;
  std::atomic<bool> lost = false;  // a stream ended, though its visitor waits

 private:
  static constexpr int at_once = 64;
  tcp::endpoint server_;
  asio::io_context context_;
  std::span<const domain::VisitorToken> tokens_;
  std::size_t next_ = 0;
  std::thread thread_;
};

void Listener::connect(const tcp::endpoint& server, const domain::VisitorToken& token) {
  socket_.connect(server);
  socket_.non_blocking(true);
  const std::string request =
      "GET /v1/visitors/" + api::token_text(token) + "/stream HTTP/1.1\r\nHost: x\r\n\r\n";
  asio::write(socket_, asio::buffer(request));
  listen();
}

void Listener::listen() {
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->read();
                     });
}

void Listener::read() {
  boost::system::error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(all_.buffer), error);
  if (error && error != asio::error::would_block) {
    all_.lost = true;
    return;
  }
  const std::string_view text(all_.buffer.data(), size);
  if (kept_.empty()) {
    hear(text);
  } else {
    const std::string whole = std::move(kept_).append(text);
    kept_.clear();
    hear(whole);
  }
  listen();
}

void Listener::hear(std::string_view text) {
  constexpr std::string_view mark = "\"position\":";
  constexpr std::string_view end = "\n\n";
  for (auto at = text.find(end); at != std::string_view::npos; at = text.find(end)) {
    const std::string_view event = text.substr(0, at);
    text.remove_prefix(at + end.size());
    const auto place = event.find(mark);
    if (place == std::string_view::npos) continue;
    std::int64_t position = 0;
    std::from_chars(event.data() + place + mark.size(), event.data() + event.size(), position);
    ++all_.events;
    if (first_ == 0) {
      first_ = position;
      all_.has_begun();
    }
    while (heard_ < first_ - position) all_.has_heard(all_.departures.at(heard_++));
  }
  kept_ = text;
}

// ---- the measurement -------------------------------------------------------------------

void wait_until(const Listeners& listeners, const std::atomic<std::int64_t>& count,
                std::int64_t wanted) {
  while (count < wanted) {
    if (listeners.lost) throw std::runtime_error("a stream has ended");
    std::this_thread::sleep_for(milliseconds(1));
  }
}

class Measurement {
 public:
  Measurement(const ServerProcess& server, Listeners& listeners, std::string what)
      : server_(server),
        listeners_(listeners),
        what_(std::move(what)),
        before_(server.usage()),
        events_(listeners.events) {
    listeners_.delays.clear();
  }

  void print() {
    std::vector<float>& delays = listeners_.delays;
    std::ranges::sort(delays);
    const auto at = [&](double share) {
      return delays[static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1))];
    };
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const Usage usage = server_.usage();
    std::cout << fmt::format(
        "{}: newest position after p50 {:.0f} ms, p99 {:.0f} ms, max {:.0f} ms; {:.0f} events/s, "
        "server {:.0f} % of a core, {:.1f} MiB\n",
        what_, at(0.5), at(0.99), at(1), static_cast<double>(listeners_.events - events_) / seconds,
        100 * (usage.cpu_seconds - before_.cpu_seconds) / seconds, usage.mebibytes);
  }

 private:
  const ServerProcess& server_;
  Listeners& listeners_;
  std::string what_;
  Clock::time_point start_ = Clock::now();
  Usage before_;
  std::int64_t events_ = 0;
};

void open_all(const ServerProcess& server, Listeners& listeners,
              std::span<const domain::VisitorToken> tokens) {
  const Usage before = server.usage();
  const auto start = Clock::now();
  listeners.run(tokens);
  const auto count = static_cast<std::int64_t>(tokens.size());
  wait_until(listeners, listeners.begun, count);
  const auto took = std::chrono::duration<double>(Clock::now() - start).count();
  const Usage after = server.usage();
  std::cout << fmt::format(
      "{} streams open after {:.2f} s; the server has {:.1f} MiB, before {:.1f} MiB: {:.0f} bytes "
      "a stream\n",
      count, took, after.mebibytes, before.mebibytes,
      (after.mebibytes - before.mebibytes) * (1 << 20) / static_cast<double>(count));
}

void measure_idle(const ServerProcess& server) {
  const Usage before = server.usage();
  const auto start = Clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::cout << fmt::format("while nothing happens: server {:.1f} % of a core\n",
                           100 * (server.usage().cpu_seconds - before.cpu_seconds) / seconds);
}

void run(const Options& options) {
  const int busy = options.busy_seconds * 1000 / options.busy_pause_ms;
  const int leavers = options.turns + busy;
  const Directory directory("streams");
  const Crowd crowd = make_crowd(directory, leavers + 1 + options.streams);
  const ServerProcess server(
      {"--database=" + directory.url(), "--set=waiting_room.active_sessions_max=1",
       "--set=waiting_room.session_duration=10h", "--set=waiting_room.claim_timeout=10h",
       "--set=server.threads=" + std::to_string(options.server_threads)});
  Leaver leaver(server.endpoint(), crowd);
  Departures departures(leavers);
  Listeners listeners(server.endpoint(), departures);
  open_all(server, listeners,
           std::span(crowd.tokens).subspan(static_cast<std::size_t>(leavers) + 1));
  measure_idle(server);

  Measurement quiet(server, listeners, fmt::format("one leaves, {} times", options.turns));
  for (int i = 0; i < options.turns; ++i) {
    departures.add();
    leaver.leave();
    wait_until(listeners, listeners.heard, std::int64_t{options.streams} * departures.count());
    std::this_thread::sleep_for(milliseconds(37 * (i % 7)));  // at no fixed place between two looks
  }
  quiet.print();

  Measurement moving(server, listeners,
                     fmt::format("one leaves every {} ms", options.busy_pause_ms));
  for (int i = 0; i < busy; ++i) {
    departures.add();
    leaver.leave();
    std::this_thread::sleep_until(departures.at(departures.count() - 1) +
                                  milliseconds(options.busy_pause_ms));
  }
  wait_until(listeners, listeners.heard, std::int64_t{options.streams} * departures.count());
  moving.print();
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  onsale::bench::Options options;
  CLI::App app("Streams of a waiting room under load");
  app.add_option("--streams", options.streams)->check(CLI::Range(1, 1'000'000));
  app.add_option("--turns", options.turns)->check(CLI::Range(1, 10'000));
  app.add_option("--busy-seconds", options.busy_seconds)->check(CLI::Range(1, 3600));
  app.add_option("--busy-pause-ms", options.busy_pause_ms)->check(CLI::Range(1, 1000));
  app.add_option("--server-threads", options.server_threads)->check(CLI::Range(1, 256));
  CLI11_PARSE(app, argc, argv);
  onsale::bench::raise_file_limit();
  try {
    onsale::bench::run(options);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
