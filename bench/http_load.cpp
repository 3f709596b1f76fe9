#include "bench/http_load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <string>

namespace onsale::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// A file of the system, closed with this object.
class File {
 public:
  explicit File(int number) : number_(number) {
    if (number < 0) throw std::runtime_error("no more files to be had");
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(number_); }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

/// The size of the first answer in `text` with its body; 0 while it is incomplete.
std::size_t answer_size(std::string_view text) {
  constexpr std::string_view end = "\r\n\r\n";
  constexpr std::string_view length = "\r\nContent-Length: ";
  const auto head = text.find(end);
  if (head == std::string_view::npos) return 0;
  std::size_t size = head + end.size();
  if (const auto at = text.substr(0, head).find(length); at != std::string_view::npos) {
    std::size_t body = 0;
    std::from_chars(text.data() + at + length.size(), text.data() + head, body);
    size += body;
  }
  return size <= text.size() ? size : 0;
}

class Connection {
 public:
  explicit Connection(const sockaddr_in& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&server), sizeof(server)) !=
        0)
      throw std::runtime_error("cannot connect");
    const int on = 1;
    ::setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  [[nodiscard]] int number() const { return socket_.number(); }
  [[nodiscard]] Clock::time_point sent_at() const { return sent_at_; }

  void send(std::string_view request) {
    sent_at_ = Clock::now();
    // Requests are small beside the socket's buffer, which is empty: all of it goes at once.
    if (::send(number(), request.data(), request.size(), MSG_NOSIGNAL) != std::ssize(request)) {
      throw std::runtime_error("cannot send");
    }
  }

  /// The status of the answer once all of it is here, else 0.
  int receive(std::vector<char>& buffer) {
    const ssize_t size = ::recv(number(), buffer.data(), buffer.size(), 0);
    if (size <= 0) throw std::runtime_error("the server ended a connection");
    std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    if (!kept_.empty()) text = kept_.append(text);
    if (answer_size(text) == 0) {
      if (kept_.empty()) kept_ = text;
      return 0;
    }
    int status = 0;
    constexpr std::size_t before = std::string_view("HTTP/1.1 ").size();
    std::from_chars(text.data() + before, text.data() + before + 3, status);
    kept_.clear();
    return status;
  }

 private:
  File socket_;
  Clock::time_point sent_at_;
  std::string kept_;
};

class Loop {
 public:
  Loop(const sockaddr_in& server, const LoadOptions& options, const NextRequest& next)
      : next_(next), sleep_(options.never_sleeps ? 0 : -1), epoll_(::epoll_create1(0)) {
    for (int i = 0; i < options.connections; ++i) {
      Connection& made = *connections_.emplace_back(std::make_unique<Connection>(server));
      epoll_event event{.events = EPOLLIN, .data = {.ptr = &made}};
      ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, made.number(), &event);
    }
  }

  LoadResult run(std::chrono::milliseconds duration) {
    const auto start = Clock::now();
    end_ = start + duration;
    for (const auto& connection : connections_) send_next(*connection);
    std::array<epoll_event, 64> events{};
    while (due_ > 0) {
      const int count = ::epoll_wait(epoll_.number(), events.data(), std::ssize(events), sleep_);
      for (int i = 0; i < count; ++i) {
        hear(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
      }
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::ranges::sort(result_.milliseconds);
    return std::move(result_);
  }

 private:
  void send_next(Connection& connection) {
    const std::string_view request = next_();
    if (request.empty()) return;
    connection.send(request);
    ++due_;
  }

  void hear(Connection& connection) {
    const int status = connection.receive(buffer_);
    if (status == 0) return;
    const auto now = Clock::now();
    const auto kind = static_cast<std::size_t>(status / 100);
    if (kind >= result_.answers.size()) throw std::runtime_error("no HTTP");
    ++result_.answers[kind];
    const auto took = now - connection.sent_at();
    result_.milliseconds.push_back(std::chrono::duration<float, std::milli>(took).count());
    --due_;
    if (now < end_) send_next(connection);
  }

  const NextRequest& next_;
  const int sleep_;  // as epoll_wait has it
  File epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{256} * 1024);
  Clock::time_point end_;
  std::int64_t due_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult load(const boost::asio::ip::tcp::endpoint& server, const LoadOptions& options,
                std::chrono::milliseconds duration, const NextRequest& next) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(server.address().to_v4().to_uint());
  return Loop(address, options, next).run(duration);
}

}  // namespace onsale::bench
