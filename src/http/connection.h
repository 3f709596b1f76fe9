// One TCP connection: reads requests, has them answered one after the other, and writes the answers
// in order. Lives on one worker's thread. Part of the server; nobody else includes it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/dispatcher.h"
#include "http/open_stream.h"

namespace onsale::http {

class Worker;

class Connection : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
  using Clock = std::chrono::steady_clock;

  Connection(Worker& worker, Socket socket);

  /// Serves until either side has had enough, or until an answer is a stream of events: then that,
  /// with the socket, is for somebody else to go on with. Throws only std::bad_alloc and the like.
  asio::awaitable<std::optional<StreamStart>> run();
  /// Answers 503 and closes, without waiting for a request.
  asio::awaitable<void> run_refused();

  /// Called by the tick: gives up whatever has taken too long.
  void check_deadline(Clock::time_point now);
  /// Closes the connection if it is idle; otherwise the answer under way will be its last.
  void drain();
  /// Closes it at once. True if an answer was owed.
  bool cut_off();

 private:
  enum class Phase : std::uint8_t { idle, header, body, handling, writing, lingering };
  enum class Parse : std::uint8_t { need_more, complete, refused, gone };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void begin_request();
  Parse parse();
  Parse accept_header();
  Parse refuse(const ProblemType& type, std::string detail = {});
  Parse refuse_parse_error(boost::system::error_code error);
  Parse read_failed(boost::system::error_code error);
  asio::awaitable<Parse> receive(Parse state);
  [[nodiscard]] bool framing_is_sound() const;
  void enter(Phase phase);
  std::string& room();
  void give_room_back();
  void append_answer(const Response& response, bool keep_alive);
  StreamStart begin_stream(Response response);
  [[nodiscard]] bool may_go_on() const;
  [[nodiscard]] bool drained_meanwhile();
  asio::awaitable<bool> flush();
  bool try_write(boost::system::error_code& error);
  asio::awaitable<void> linger();

  Worker& worker_;
  Socket socket_;
  Phase phase_ = Phase::idle;
  bool timed_out_ = false;
  bool header_done_ = false;
  bool http11_ = true;
  bool keep_alive_ = false;
  Clock::time_point deadline_ = Clock::time_point::max();
  boost::beast::flat_buffer buffer_;
  std::size_t read_size_;
  std::optional<Parser> parser_;
  Request request_;
  std::optional<Problem> refusal_;
  std::string out_;         // heads and small bodies, not sent yet; no room while there are none
  std::string_view large_;  // a large body that follows `out_`; the response owns it
  std::size_t sent_ = 0;    // of out_ and large_ together
};

}  // namespace onsale::http
