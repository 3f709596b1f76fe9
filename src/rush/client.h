// An HTTP/1.1 client for very many at once: a pool of connections that are kept, and shared by
// whoever has something to ask.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/verb.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::rush {

namespace asio = boost::asio;
using verb = boost::beast::http::verb;

/// Where the server is: "http://127.0.0.1:8080".
struct ServerUrl {
  std::string host;
  std::string port;
  std::string prefix;  ///< before each path; empty, or "/box" without a slash at its end

  /// Or what is wrong with it. https is not spoken.
  [[nodiscard]] static std::expected<ServerUrl, std::string> parse(std::string_view text);
};

struct Request {
  verb method = verb::get;
  std::string path;
  std::string body;             ///< JSON; empty for none
  std::string bearer;           ///< of an account or a queue; empty for none
  std::string idempotency_key;  ///< empty for none
  bool repeatable = true;       ///< does no more when it is asked twice
};

struct Answer {
  /// What became of a request without an answer.
  enum class Lost : std::uint8_t {
    no,
    unsent,  ///< there was no connection
    cut,     ///< it ended before the answer: what the server did is not known
    late,    ///< nothing came for as long as the client waits
  };

  int status = 0;  ///< 0 if there was none: then `lost` and `trouble` say why
  Lost lost = Lost::no;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
  std::string trouble;

  [[nodiscard]] bool fine() const { return status >= 200 && status < 300; }
};

struct ClientLimits {
  std::size_t connections_max = 1000;
  std::chrono::milliseconds patience{30'000};      ///< for one answer
  std::chrono::milliseconds retry_within{60'000};  ///< for all tries of one thing; see retry.h
};

/// One thread: that of its context, which must outlive it and all that ask.
class Client {
 public:
  Client(asio::io_context& context, ServerUrl server, ClientLimits limits);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Waits for a connection that is free if there are no more to be had, then for the answer. A
  /// kept connection that turns out to be closed is replaced, and what is repeatable is asked
  /// again; what is not goes over a connection that was used a moment ago, or a new one. Throws
  /// nothing but std::bad_alloc.
  asio::awaitable<Answer> ask(Request request);

  [[nodiscard]] std::size_t connections() const { return open_; }
  [[nodiscard]] const ClientLimits& limits() const { return limits_; }

 private:
  class Connection;

  asio::awaitable<std::unique_ptr<Connection>> take();
  asio::awaitable<boost::system::error_code> connect(Connection& connection);
  void put(std::unique_ptr<Connection> connection);
  void wake_next();

  asio::io_context& context_;
  const ServerUrl server_;
  const ClientLimits limits_;
  asio::ip::tcp::resolver::results_type places_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::deque<asio::steady_timer*> waiting_;  // each belongs to the coroutine that waits
  std::size_t open_ = 0;                     // idle or not
};

}  // namespace onsale::rush
