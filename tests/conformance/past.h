// A box office that has been open for years, and what its requests read.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/conformance/box.h"

namespace onsale::testing {

/// One fan comes again and again: holds and cancels, buys for shows that are over, charges, enters
/// and leaves, each with an answer that is kept; and at the moment has a session and two seats
/// held.
class Regular {
 public:
  explicit Regular(Box& box);

  /// Adds `count` of everything that is over.
  void come_again(int count);

  /// One request, as the engine and the endpoints have the store read and write for it. What it
  /// changes it changes back, or adds to what is over.
  struct Request {
    std::string name;
    std::function<void(Box&)> make;
  };
  [[nodiscard]] std::vector<Request> requests() const;

 private:
  void cancel_holds(int count);
  void buy(int count);
  void charge(int count);
  void enter_and_leave(int count);
  void keep_answers(int count);
  [[nodiscard]] std::vector<Request> pages() const;

  Box& box_;
  domain::UserId fan_;
  domain::VenueId venue_;
  std::uint64_t tokens_ = 1'000'000;
  std::uint64_t keys_ = 0;
};

}  // namespace onsale::testing
