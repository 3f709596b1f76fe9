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
#include <utility>

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

/// The size of the first answer in `text` with its body; 0 while its head is incomplete.
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
  return size;
}

struct Heard {
  int status = 0;         // 0: the answer is not complete yet
  std::string_view text;  // the whole answer, or the beginning of a large one
};

class Connection {
 public:
  Connection(const sockaddr_in& server, std::size_t index)
      : index_(index), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&server), sizeof(server)) !=
        0)
      throw std::runtime_error("cannot connect");
    const int on = 1;
    ::setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] int number() const { return socket_.number(); }
  [[nodiscard]] Clock::time_point due_at() const { return due_at_; }

  void send(std::string_view request, Clock::time_point due_at) {
    due_at_ = due_at;
    // Requests are small beside the socket's buffer, which is empty: all of it goes at once.
    if (::send(number(), request.data(), request.size(), MSG_NOSIGNAL) != std::ssize(request)) {
      throw std::runtime_error("cannot send");
    }
  }

  /// The text is good until the next call.
  Heard receive(std::vector<char>& buffer) {
    const ssize_t bytes = ::recv(number(), buffer.data(), buffer.size(), 0);
    if (bytes <= 0) throw std::runtime_error("the server ended a connection");
    if (received_ == 0) kept_.clear();
    std::string_view text(buffer.data(), static_cast<std::size_t>(bytes));
    if (received_ > 0) text = kept_.size() < kept_max ? kept_.append(text) : kept_;
    received_ += static_cast<std::size_t>(bytes);
    if (size_ == 0 && (size_ = answer_size(text)) > 0) status_ = status_of(text);
    if (size_ == 0 || received_ < size_) {
      if (kept_.empty()) kept_ = text;
      return {};
    }
    size_ = received_ = 0;
    return {status_, text};
  }

 private:
  /// Nobody looks further into an answer, and each connection keeps one.
  static constexpr std::size_t kept_max = std::size_t{64} * 1024;

  static int status_of(std::string_view text) {
    int status = 0;
    constexpr std::size_t before = std::string_view("HTTP/1.1 ").size();
    std::from_chars(text.data() + before, text.data() + before + 3, status);
    return status;
  }

  std::size_t index_;
  File socket_;
  Clock::time_point due_at_;
  std::string kept_;          // of the answer that is under way
  std::size_t received_ = 0;  // of it so far
  std::size_t size_ = 0;      // of it, once its head is here
  int status_ = 0;
};

class Loop {
 public:
  Loop(const sockaddr_in& server, const LoadOptions& options, const NextRequest& next)
      : next_(next), options_(options), epoll_(::epoll_create1(0)) {
    for (int i = 0; i < options.connections; ++i) {
      Connection& made = *connections_.emplace_back(
          std::make_unique<Connection>(server, static_cast<std::size_t>(i)));
      epoll_event event{.events = EPOLLIN, .data = {.ptr = &made}};
      ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, made.number(), &event);
      idle_.push_back(&made);
    }
  }

  LoadResult run(std::chrono::milliseconds duration) {
    const auto start = Clock::now();
    end_ = start + duration;
    if (paced()) {
      interval_ = std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(1 / options_.per_second));
      next_due_ = start;
    } else {
      for (Connection* const connection : std::exchange(idle_, {})) {
        ask(*connection, {}, Clock::now());
      }
    }
    std::array<epoll_event, 64> events{};
    while (due_ > 0 || (paced() && next_due_ < end_)) {
      send_due();
      const int count =
          ::epoll_wait(epoll_.number(), events.data(), std::ssize(events), patience());
      for (int i = 0; i < count; ++i) {
        hear(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
      }
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::ranges::sort(result_.milliseconds);
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool paced() const { return options_.per_second > 0; }

  /// As epoll_wait has it.
  [[nodiscard]] int patience() const {
    if (options_.never_sleeps) return 0;
    return paced() ? 1 : -1;
  }

  void send_due() {
    if (!paced()) return;
    for (const auto now = Clock::now(); next_due_ <= now && next_due_ < end_ && !idle_.empty();
         next_due_ += interval_) {
      Connection& connection = *idle_.back();
      idle_.pop_back();
      ask(connection, {}, next_due_);
    }
  }

  void ask(Connection& connection, std::string_view answer, Clock::time_point due_at) {
    const std::string_view request = next_(connection.index(), answer);
    if (request.empty()) {
      if (paced()) end_ = Clock::now();  // nobody has more to ask
      return;
    }
    connection.send(request, due_at);
    ++due_;
  }

  void hear(Connection& connection) {
    const Heard heard = connection.receive(buffer_);
    if (heard.status == 0) return;
    const auto now = Clock::now();
    const auto status = static_cast<std::size_t>(heard.status);
    if (status >= result_.statuses.size()) throw std::runtime_error("no HTTP");
    ++result_.statuses[status];
    const auto took = now - connection.due_at();
    result_.milliseconds.push_back(std::chrono::duration<float, std::milli>(took).count());
    --due_;
    if (paced()) {
      idle_.push_back(&connection);
    } else if (now < end_) {
      ask(connection, heard.text, now);
    }
  }

  const NextRequest& next_;
  const LoadOptions options_;
  File epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{256} * 1024);
  Clock::time_point end_;
  Clock::time_point next_due_;
  Clock::duration interval_{};
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
