#include "http/server.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "http/worker.h"

namespace onsale::http {

namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

/// Connections beyond the limit that are being told so; further ones are just closed.
constexpr std::size_t kRefusalsMax = 1024;
/// Files of the process that are no connections: database, logs, event loops, ...
constexpr std::size_t kOtherFiles = 256;
constexpr milliseconds kAcceptPause{50};
/// How long handlers that were cut off may take to notice.
constexpr milliseconds kUnwindTime{1000};

void check(bool fine, const char* what) {
  if (!fine) throw std::invalid_argument(what);
}

void check(const ServerConfig& config) {
  const auto is_time = [](milliseconds time) {
    return time > milliseconds(0) && time <= std::chrono::hours(24);
  };
  check(config.threads >= 1 && config.threads <= 256, "server.threads must be 1 to 256");
  check(config.header_bytes_max >= 256 && config.header_bytes_max <= std::size_t{1024} * 1024,
        "server.header_bytes_max must be 256 to 1048576 bytes");
  check(config.connections_max >= 1 && config.connections_max <= 1'000'000,
        "server.connections_max must be 1 to 1000000");
  check(config.backlog >= 1, "server.backlog must be at least 1");
  check(is_time(config.idle_timeout), "server.idle_timeout must be above 0 and at most 24h");
  check(is_time(config.header_timeout), "server.header_timeout must be above 0 and at most 24h");
  check(is_time(config.body_timeout), "server.body_timeout must be above 0 and at most 24h");
  check(is_time(config.write_timeout), "server.write_timeout must be above 0 and at most 24h");
  check(is_time(config.linger_timeout), "server.linger_timeout must be above 0 and at most 24h");
  check(is_time(config.overload_retry_after),
        "server.overload_retry_after must be above 0 and at most 24h");
}

/// Raises the limit of open files as far as needed and allowed; returns how many connections fit.
std::size_t connections_that_fit(std::size_t wanted) {
  const rlim_t files = wanted + kRefusalsMax + kOtherFiles;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= files) return wanted;
  limit.rlim_cur = std::min(files, limit.rlim_max);
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  (void)getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= files) return wanted;
  const std::size_t reserved = kRefusalsMax + kOtherFiles;
  const std::size_t fit =
      limit.rlim_cur > 2 * reserved ? limit.rlim_cur - reserved : limit.rlim_cur / 2;
  spdlog::warn("only {} files may be open: connections are limited to {} instead of {}",
               limit.rlim_cur, fit, wanted);
  return fit;
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerConfig config, const Dispatcher& dispatcher, Metrics* metrics)
      : config_(std::move(config)), dispatcher_(dispatcher), metrics_(metrics) {
    check(config_);
  }

  std::uint16_t start();
  bool drain(milliseconds deadline);
  [[nodiscard]] std::size_t open() const;

 private:
  void listen(const tcp::endpoint& endpoint);
  asio::awaitable<void> accept_all();
  void accept_backlog();
  void hand_over(Worker& worker, Connection::Socket socket);
  [[nodiscard]] Worker& least_loaded() const;
  bool end(Worker& worker, std::chrono::steady_clock::time_point deadline);

  ServerConfig config_;
  const Dispatcher& dispatcher_;
  Metrics* metrics_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Acceptor> acceptor_;  // lives on the first worker's thread
  bool stopping_ = false;               // that thread only
  std::mutex drain_mutex_;
  std::optional<bool> drained_;
};

void Server::Impl::listen(const tcp::endpoint& endpoint) {
  acceptor_ = std::make_unique<Acceptor>(workers_.front()->context());
  acceptor_->open(endpoint.protocol());
  acceptor_->set_option(Acceptor::reuse_address(true));
  acceptor_->bind(endpoint);
  acceptor_->listen(config_.backlog);
  acceptor_->non_blocking(true);
}

std::uint16_t Server::Impl::start() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(config_.address, error);
  if (error) throw std::system_error(error, "not a numeric address: " + config_.address);
  config_.connections_max = connections_that_fit(config_.connections_max);
  for (std::size_t i = 0; i < config_.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(config_, dispatcher_, metrics_));
  }
  try {
    listen(tcp::endpoint(address, config_.port));
  } catch (const boost::system::system_error& failure) {
    acceptor_.reset();
    workers_.clear();
    throw std::system_error(
        failure.code(), "cannot listen on " + config_.address + ":" + std::to_string(config_.port));
  }
  const std::uint16_t port = acceptor_->local_endpoint().port();
  asio::co_spawn(workers_.front()->context(), accept_all(), asio::detached);
  for (auto& worker : workers_) worker->start();
  return port;
}

Worker& Server::Impl::least_loaded() const {
  return **std::ranges::min_element(workers_, {},
                                    [](const auto& worker) { return worker->open(); });
}

std::size_t Server::Impl::open() const {
  std::size_t sum = 0;
  for (const auto& worker : workers_) sum += worker ? worker->open() : 0;
  return sum;
}

void Server::Impl::hand_over(Worker& worker, Connection::Socket socket) {
  const std::size_t others = open();
  if (others >= config_.connections_max + kRefusalsMax) return;  // closes it
  worker.adopt(std::move(socket), others >= config_.connections_max);
}

asio::awaitable<void> Server::Impl::accept_all() {
  asio::basic_waitable_timer<std::chrono::steady_clock> pause(workers_.front()->context());
  while (!stopping_) {
    Worker& worker = least_loaded();
    auto [error, socket] =
        co_await acceptor_->async_accept(worker.context(), asio::as_tuple(asio::deferred));
    if (!error) {
      try {
        hand_over(worker, std::move(socket));
      } catch (const std::exception& failure) {  // out of memory for one more connection
        spdlog::error("cannot take a connection: {}", failure.what());
      }
    } else if (error != asio::error::operation_aborted &&
               error != asio::error::connection_aborted) {
      spdlog::warn("cannot accept connections at the moment: {}", error.message());
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::as_tuple(asio::deferred));
    }
  }
  accept_backlog();
  for (auto& each : workers_) each->drain();
}

/// Takes what the kernel has already accepted for us, then closes the door.
void Server::Impl::accept_backlog() {
  boost::system::error_code error;
  while (!error) {
    Worker& worker = least_loaded();
    Connection::Socket socket(worker.context());
    acceptor_->accept(socket, error);
    if (!error) hand_over(worker, std::move(socket));
  }
  acceptor_->close(error);
}

/// True if the worker ended without an answer being cut off. Leaves a null in place of a worker
/// that handlers still refer to.
bool Server::Impl::end(Worker& worker, std::chrono::steady_clock::time_point deadline) {
  bool clean = worker.ended_by(deadline);
  if (!clean) {
    clean = !worker.cut_off();
    (void)worker.ended_by(std::chrono::steady_clock::now() + kUnwindTime);
  }
  worker.stop();
  return clean;
}

bool Server::Impl::drain(milliseconds deadline) {
  const std::scoped_lock lock(drain_mutex_);
  if (drained_ || workers_.empty()) return drained_.value_or(true);
  const auto until = std::chrono::steady_clock::now() + deadline;
  asio::post(workers_.front()->context(), [this] {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_->cancel(ignored);
  });
  bool clean = true;
  for (auto& worker : workers_) clean = end(*worker, until) && clean;
  acceptor_.reset();
  for (auto& worker : workers_) {
    if (worker->open() == 0) continue;
    spdlog::error("{} handlers never returned; their event loop is left behind", worker->open());
    (void)worker.release();
  }
  drained_ = clean;
  return clean;
}

Server::Server(ServerConfig config, const Dispatcher& dispatcher, Metrics* metrics)
    : impl_(std::make_unique<Impl>(std::move(config), dispatcher, metrics)) {}

Server::~Server() { drain(milliseconds(0)); }

std::uint16_t Server::start() { return impl_->start(); }

bool Server::drain(milliseconds deadline) { return impl_->drain(deadline); }

std::size_t Server::open_connections() const { return impl_->open(); }

}  // namespace onsale::http
