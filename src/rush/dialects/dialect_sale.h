// What the sales in all dialects have in common. An answer always has all the free seats.
#pragma once

#include <boost/describe.hpp>

#include "rush/asking_sale.h"

namespace onsale::rush {

class DialectSale : public AskingSale {
 public:
  DialectSale(Client& client, Tally& tally, Wanted wanted)
      : AskingSale(client, tally), wanted_(std::move(wanted)) {}

  /// No document has a way to leave: whoever goes home lets the session run out.
  Said<void> leave(Person&, const Place&, Moment) override {
    co_return std::expected<void, Refusal>();
  }

  const std::vector<std::int64_t>& available() override { return free_; }

 protected:
  /// What is wanted, of what the native catalogue shows; for the documents that show nothing of the
  /// kind to those who are not in yet.
  asio::awaitable<std::expected<Night, std::string>> find();
  /// The same of `nights`, unless no dialect can sell it.
  [[nodiscard]] std::expected<Night, std::string> found_in(const std::vector<Night>& nights) const;
  /// Is the path, which is the dialect's own, known to the server?
  asio::awaitable<std::expected<void, std::string>> speaks(std::string path);

  template <class Body>
  static Request post(const std::string& path, const Body& body) {
    return {.method = verb::post, .path = path, .body = onsale::http::write(body)};
  }
  template <class Body>
  static Request patch(const std::string& path, const Body& body) {
    return {.method = verb::patch, .path = path, .body = onsale::http::write(body)};
  }

  /// Names a question which seats are free: the answers may overtake each other.
  enum class Look : std::uint64_t {};
  Look next_look() { return Look{++looks_}; }
  /// The answer, unless a later question has been answered already.
  void show(Look look, std::vector<std::int64_t> free) {
    if (look < shown_) return;
    shown_ = look;
    free_ = std::move(free);
  }

  const Wanted wanted_;

 private:
  std::uint64_t looks_ = 0;
  Look shown_{};
  std::vector<std::int64_t> free_;
};

/// Somebody who is not in the room (any more).
[[nodiscard]] inline bool not_found(const Answer& answer) { return answer.status == 404; }

struct AmountWords {
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(AmountWords, (), (amount))

}  // namespace onsale::rush
