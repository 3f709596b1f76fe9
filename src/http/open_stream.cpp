#include "http/open_stream.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "http/open_streams.h"

namespace onsale::http {

namespace {

using boost::system::error_code;
using std::chrono::milliseconds;
using Wait = asio::socket_base;

constexpr milliseconds kIntervalMin{10};
constexpr milliseconds kIntervalMax{1000};
/// What the kernel may keep beside what is on its way. A client on a slow line gets the newest
/// instead of what piled up for it.
constexpr int kQueuedBytesMax = 16 * 1024;
/// Nobody has anything to say on a stream.
constexpr std::uint32_t kUnreadBytesMax = 64 * 1024;

std::shared_ptr<const std::string> constant(const char* text) {
  return std::make_shared<const std::string>(text);
}

/// An empty comment, and the empty line that ends it.
const std::shared_ptr<const std::string>& heartbeat_text() {
  static const auto text = constant(":\n\n");
  return text;
}

/// The chunk that says that none follows.
const std::shared_ptr<const std::string>& last_chunk() {
  static const auto text = constant("0\r\n\r\n");
  return text;
}

/// "1a\r\n" into `room`.
std::string_view size_of_chunk(std::array<char, 16>& room, std::size_t size) {
  char* const end = std::to_chars(room.data(), room.data() + room.size() - 2, size, 16).ptr;
  end[0] = '\r';
  end[1] = '\n';
  return {room.data(), end + 2};
}

constexpr std::string_view kChunkEnd = "\r\n";

std::string head_with_retry(std::string head, bool chunked, milliseconds retry) {
  const std::string text = "retry: " + std::to_string(retry.count()) + "\n\n";
  if (!chunked) return head + text;
  std::array<char, 16> size_line;
  return head.append(size_of_chunk(size_line, text.size())).append(text).append(kChunkEnd);
}

}  // namespace

OpenStream::OpenStream(OpenStreams& owner, StreamStart start)
    : owner_(owner),
      socket_(std::move(start.socket)),
      source_(std::move(start.stream.source)),
      interval_(std::clamp(start.stream.options.interval, kIntervalMin, kIntervalMax)),
      heartbeat_(start.stream.options.heartbeat),
      sending_(std::make_shared<const std::string>(
          head_with_retry(std::move(start.head), start.chunked, start.stream.options.retry))),
      chunked_(start.chunked) {}

/// What goes wrong in one stream ends that stream.
template <class Step>
void OpenStream::guard(Step step) {
  try {
    step();
  } catch (const std::exception& error) {
    spdlog::error("a stream of events failed: {}", error.what());
    cut();
  } catch (...) {
    spdlog::error("a stream of events failed: an exception of unknown type");
    cut();
  }
}

void OpenStream::begin(Clock::time_point now) {
  moved_ = now;
  set_options();
  guard([this] {
    wait_for_client();
    go_on();
  });
  if (!sending_ && !ended_) look(now);
}

void OpenStream::set_options() {
  // The kernel gives up on a client that acknowledges nothing, or takes nothing, for so long. What
  // fails here is only missed by clients that are gone.
  const auto patience = static_cast<unsigned>(owner_.config().write_timeout.count());
  (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience,
                     sizeof(patience));
  (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kQueuedBytesMax,
                     sizeof(kQueuedBytesMax));
}

void OpenStream::look(Clock::time_point now) {
  if (sending_) {
    if (now - moved_ >= owner_.config().write_timeout) cut();
    return;
  }
  guard([&] {
    check_heard();
    if (const auto event = source_->next()) {
      send(event->text(), true);
    } else if (now - moved_ >= heartbeat_ && !source_->over()) {
      send(heartbeat_text(), true);
    }
    go_on();
  });
}

void OpenStream::drain() {
  if (write() == Taken::all && !ending_) {
    send_end();
    (void)write();
  }
  cut();
}

void OpenStream::send(Text text, bool whole) {
  sending_ = std::move(text);
  sending_whole_ = whole && chunked_;
  sent_ = 0;
}

void OpenStream::send_end() {
  ending_ = true;
  if (chunked_) send(last_chunk(), false);
}

/// Sends what is owed, and the end if there is nothing more to come.
void OpenStream::go_on() {
  for (;;) {
    const Taken taken = write();
    if (taken == Taken::some) return wait_for_room();
    if (taken == Taken::failed || ending_) return cut();
    if (!source_->over()) return;
    send_end();
  }
}

std::array<asio::const_buffer, 3> OpenStream::rest(std::array<char, 16>& size_line) const {
  std::array<asio::const_buffer, 3> parts{};
  if (sending_whole_) {
    parts[0] = asio::buffer(size_of_chunk(size_line, sending_->size()));
    parts[2] = asio::buffer(kChunkEnd);
  }
  parts[1] = asio::buffer(*sending_);
  std::size_t skip = sent_;
  for (asio::const_buffer& part : parts) {
    const std::size_t size = std::min(skip, part.size());
    part += size;
    skip -= size;
  }
  return parts;
}

OpenStream::Taken OpenStream::write() {
  while (sending_) {
    std::array<char, 16> size_line;
    const auto parts = rest(size_line);
    error_code error;
    const std::size_t bytes = socket_.write_some(parts, error);
    if (error == asio::error::would_block || error == asio::error::try_again) return Taken::some;
    if (error) return Taken::failed;
    moved_ = Clock::now();
    unheard_ = true;
    sent_ += bytes;
    if (bytes == asio::buffer_size(parts)) sending_.reset();
  }
  return Taken::all;
}

void OpenStream::check_heard() {
  if (!unheard_) return;
  int unacknowledged = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &unacknowledged) != 0 || unacknowledged > 0) {
    return;
  }
  unheard_ = false;
  source_->heard();
}

void OpenStream::wait_for_client() {
  socket_.async_wait(Wait::wait_read, [self = shared_from_this()](error_code error) {
    if (self->ended_) return;
    if (error || !self->client_is_there()) return self->cut();
    self->guard([&self] { self->wait_for_client(); });
  });
}

void OpenStream::wait_for_room() {
  socket_.async_wait(Wait::wait_write, [self = shared_from_this()](error_code error) {
    if (self->ended_) return;
    if (error) return self->cut();
    self->guard([&self] { self->go_on(); });
  });
}

/// Takes what the client said, and forgets it. False if it has closed, or does not stop talking.
bool OpenStream::client_is_there() {
  std::array<char, 4096> nobody_reads;
  error_code error;
  while (!error && unread_ <= kUnreadBytesMax) {
    unread_ += static_cast<std::uint32_t>(socket_.read_some(asio::buffer(nobody_reads), error));
  }
  return error == asio::error::would_block || error == asio::error::try_again;
}

void OpenStream::cut() {
  if (ended_) return;
  ended_ = true;
  unlink();
  // Closing while bytes of the client are unread resets the connection, and the client might lose
  // the last event before it has seen it.
  (void)client_is_there();
  error_code ignored;
  socket_.close(ignored);
  source_.reset();
  sending_.reset();
  owner_.count_end();
}

}  // namespace onsale::http
