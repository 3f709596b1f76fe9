// One I/O thread of the server: an event loop, the connections that live on it, and the tick that
// finds those whose time is up. Deadlines are found by walking the connections a few times a second
// instead of arming a timer for each read and write: that costs nothing on the path of a request.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "http/connection.h"
#include "http/open_streams.h"
#include "http/server.h"

namespace onsale::http {

class Worker {
 public:
  /// All three must outlive the worker; `metrics` may be null.
  Worker(const ServerConfig& config, const Dispatcher& dispatcher, Metrics* metrics);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();

  /// Takes over a fresh connection; with `refuse` it only gets a 503. Any thread.
  void adopt(Connection::Socket socket, bool refuse);
  /// Finishes what is under way, closes what is idle and all streams, and ends the thread when all
  /// are gone. Any thread, after the last adopt.
  void drain();
  /// Waits for the thread to end after drain.
  [[nodiscard]] bool ended_by(std::chrono::steady_clock::time_point deadline);
  /// Closes all sockets. True if any of them still owed an answer. Blocks; not from this thread.
  bool cut_off();
  /// Stops the loop whatever is on it and joins the thread. Afterwards, if open() is not zero, the
  /// worker must not be destroyed: handlers still refer to it.
  void stop();

  /// Connections handed over and not closed yet. Any thread.
  [[nodiscard]] std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  [[nodiscard]] asio::io_context& context() { return context_; }

  // For its connections, on its thread:
  [[nodiscard]] const ServerConfig& config() const { return config_; }
  [[nodiscard]] const Dispatcher& dispatcher() const { return dispatcher_; }
  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] std::string_view date() const { return date_; }
  void count_refusal(const Problem& problem);
  /// An empty string with room for answers, to be swapped for one's own: only who has something to
  /// send needs room, and what was used a moment ago is still in the cache.
  [[nodiscard]] std::string& spare() { return spare_; }

 private:
  asio::awaitable<void> host(Connection::Socket socket, bool refuse);
  void tick();
  void count_end();
  void end_if_done();

  const ServerConfig& config_;
  const Dispatcher& dispatcher_;
  Metrics* metrics_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  asio::basic_waitable_timer<std::chrono::steady_clock> timer_;
  std::chrono::milliseconds tick_interval_;
  boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>> connections_;
  OpenStreams streams_;
  std::atomic<std::size_t> open_ = 0;
  bool draining_ = false;
  std::int64_t date_second_ = 0;
  std::string date_;
  std::string spare_;
  std::promise<void> ended_promise_;
  std::future<void> ended_ = ended_promise_.get_future();
  std::thread thread_;
};

}  // namespace onsale::http
