// The shapes of waiting rooms: what everybody may know of one, and what an organiser changes.
#pragma once

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "api/wire.h"
#include "domain/policy.h"
#include "domain/room_control.h"
#include "engine/views/catalogue.h"
#include "http/json.h"

namespace onsale::api::v1 {

/// A member of a change: left out, keep what there is; null, back to the default; else the value.
template <class T>
struct Change {
  bool given = false;
  std::optional<T> value;

  /// As the domain has it.
  [[nodiscard]] std::optional<std::optional<T>> change() const {
    std::optional<std::optional<T>> change;
    if (given) change.emplace(value);
    return change;
  }
};

using NumberChange = Change<std::int64_t>;
using TextChange = Change<std::string>;

}  // namespace onsale::api::v1

namespace onsale::http {

template <>
struct Wire<api::v1::NumberChange> {
  using type = boost::json::value;
  static boost::json::value to(const api::v1::NumberChange& change);
  static std::expected<api::v1::NumberChange, std::string> from(const boost::json::value& value);
  static boost::json::object schema() { return {{"type", {"integer", "null"}}, {"minimum", 0}}; }
};

template <>
struct Wire<api::v1::TextChange> {
  using type = boost::json::value;
  static boost::json::value to(const api::v1::TextChange& change);
  static std::expected<api::v1::TextChange, std::string> from(const boost::json::value& value);
  static boost::json::object schema() { return {{"type", {"string", "null"}}}; }
};

}  // namespace onsale::http

namespace onsale::api::v1 {

/// What an organiser changes, while the sale runs or before.
struct RoomChange {
  TextChange state;
  NumberChange active_sessions_max;
  NumberChange admission_rate_per_minute;
  NumberChange session_seconds;
  NumberChange claim_seconds;
  NumberChange idle_seconds;
  NumberChange entry_work;
  TextChange session_ends_on;
  TextChange order;
  TextChange opens_at;
};
BOOST_DESCRIBE_STRUCT(RoomChange, (),
                      (state, active_sessions_max, admission_rate_per_minute, session_seconds,
                       claim_seconds, idle_seconds, entry_work, session_ends_on, order, opens_at))
constexpr auto rules(const RoomChange*) {
  return http::rule_list(
      http::rule("state").defaulted().doc("`open`, `paused` (people wait, nobody is admitted) or "
                                          "`closed` (nobody enters either)."),
      http::rule("active_sessions_max").defaulted(),
      http::rule("admission_rate_per_minute").defaulted().doc("0 is no limit."),
      http::rule("session_seconds").defaulted(), http::rule("claim_seconds").defaulted(),
      http::rule("idle_seconds").defaulted().doc("0 keeps the place of who is offline."),
      http::rule("entry_work")
          .defaulted()
          .doc("How much work it takes to enter: the `maxnumber` of the challenge. 0 is none."),
      http::rule("session_ends_on").defaulted().doc("`payment` or `hold`."),
      http::rule("order").defaulted().doc("`fifo`, or `lottery` with an `opens_at` ahead."),
      http::rule("opens_at").defaulted().doc("RFC 3339. Null: open from now on."));
}

struct NewRoom : RoomChange {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(NewRoom, (RoomChange), (name))
constexpr auto rules(const NewRoom*) {
  constexpr auto changes = rules(static_cast<const RoomChange*>(nullptr));
  std::array<http::Rule, changes.size() + 1> all{};
  for (std::size_t i = 0; i < changes.size(); ++i) all[i] = changes[i];
  all[changes.size()] = http::rule("name").not_empty().max_length(200);
  return all;
}

struct RoomBody {
  domain::RoomId id;
  std::string name;
  std::string state;
  std::string order;
  std::optional<http::Timestamp> opens_at;
  std::optional<http::Timestamp> drawn_at;
  std::optional<std::string> seed_hash;  ///< of a lottery
  std::optional<std::string> seed;       ///< once drawn
  std::int64_t active_sessions_max = 0;
  std::int64_t admission_rate_per_minute = 0;
  std::int64_t session_seconds = 0;
  std::int64_t claim_seconds = 0;
  std::int64_t idle_seconds = 0;
  std::int64_t entry_work = 0;  ///< the `maxnumber` of its challenges; 0 for none
  std::string session_ends_on;
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::int64_t admissions_per_minute = 0;  ///< over the last minutes
  std::int64_t seats_left = 0;             ///< of all that the room guards
};
BOOST_DESCRIBE_STRUCT(RoomBody, (),
                      (id, name, state, order, opens_at, drawn_at, seed_hash, seed,
                       active_sessions_max, admission_rate_per_minute, session_seconds,
                       claim_seconds, idle_seconds, entry_work, session_ends_on, waiting, active,
                       admissions_per_minute, seats_left))

/// The key of receipts and draw lists.
struct ReceiptKeyBody {
  std::string key_id;
  std::string algorithm = "Ed25519";
  std::string public_key;
};
BOOST_DESCRIBE_STRUCT(ReceiptKeyBody, (), (key_id, algorithm, public_key))

}  // namespace onsale::api::v1
