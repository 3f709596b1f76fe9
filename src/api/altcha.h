// Proof of work after the ALTCHA protocol (https://altcha.org, the challenges with a `maxnumber`):
// the server thinks of a number and shows the hash of it behind a salt; who wants to enter has to
// try numbers until the hash is the same. Making and checking one takes microseconds, solving it
// as long as the organiser wants. Nothing is kept of a challenge until it comes back solved: its
// terms stand in the salt, which the signature covers.
//
// A solution is good once, in one room, until it expires, and for one person: for the user who was
// signed in when the challenge was made, or else for anybody at the same address.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "api/wire.h"
#include "domain/types.h"
#include "http/json.h"

namespace onsale::api {

/// Characters of a solution; that of the longest salt has some 600.
inline constexpr std::size_t altcha_payload_max = 2048;
/// Used solutions remembered, 16 bytes or so each; beyond, those that expire first are forgotten.
inline constexpr std::size_t altcha_used_max = 1'000'000;

/// What the ALTCHA widget takes as it is.
struct Challenge {
  std::string algorithm = "SHA-256";
  std::string challenge;       ///< SHA-256 of salt and number, in hex
  std::int64_t maxnumber = 0;  ///< the number is from 0 to this
  std::string salt;
  std::string signature;  ///< HMAC-SHA-256 of `challenge`, in hex
};
BOOST_DESCRIBE_STRUCT(Challenge, (), (algorithm, challenge, maxnumber, salt, signature))
constexpr auto rules(const Challenge*) {
  return http::rule_list(http::rule("challenge")
                             .doc("The SHA-256, in hex digits, of the salt and a number behind it "
                                  "in decimal digits. Find the number."),
                         http::rule("maxnumber")
                             .min(0)
                             .doc("The number is from 0 to this. 0: the room asks for no work."),
                         http::rule("salt").doc("`expires` in it is in seconds since 1970."));
}

/// Who may use a solution, and where.
struct Solver {
  domain::RoomId room;
  domain::UserId user;  ///< none: somebody who has not signed in
  std::string network;  ///< api::network_of() of the client
};

/// What is wrong with a solution; the first that applies.
enum class Flaw : std::uint8_t {
  missing,
  malformed,   ///< no base64 of JSON with all members
  wrong,       ///< not the number, or not a challenge of ours, or a tampered one
  other_room,  ///< of another room
  other_user,  ///< of another user, or, made for nobody, of another address
  too_easy,    ///< the room asks for more work by now
  expired,
  used,
  in_use,  ///< a request with it is being executed
};

/// "other-room".
[[nodiscard]] std::string_view to_text(Flaw flaw);
/// In a sentence.
[[nodiscard]] std::string_view explain(Flaw flaw);

/// Any thread.
class Altcha {
 public:
  /// Challenges are signed with a key derived from `secret`; the same secret knows them again.
  /// They can be used for `lifetime`, at least.
  Altcha(std::string_view secret, domain::Duration lifetime,
         std::size_t used_max = altcha_used_max);

  /// A new one for that person; `work` is its maxnumber, at most domain::entry_work_max.
  [[nodiscard]] Challenge challenge(const Solver& solver, std::int64_t work,
                                    domain::Timestamp now) const;

  /// A solution that is being used.
  struct Use {
    std::int64_t expires = 0;  ///< seconds since 1970
    std::uint64_t nonce = 0;
  };

  /// Checks a solution, as the widget sends it, of a challenge of at least so much work, and keeps
  /// it from being used by others until spend() or give_back().
  [[nodiscard]] std::expected<Use, Flaw> take(std::string_view payload, const Solver& solver,
                                              std::int64_t work, domain::Timestamp now);
  /// It is used, for good.
  void spend(const Use& use);
  /// It came to nothing and may be used again.
  void give_back(const Use& use);

  [[nodiscard]] std::size_t used() const;

 private:
  using Key = std::array<unsigned char, 32>;
  /// By nonce. True: it is used; false: it is being used.
  using Nonces = boost::unordered_flat_map<std::uint64_t, bool>;

  [[nodiscard]] std::string sign(std::string_view text) const;
  [[nodiscard]] std::string owner_of(const Solver& solver) const;
  [[nodiscard]] std::string owner_of(const std::string& network) const;
  [[nodiscard]] std::expected<Use, Flaw> check(std::string_view payload, const Solver& solver,
                                               std::int64_t work, domain::Timestamp now) const;
  void forget(std::int64_t now_seconds);

  Key key_{};
  const domain::Duration lifetime_;
  const std::size_t used_max_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, Nonces> uses_;  // by when they expire; guarded by mutex_, as its size is
  std::size_t size_ = 0;
};

}  // namespace onsale::api
