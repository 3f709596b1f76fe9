// A blocking TCP client for tests of the server: sends exactly the bytes it is told to and reads
// until a condition holds. Every wait ends after kPatience, which only a failing test ever sees.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace onsale::http {

inline constexpr std::chrono::seconds kPatience{20};

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The socket API wants its general address type.
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has closed: what it said can still be read
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Says that nothing more will come, and goes on listening.
  void half_close() { ::shutdown(socket_, SHUT_WR); }

  /// Vanishes rudely: the server's end is reset.
  void reset() {
    const linger hard{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close();
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  /// Reads until `enough(text)` or the end; returns what came, and forgets it.
  std::string read_until(const std::function<bool(const std::string&)>& enough) {
    while (!enough(text_) && receive()) {
    }
    return std::exchange(text_, {});
  }

  /// Reads one whole answer with a Content-Length (or without a body) and leaves what follows.
  std::string read_answer() {
    while (answer_size() == 0 && receive()) {
    }
    const std::size_t size = answer_size();
    std::string answer = text_.substr(0, size);
    text_.erase(0, size);
    return answer;
  }

  /// All that comes until the server closes.
  std::string read_all() {
    return read_until([](const std::string&) { return false; });
  }

  /// True if the server closes within kPatience, whatever it sends before.
  bool sees_end() {
    while (receive()) {
    }
    return ended_;
  }

 private:
  bool receive() {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    const auto patience = std::chrono::milliseconds(kPatience).count();
    if (::poll(&waiting, 1, static_cast<int>(patience)) <= 0) {
      ADD_FAILURE() << "the server neither answered nor closed; so far: " << text_.substr(0, 500);
      return false;
    }
    char chunk[65536];
    const auto size = ::recv(socket_, chunk, sizeof(chunk), 0);
    if (size <= 0) {
      ended_ = true;
      return false;
    }
    text_.append(chunk, static_cast<std::size_t>(size));
    return true;
  }

  /// The bytes of the first answer in the text, 0 if it is not complete.
  [[nodiscard]] std::size_t answer_size() const {
    const std::size_t head = text_.find("\r\n\r\n");
    if (head == std::string::npos) return 0;
    const std::size_t length = text_.find("Content-Length: ");
    const std::size_t body = length < head ? std::stoul(text_.substr(length + 16)) : 0;
    return text_.size() >= head + 4 + body ? head + 4 + body : 0;
  }

  int socket_;
  std::string text_;
  bool ended_ = false;
};

/// Waits until `condition` holds; false after kPatience.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace onsale::http
