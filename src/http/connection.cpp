#include "http/connection.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include "http/answer_writer.h"
#include "http/worker.h"

namespace onsale::http {

namespace {

namespace http_error = boost::beast::http;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::deferred);

constexpr std::size_t kReadBytesMin = 4096;
constexpr std::size_t kReadBytesMax = std::size_t{64} * 1024;
/// Bodies up to this are copied behind their head and may share a write with other answers; the
/// system takes larger ones from where they are.
constexpr std::size_t kSmallBodyBytes = std::size_t{2} * 1024;
/// Pipelined answers are gathered up to this.
constexpr std::size_t kGatherBytes = std::size_t{64} * 1024;
/// Buffers that grew beyond this are not kept for the next request.
constexpr std::size_t kKeptBytes = std::size_t{64} * 1024;
/// What a client may still send after our last answer before we stop listening.
constexpr std::size_t kLingerBytes = std::size_t{16} * 1024 * 1024;

}  // namespace

Connection::Connection(Worker& worker, Socket socket)
    : worker_(worker),
      socket_(std::move(socket)),
      buffer_(worker.config().header_bytes_max + 2 * kReadBytesMax),
      read_size_(kReadBytesMin) {
  error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  socket_.non_blocking(true, error);
  const auto peer = socket_.remote_endpoint(error);
  if (!error) request_.remote_address = peer.address().to_string();
}

void Connection::enter(Phase phase) {
  const ServerConfig& config = worker_.config();
  phase_ = phase;
  timed_out_ = false;
  switch (phase) {
    case Phase::idle:
      deadline_ = Clock::now() + config.idle_timeout;
      break;
    case Phase::header:
      deadline_ = Clock::now() + config.header_timeout;
      break;
    case Phase::body:
      deadline_ = Clock::now() + config.body_timeout;
      break;
    case Phase::handling:
      deadline_ = Clock::time_point::max();
      break;
    case Phase::writing:
      deadline_ = Clock::now() + config.write_timeout;
      break;
    case Phase::lingering:
      deadline_ = Clock::now() + config.linger_timeout;
      break;
  }
}

void Connection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  error_code error;
  // A request that has reached this machine counts as accepted, though nobody has read it yet.
  if (phase_ != Phase::idle || socket_.available(error) > 0) return;
  socket_.cancel(error);
}

bool Connection::cut_off() {
  error_code ignored;
  socket_.close(ignored);
  return phase_ != Phase::idle && phase_ != Phase::lingering;
}

void Connection::begin_request() {
  std::string body = std::move(request_.body);
  if (body.capacity() > kKeptBytes) std::string().swap(body);  // to assign one would keep it
  body.clear();
  if (buffer_.size() == 0 && read_size_ == kReadBytesMin && buffer_.capacity() > kReadBytesMax) {
    buffer_.shrink_to_fit();
  }
  request_.clear();
  refusal_.reset();
  header_done_ = false;
  keep_alive_ = false;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(worker_.config().header_bytes_max));
  parser_->body_limit(boost::none);  // the route's limit is checked once the header is known
  parser_->get().body() = std::move(body);
  enter(buffer_.size() == 0 ? Phase::idle : Phase::header);
}

Connection::Parse Connection::parse() {
  while (buffer_.size() > 0) {
    const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    if (!parser_->got_some() && bytes.front() == '\r') {
      // RFC 9112 section 2.2: empty lines before a request are ignored.
      if (bytes.size() == 1) return Parse::need_more;
      if (bytes[1] == '\n') {
        buffer_.consume(2);
        continue;
      }
    }
    error_code error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == http_error::error::need_more) {
      // Only lines have to be complete to be parsed, so this is an endless chunk header or trailer.
      if (buffer_.size() < worker_.config().header_bytes_max) return Parse::need_more;
      return refuse(problems::kHeadersTooLarge);
    }
    if (error) return refuse_parse_error(error);
    if (!header_done_ && parser_->is_header_done()) {
      header_done_ = true;
      if (accept_header() == Parse::refused) return Parse::refused;
    }
    if (parser_->is_done()) {
      request_.body = std::move(parser_->get().body());
      return Parse::complete;
    }
  }
  return Parse::need_more;
}

bool Connection::framing_is_sound() const {
  if (http11_ && request_.headers.count(field::host) != 1) return false;
  const std::string_view coding = request_.header(field::transfer_encoding);
  if (!request_.has_header("Transfer-Encoding")) return true;
  // A body whose end another server on the way might see elsewhere (RFC 9112 section 6.1).
  return http11_ && parser_->chunked() && boost::beast::iequals(coding, "chunked") &&
         !request_.has_header("Content-Length");
}

Connection::Parse Connection::accept_header() {
  auto& message = parser_->get();
  request_.method = message.method();
  http11_ = message.version() >= 11;
  keep_alive_ = parser_->keep_alive();
  request_.target = message.target();  // stays where it is, with the headers
  // Moved out now, so that trailers of a chunked body cannot pose as headers.
  request_.headers = std::move(static_cast<boost::beast::http::fields&>(message.base()));
  if (!framing_is_sound()) return refuse(problems::kBadRequest);
  const std::size_t body_max = worker_.dispatcher().accept(request_);
  if (parser_->content_length().value_or(0) > body_max) return refuse(problems::kPayloadTooLarge);
  parser_->body_limit(body_max);
  if (parser_->is_done()) return Parse::complete;
  enter(Phase::body);
  const bool expects = boost::beast::iequals(request_.header(field::expect), "100-continue");
  if (expects && http11_ && buffer_.size() == 0) room().append("HTTP/1.1 100 Continue\r\n\r\n");
  return Parse::need_more;
}

Connection::Parse Connection::refuse(const ProblemType& type, std::string detail) {
  refusal_.emplace(type, std::move(detail));
  worker_.count_refusal(*refusal_);
  return Parse::refused;
}

Connection::Parse Connection::refuse_parse_error(error_code error) {
  if (error == http_error::error::header_limit) return refuse(problems::kHeadersTooLarge);
  if (error == http_error::error::body_limit) return refuse(problems::kPayloadTooLarge);
  return refuse(problems::kBadRequest, error.message());
}

Connection::Parse Connection::read_failed(error_code error) {
  const bool started = phase_ != Phase::idle;
  if (timed_out_ && started) return refuse(problems::kRequestTimeout);
  if (error == asio::error::eof && parser_->got_some()) {
    return refuse(problems::kBadRequest, "The request ended before it was complete.");
  }
  return Parse::gone;
}

asio::awaitable<Connection::Parse> Connection::receive(Parse state) {
  while (state == Parse::need_more) {
    if (!out_.empty()) {
      const Phase phase = phase_;
      if (!co_await flush()) co_return Parse::gone;
      enter(phase);
    }
    const auto [error, bytes] =
        co_await socket_.async_read_some(buffer_.prepare(read_size_), kTuple);
    if (error) co_return read_failed(error);
    buffer_.commit(bytes);
    if (bytes == read_size_) read_size_ = std::min(2 * read_size_, kReadBytesMax);
    if (bytes < kReadBytesMin) read_size_ = kReadBytesMin;
    if (phase_ == Phase::idle) enter(Phase::header);
    state = parse();
  }
  co_return state;
}

/// drain() may have come while a slow client took its answer, and left the connection alone. What
/// the client has sent by now is still answered.
bool Connection::drained_meanwhile() {
  error_code error;
  return worker_.draining() && buffer_.size() == 0 && socket_.available(error) == 0;
}

bool Connection::may_go_on() const {
  // While draining, requests that have already been received are still answered.
  return keep_alive_ && !refusal_ && (!worker_.draining() || buffer_.size() > 0);
}

/// Where to write what is to be sent.
std::string& Connection::room() {
  if (out_.empty()) out_.swap(worker_.spare());
  return out_;
}

/// All has been sent.
void Connection::give_room_back() {
  out_.clear();
  if (out_.capacity() <= kKeptBytes) out_.swap(worker_.spare());
  std::string().swap(out_);
}

void Connection::append_answer(const Response& response, bool keep_alive) {
  const bool head_only = request_.method == verb::head;
  append_head(room(), response,
              {.date = worker_.date(),
               .traceparent = header_done_ ? request_.traceparent() : std::string_view(),
               .http11 = http11_,
               .keep_alive = keep_alive,
               .head_only = head_only});
  if (head_only || !status_has_body(response.status)) return;
  const std::string_view body = response.body_view();
  if (body.size() <= kSmallBodyBytes) {
    out_.append(body);
  } else {
    large_ = body;
  }
}

/// Whatever else the client sent is not read: a stream ends with its connection.
StreamStart Connection::begin_stream(Response response) {
  append_answer(response, false);
  return {.socket = std::move(socket_),
          .head = std::move(out_),
          .chunked = http11_,
          .stream = std::move(std::get<EventStream>(response.body))};
}

asio::awaitable<std::optional<StreamStart>> Connection::run() {
  for (;;) {
    begin_request();
    Parse state = parse();
    if (state == Parse::need_more) state = co_await receive(state);
    if (state == Parse::gone) break;
    Response response;
    if (state == Parse::refused) {
      response = worker_.dispatcher().refuse(request_, *refusal_);
    } else {
      enter(Phase::handling);
      Answer answer = worker_.dispatcher().handle(request_);
      if (auto* ready = std::get_if<Response>(&answer)) {
        response = std::move(*ready);
      } else {
        // Answers that are ready do not wait for one that takes its time.
        if (!out_.empty() && !co_await flush()) break;
        enter(Phase::handling);
        response = co_await std::move(std::get<asio::awaitable<Response>>(answer));
      }
    }
    if (response.is_stream() && request_.method != verb::head) {
      co_return begin_stream(std::move(response));
    }
    // All requests that are here are answered first, then all answers go out: work of one kind at a
    // time, and a peer on this machine is woken once and not for each answer.
    if (buffer_.size() == 0) co_await asio::post(socket_.get_executor(), asio::deferred);
    const bool go_on = may_go_on();
    append_answer(response, go_on);
    const bool gather = go_on && buffer_.size() > 0 && large_.empty() && out_.size() < kGatherBytes;
    if (!gather) {
      error_code error;
      const bool written = try_write(error);
      if (error) break;
      if (!written && !co_await flush()) break;
    }
    if (!go_on || drained_meanwhile()) {
      co_await linger();
      break;
    }
  }
  co_return std::nullopt;
}

asio::awaitable<void> Connection::run_refused() {
  http11_ = true;
  const auto problem = overloaded(worker_.config().overload_retry_after);
  worker_.count_refusal(problem);
  const Response response = worker_.dispatcher().refuse(request_, problem);
  append_answer(response, false);
  if (co_await flush()) co_await linger();
}

/// Writes as much as the socket takes. True when nothing is left; false with no error: it is full.
bool Connection::try_write(error_code& error) {
  while (sent_ < out_.size() + large_.size()) {
    const std::size_t of_out = std::min(sent_, out_.size());
    const std::array<asio::const_buffer, 2> rest{
        asio::buffer(out_) + of_out,
        asio::const_buffer(large_.data(), large_.size()) + (sent_ - of_out)};
    const std::size_t bytes = socket_.write_some(rest, error);
    sent_ += bytes;
    if (error == asio::error::would_block || error == asio::error::try_again) {
      error = {};
      return false;
    }
    if (error) return false;
  }
  give_room_back();
  large_ = {};
  sent_ = 0;
  return true;
}

asio::awaitable<bool> Connection::flush() {
  error_code error;
  while (!try_write(error)) {
    if (error) co_return false;
    enter(Phase::writing);  // anew after each piece: slow is fine, standing still is not
    const auto [failed] = co_await socket_.async_wait(Socket::wait_write, kTuple);
    if (failed) co_return false;
  }
  co_return true;
}

asio::awaitable<void> Connection::linger() {
  // Closing while bytes of the client are unread resets the connection, and the client might lose
  // the answer before it has seen it. So: say that we are done, and wait for it to notice.
  enter(Phase::lingering);
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  buffer_.clear();
  std::size_t total = 0;
  while (!error && total < kLingerBytes) {
    const auto [failed, bytes] =
        co_await socket_.async_read_some(buffer_.prepare(kReadBytesMin), kTuple);
    if (failed) co_return;
    total += bytes;
  }
}

}  // namespace onsale::http
