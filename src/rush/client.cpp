#include "rush/client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <charconv>

namespace onsale::rush {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::deferred);
constexpr std::size_t body_max = std::size_t{64} * 1024 * 1024;

http::request<http::string_body> message_of(const Request& request, const ServerUrl& server) {
  http::request<http::string_body> message(request.method, server.prefix + request.path, 11);
  message.set(http::field::host, server.host + ":" + server.port);
  if (!request.bearer.empty()) {
    message.set(http::field::authorization, "Bearer " + request.bearer);
  }
  if (!request.idempotency_key.empty()) message.set("Idempotency-Key", request.idempotency_key);
  if (!request.body.empty()) {
    message.set(http::field::content_type, "application/json");
    message.body() = request.body;
  }
  message.prepare_payload();
  return message;
}

Answer answer_of(http::response<http::string_body> message) {
  Answer answer{.status = static_cast<int>(message.result_int())};
  const auto after = message[http::field::retry_after];
  std::int64_t seconds = 0;
  const auto read = std::from_chars(after.data(), after.data() + after.size(), seconds);
  if (read.ec == std::errc() && seconds >= 0) answer.retry_after = std::chrono::seconds{seconds};
  answer.body = std::move(message.body());
  return answer;
}

Answer no_answer(error_code failed, bool sent) {
  auto lost = sent ? Answer::Lost::cut : Answer::Lost::unsent;
  if (failed == beast::error::timeout) lost = Answer::Lost::late;
  return {.lost = lost, .body = {}, .retry_after = {}, .trouble = failed.message()};
}

}  // namespace

std::expected<ServerUrl, std::string> ServerUrl::parse(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->host().empty()) {
    return std::unexpected("is not a URL such as http://127.0.0.1:8080");
  }
  if (url->scheme() != "http") return std::unexpected("must begin with http://");
  if (url->has_userinfo() || url->has_query() || url->has_fragment()) {
    return std::unexpected("must name the server only, without a user or a query");
  }
  std::string prefix(url->encoded_path());
  while (prefix.ends_with('/')) prefix.pop_back();
  return ServerUrl{.host = url->host_address(),
                   .port = url->has_port() ? std::string(url->port()) : "80",
                   .prefix = std::move(prefix)};
}

class Client::Connection {
 public:
  explicit Connection(asio::io_context& context) : stream_(context) {}

  [[nodiscard]] bool used() const { return used_; }
  [[nodiscard]] bool kept() const { return kept_; }
  /// So long that the server may be about to close it.
  [[nodiscard]] bool idle_long() const {
    constexpr std::chrono::seconds trusted{5};
    return kept_ && std::chrono::steady_clock::now() - answered_at_ > trusted;
  }

  asio::awaitable<error_code> connect(const tcp::resolver::results_type& places,
                                      std::chrono::milliseconds patience) {
    error_code failed = asio::error::host_not_found;
    for (const auto& place : places) {
      stream_.expires_after(patience);
      const auto [refused] = co_await stream_.async_connect(place.endpoint(), as_tuple);
      failed = refused;
      if (failed) continue;
      error_code ignored;
      stream_.socket().set_option(tcp::no_delay(true), ignored);
      break;
    }
    co_return failed;
  }

  asio::awaitable<std::expected<Answer, error_code>> exchange(
      const http::request<http::string_body>& message, std::chrono::milliseconds patience) {
    used_ = std::exchange(kept_, false);
    stream_.expires_after(patience);
    const auto [unsent, sent] = co_await http::async_write(stream_, message, as_tuple);
    if (unsent) co_return std::unexpected(unsent);
    http::response_parser<http::string_body> parser;
    parser.body_limit(body_max);
    const auto [lost, read] = co_await http::async_read(stream_, buffer_, parser, as_tuple);
    if (lost) co_return std::unexpected(lost);
    kept_ = parser.get().keep_alive();
    answered_at_ = std::chrono::steady_clock::now();
    co_return answer_of(parser.release());
  }

 private:
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  bool used_ = false;  // it had answered before the exchange under way
  bool kept_ = false;  // it may be used again
  std::chrono::steady_clock::time_point answered_at_;
};

Client::Client(asio::io_context& context, ServerUrl server, ClientLimits limits)
    : context_(context), server_(std::move(server)), limits_(limits) {}

Client::~Client() = default;

asio::awaitable<std::unique_ptr<Client::Connection>> Client::take() {
  while (idle_.empty() && open_ >= limits_.connections_max) {
    asio::steady_timer turn(context_, asio::steady_timer::time_point::max());
    waiting_.push_back(&turn);
    co_await turn.async_wait(as_tuple);
  }
  if (idle_.empty()) {
    ++open_;
    co_return std::make_unique<Connection>(context_);
  }
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  co_return connection;
}

/// The server's address is asked for once.
asio::awaitable<error_code> Client::connect(Connection& connection) {
  if (places_.empty()) {
    tcp::resolver resolver(context_);
    const auto [unknown, places] =
        co_await resolver.async_resolve(server_.host, server_.port, as_tuple);
    if (unknown) co_return unknown;
    places_ = places;
  }
  co_return co_await connection.connect(places_, limits_.patience);
}

void Client::put(std::unique_ptr<Connection> connection) {
  if (connection->kept()) {
    idle_.push_back(std::move(connection));
  } else {
    --open_;
  }
  wake_next();
}

void Client::wake_next() {
  if (waiting_.empty()) return;
  waiting_.front()->cancel();
  waiting_.pop_front();
}

asio::awaitable<Answer> Client::ask(Request request) {
  const auto message = message_of(request, server_);
  for (;;) {
    auto connection = co_await take();
    if (!request.repeatable && connection->idle_long()) {
      connection = std::make_unique<Connection>(context_);
    }
    error_code failed;
    if (!connection->kept()) failed = co_await connect(*connection);
    std::expected<Answer, error_code> answer = std::unexpected(failed);
    const bool sent = !failed;
    if (sent) answer = co_await connection->exchange(message, limits_.patience);
    // A server may close a connection that nobody used for a while, just when it is used.
    const bool again = request.repeatable && !answer && connection->used() &&
                       answer.error() != beast::error::timeout;
    put(std::move(connection));
    if (answer) co_return *std::move(answer);
    if (!again) co_return no_answer(answer.error(), sent);
  }
}

}  // namespace onsale::rush
