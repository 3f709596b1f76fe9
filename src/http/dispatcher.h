// The seam between the server, which knows bytes and sockets, and whoever answers requests.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <utility>
#include <variant>

#include "http/message.h"

namespace onsale::http {

namespace asio = boost::asio;

/// An answer that is ready, or one that a coroutine is going to give. What can be answered at once
/// costs no coroutine.
using Answer = std::variant<Response, asio::awaitable<Response>>;

/// Answers requests. The server calls it from all of its threads at once.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  /// Called when the header of a request is complete and its body is not. Completes `request`
  /// (path, query, route) and returns the most bytes that the body may have.
  virtual std::size_t accept(Request& request) const = 0;

  /// Answers the complete request. `request` stays valid until the answer is given. Must not throw,
  /// and neither must the coroutine.
  virtual Answer handle(Request& request) const = 0;

  /// Words a refusal of the server itself (400, 408, 413, 431, 503). `request` may be incomplete.
  virtual Response refuse(const Request& request, const Problem& problem) const = 0;
};

}  // namespace onsale::http
