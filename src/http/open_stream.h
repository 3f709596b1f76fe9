// A connection that has become a stream of events: from its header to its end it only ever says
// something. Part of the server; nobody else includes it.
//
// There may be tens of thousands, nearly all of them silent, so an open stream keeps as little as
// it can: no parser, no request, no buffers, no coroutine and no timer of its own. What is being
// sent is shared with others who send the same, and only kept until the socket has taken it.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "http/event_stream.h"

namespace onsale::http {

namespace asio = boost::asio;

class OpenStreams;

/// A connection on its way from one to the other.
struct StreamStart {
  asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type> socket;
  std::string head;      // the header of the answer, with what is owed of earlier answers before it
  bool chunked = false;  // as HTTP/1.1 has it; else the end of the connection is that of the answer
  EventStream stream;
};

/// Lives as long as it waits for its socket: who holds it is the handler of that wait. So one that
/// is cut is gone soon after.
class OpenStream : public std::enable_shared_from_this<OpenStream>,
                   public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Clock = std::chrono::steady_clock;

  OpenStream(OpenStreams& owner, StreamStart start);

  /// Sends the header and has the first look.
  void begin(Clock::time_point now);
  /// Sends what is new, if anything, and notices a client that takes nothing any more. May end the
  /// stream.
  void look(Clock::time_point now);
  /// Ends it at once, as cleanly as the client lets us.
  void drain();

  [[nodiscard]] std::chrono::milliseconds interval() const { return interval_; }

 private:
  using Text = std::shared_ptr<const std::string>;
  enum class Taken : std::uint8_t { all, some, failed };

  template <class Step>
  void guard(Step step);
  void set_options();
  void send(Text text, bool whole);
  void go_on();
  [[nodiscard]] Taken write();
  [[nodiscard]] std::array<asio::const_buffer, 3> rest(std::array<char, 16>& size_line) const;
  void send_end();
  void check_heard();
  void wait_for_client();
  void wait_for_room();
  [[nodiscard]] bool client_is_there();
  void cut();

  OpenStreams& owner_;
  decltype(StreamStart::socket) socket_;
  std::unique_ptr<EventSource> source_;
  std::chrono::duration<std::uint32_t, std::milli> interval_;
  std::chrono::duration<std::uint32_t, std::milli> heartbeat_;
  Clock::time_point moved_;   // when the socket last took something
  Text sending_;              // null: nothing is owed
  std::size_t sent_ = 0;      // of `sending_` with its chunk around it
  std::uint32_t unread_ = 0;  // bytes of the client's that nobody asked for
  bool chunked_;
  bool sending_whole_ = false;  // `sending_` is an event, which as a chunk gets its size before it
  bool ending_ = false;         // what is owed is the last
  bool unheard_ = false;        // something was sent that may still be on its way
  bool ended_ = false;
};

}  // namespace onsale::http
