#include "http/worker.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "http/answer_writer.h"

namespace onsale::http {

namespace {

using std::chrono::milliseconds;

/// Often enough that no timeout is overrun by more than a quarter, and the date by that of a
/// second.
milliseconds tick_interval(const ServerConfig& config) {
  const milliseconds shortest =
      std::min({config.idle_timeout, config.header_timeout, config.body_timeout,
                config.write_timeout, config.linger_timeout});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(250));
}

}  // namespace

Worker::Worker(const ServerConfig& config, const Dispatcher& dispatcher, Metrics* metrics)
    : config_(config),
      dispatcher_(dispatcher),
      metrics_(metrics),
      guard_(asio::make_work_guard(context_)),
      timer_(context_),
      tick_interval_(tick_interval(config)),
      streams_(context_, config, metrics, [this] { count_end(); }) {}

Worker::~Worker() = default;

void Worker::start() {
  tick();
  thread_ = std::thread([this] {
    context_.run();
    ended_promise_.set_value();
  });
}

void Worker::tick() {
  const auto second = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())
                          .time_since_epoch()
                          .count();
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(second);
  }
  const auto now = std::chrono::steady_clock::now();
  for (Connection& connection : connections_) connection.check_deadline(now);
  if (draining_ && open() == 0) return;  // the loop is about to run out of work
  timer_.expires_after(tick_interval_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) tick();
  });
}

void Worker::adopt(Connection::Socket socket, bool refuse) {
  open_.fetch_add(1, std::memory_order_relaxed);
  if (metrics_) metrics_->open_connections().Increment();
  asio::co_spawn(context_, host(std::move(socket), refuse), asio::detached);
}

asio::awaitable<void> Worker::host(Connection::Socket socket, bool refuse) {
  try {
    std::optional<StreamStart> stream;
    {
      Connection connection(*this, std::move(socket));
      connections_.push_back(connection);
      if (refuse) {
        co_await connection.run_refused();
      } else {
        stream = co_await connection.run();
      }
    }
    if (stream) {
      streams_.open(std::move(*stream));
      co_return;
    }
  } catch (const std::exception& error) {
    spdlog::error("a connection failed: {}", error.what());
  }
  count_end();
}

void Worker::count_end() {
  open_.fetch_sub(1, std::memory_order_relaxed);
  if (metrics_) metrics_->open_connections().Decrement();
  end_if_done();
}

void Worker::count_refusal(const Problem& problem) {
  if (metrics_) metrics_->refused(problem.type().slug).Increment();
}

void Worker::drain() {
  asio::post(context_, [this] {
    draining_ = true;
    for (Connection& connection : connections_) connection.drain();
    streams_.drain();
    end_if_done();
  });
}

void Worker::end_if_done() {
  if (!draining_ || open() > 0) return;
  timer_.cancel();
  guard_.reset();
}

bool Worker::ended_by(std::chrono::steady_clock::time_point deadline) {
  return ended_.wait_until(deadline) == std::future_status::ready;
}

bool Worker::cut_off() {
  std::promise<bool> promise;
  auto owed = promise.get_future();
  asio::post(context_, [this, &promise] {
    bool any = false;
    for (Connection& connection : connections_) any = connection.cut_off() || any;
    promise.set_value(any);
  });
  // If the thread has just ended, nobody runs the question any more: then nothing was owed.
  while (owed.wait_for(milliseconds(1)) != std::future_status::ready) {
    if (ended_by(std::chrono::steady_clock::now())) return false;
  }
  return owed.get();
}

void Worker::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace onsale::http
