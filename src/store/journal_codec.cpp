#include "store/journal_codec.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace onsale::store {
namespace {

using namespace domain;
using What = CatalogueChanged::What;

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<VisitorStep, 5> visitor_steps{{{VisitorStep::entered, "entered"},
                                               {VisitorStep::admitted, "admitted"},
                                               {VisitorStep::heard, "heard"},
                                               {VisitorStep::excused, "heard"},
                                               {VisitorStep::ended, "ended"}}};
constexpr Names<ReservationStep, 4> reservation_steps{{{ReservationStep::held, "held"},
                                                       {ReservationStep::paid, "paid"},
                                                       {ReservationStep::canceled, "canceled"},
                                                       {ReservationStep::expired, "expired"}}};
constexpr Names<RoomStep, 3> room_steps{
    {{RoomStep::changed, "changed"}, {RoomStep::drawn, "drawn"}, {RoomStep::resumed, "changed"}}};
constexpr Names<What, 6> whats{{{What::user, "user"},
                                {What::venue, "venue"},
                                {What::room, "room"},
                                {What::event, "event"},
                                {What::performance, "performance"},
                                {What::seats, "seats"}}};

/// What came later is told by a field of its own, since nodes of an older program follow it too.
constexpr const char* excused_field = "excused";
constexpr const char* resumed_field = "resumed";

constexpr std::string_view text_of(VisitorStep v) {
  return visitor_steps.at(static_cast<std::size_t>(v)).second;
}
constexpr std::string_view text_of(ReservationStep v) {
  return reservation_steps.at(static_cast<std::size_t>(v)).second;
}
constexpr std::string_view text_of(RoomStep v) {
  return room_steps.at(static_cast<std::size_t>(v)).second;
}
constexpr std::string_view text_of(What v) { return whats.at(static_cast<std::size_t>(v)).second; }
template <class Enum>
std::string_view text_of(Enum v) {
  return to_text(v);
}

// ---- writing -------------------------------------------------------------------------

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Appends members to an object. What has nothing to say (ids, times and texts that are empty)
/// is left out. Nothing needs escaping but the texts that people wrote.
class ObjectWriter {
 public:
  ObjectWriter(std::string& out, std::string_view kind) : out_(out) {
    out_ += "{\"record\":\"";
    out_ += kind;
    out_ += '"';
  }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;
  ~ObjectWriter() { out_ += '}'; }

  ObjectWriter& put(std::string_view name, std::int64_t value) {
    key(name);
    number(value);
    return *this;
  }
  template <class Tag>
  ObjectWriter& put(std::string_view name, Id<Tag> id) {
    return id ? put(name, id.value) : *this;
  }
  ObjectWriter& put(std::string_view name, Money value) { return put(name, value.minor); }
  ObjectWriter& put(std::string_view name, Timestamp value) { return put(name, to_millis(value)); }
  ObjectWriter& put(std::string_view name, Duration value) { return put(name, value.count()); }
  template <class T>
  ObjectWriter& put(std::string_view name, const std::optional<T>& value) {
    return value ? put(name, *value) : *this;
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  ObjectWriter& put(std::string_view name, Enum value) {
    key(name);
    out_ += '"';
    out_ += text_of(value);
    out_ += '"';
    return *this;
  }
  ObjectWriter& put(std::string_view name, const VisitorToken& token) {
    key(name);
    out_ += '"';
    for (const std::uint8_t byte : token) hex(byte);
    out_ += '"';
    return *this;
  }
  ObjectWriter& put(std::string_view name, const std::string& value) {
    if (value.empty()) return *this;
    key(name);
    out_ += '"';
    for (const char c : value) escaped(c);
    out_ += '"';
    return *this;
  }
  ObjectWriter& put(std::string_view name, const std::vector<ReservationMoved::SeatOf>& seats) {
    key(name);
    out_ += '[';
    for (const auto& [performance, seat] : seats) {
      if (out_.back() != '[') out_ += ',';
      out_ += '[';
      number(performance.value);
      out_ += ',';
      number(seat.value);
      out_ += ']';
    }
    out_ += ']';
    return *this;
  }

 private:
  void key(std::string_view name) {
    out_ += ",\"";
    out_ += name;
    out_ += "\":";
  }
  void number(std::int64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
  }

  void hex(std::uint8_t byte) {
    out_ += hex_digits[byte >> 4U];
    out_ += hex_digits[byte & 15U];
  }
  void escaped(char c) {
    if (c == '"' || c == '\\') {
      (out_ += '\\') += c;
    } else if (const auto byte = static_cast<std::uint8_t>(c); byte < 0x20) {
      out_ += "\\u00";
      hex(byte);
    } else {
      out_ += c;
    }
  }

  std::string& out_;
};

void write(const VisitorMoved& r, std::string& out) {
  const Visitor& v = r.visitor;
  ObjectWriter object(out, "visitor");
  object.put("step", r.step).put("token", v.token).put("room", v.room).put("user", v.user);
  object.put("number", v.number);
  if (r.step == VisitorStep::excused) object.put(excused_field, std::int64_t{1});
  if (v.order_key != v.number) object.put("order_key", v.order_key);
  object.put("state", v.state).put("issued_at", v.issued_at);
  object.put("activated_at", v.activated_at).put("expires_at", v.expires_at);
  object.put("ended_at", v.ended_at).put("claimed", std::int64_t{v.claimed});
  object.put("deadline", v.deadline).put("browser_id", v.browser_id).put("by", r.by);
}

void write(const RoomMoved& r, std::string& out) {
  const WaitingRoom& v = r.room;
  const RoomPolicyOverrides& own = v.policy;
  ObjectWriter object(out, "room");
  object.put("step", r.step).put("by", r.by).put("id", v.id).put("name", v.name);
  object.put("active_sessions_max", own.active_sessions_max);
  object.put("admission_rate_per_minute", own.admission_rate_per_minute);
  object.put("session_duration_ms", own.session_duration);
  object.put("claim_timeout_ms", own.claim_timeout).put("idle_timeout_ms", own.idle_timeout);
  object.put("entry_work", own.entry_work);
  object.put("session_ends_on", own.session_ends_on).put("order", own.order);
  object.put("state", v.state).put("opens_at", v.opens_at);
  if (!v.draw_ahead()) object.put("draw_seed", v.draw_seed);
  object.put("drawn_at", v.drawn_at).put("next_number", v.next_number);
  object.put("waiting_count", v.waiting_count).put("active_count", v.active_count);
  object.put("next_admission_us", v.next_admission_us).put("silence_from", v.silence_from);
  if (r.step == RoomStep::resumed) object.put(resumed_field, std::int64_t{1});
}

/// Servers of an older program may still sell on the same database, and know no such record: to
/// them it is news of a user, which they pass over.
void write(const PolicyDeclared& r, std::string& out) {
  const auto& [room, sales, wallet] = r.policy;
  ObjectWriter object(out, "catalogue");
  object.put("what", What::user).put("declares", std::string("policy"));
  object.put("active_sessions_max", room.active_sessions_max);
  object.put("admission_rate_per_minute", room.admission_rate_per_minute);
  object.put("session_duration_ms", room.session_duration);
  object.put("claim_timeout_ms", room.claim_timeout).put("idle_timeout_ms", room.idle_timeout);
  object.put("entry_work", room.entry_work).put("session_ends_on", room.session_ends_on);
  object.put("order", room.order).put("hold_duration_ms", sales.hold_duration);
  object.put("seats_per_user_max", sales.seats_per_user_max);
  object.put("require_balance_at_hold", std::int64_t{sales.require_balance_at_hold});
  object.put("charge_max", wallet.charge_max);
}

void write(const ReservationMoved& r, std::string& out) {
  const Reservation& v = r.reservation;
  ObjectWriter object(out, "reservation");
  object.put("step", r.step).put("id", v.id).put("user", v.user).put("event", v.event);
  object.put("state", v.state).put("total", v.total).put("seat_count", v.seat_count);
  object.put("created_at", v.created_at).put("expires_at", v.expires_at);
  object.put("paid_at", v.paid_at).put("ended_at", v.ended_at);
  object.put("attendee_name", v.attendee_name).put("seats", r.seats);
}

void write(const MoneyMoved& r, std::string& out) {
  const Transfer& v = r.transfer;
  ObjectWriter object(out, "money");
  object.put("id", v.id).put("debit", v.debit).put("credit", v.credit).put("amount", v.amount);
  object.put("cause", v.cause).put("wallet", v.wallet);
  object.put("wallet_balance_after", v.wallet_balance_after);
  object.put("reservation", v.reservation).put("seat", v.seat).put("created_at", v.created_at);
}

void write(const CatalogueChanged& r, std::string& out) {
  ObjectWriter(out, "catalogue").put("what", r.what).put("id", r.id);
}

// ---- reading -------------------------------------------------------------------------

/// Thrown inside this file when a text is not ours.
struct Strange {};

template <class Enum, std::size_t N>
Enum value_of(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  throw Strange{};
}

std::string_view text(const boost::json::value& from) { return from.as_string(); }

void read(const boost::json::value& from, std::int64_t& to) { to = from.as_int64(); }
void read(const boost::json::value& from, bool& to) { to = from.as_int64() != 0; }
void read(const boost::json::value& from, Money& to) { to = {from.as_int64()}; }
void read(const boost::json::value& from, Timestamp& to) { to = from_millis(from.as_int64()); }
void read(const boost::json::value& from, Duration& to) { to = Duration{from.as_int64()}; }
template <class Tag>
void read(const boost::json::value& from, Id<Tag>& to) {
  to = {from.as_int64()};
}
void read(const boost::json::value& from, std::string& to) { to = text(from); }
void read(const boost::json::value& from, VisitorToken& to) {
  const std::string_view hex = text(from);
  if (hex.size() != 2 * to.size()) throw Strange{};
  for (std::size_t i = 0; i < to.size(); ++i) {
    const char* at = hex.data() + 2 * i;
    if (std::from_chars(at, at + 2, to.data[i], 16).ptr != at + 2) throw Strange{};
  }
}
void read(const boost::json::value& from, VisitorStep& to) {
  to = value_of(visitor_steps, text(from));
}
void read(const boost::json::value& from, ReservationStep& to) {
  to = value_of(reservation_steps, text(from));
}
void read(const boost::json::value& from, RoomStep& to) { to = value_of(room_steps, text(from)); }
void read(const boost::json::value& from, What& to) { to = value_of(whats, text(from)); }
template <class Enum>
  requires std::is_enum_v<Enum>
void read(const boost::json::value& from, Enum& to) {
  const auto value = from_text<Enum>(text(from));
  if (!value) throw Strange{};
  to = *value;
}
void read(const boost::json::value& from, std::vector<ReservationMoved::SeatOf>& to) {
  for (const auto& pair : from.as_array()) {
    const auto& ids = pair.as_array();
    to.push_back({{ids.at(0).as_int64()}, {ids.at(1).as_int64()}});
  }
}

/// Reads members by name. What may be left out keeps its default: ids, optional values and texts,
/// which entries of older programs do not have.
class ObjectReader {
 public:
  explicit ObjectReader(const boost::json::object& from) : from_(from) {}

  template <class T>
  ObjectReader& get(std::string_view name, T& to) {
    read(from_.at(name), to);
    return *this;
  }
  template <class Tag>
  ObjectReader& get(std::string_view name, Id<Tag>& to) {
    if (const auto* value = from_.if_contains(name)) read(*value, to);
    return *this;
  }
  template <class T>
  ObjectReader& get(std::string_view name, std::optional<T>& to) {
    if (const auto* value = from_.if_contains(name)) read(*value, to.emplace());
    return *this;
  }
  ObjectReader& get(std::string_view name, std::string& to) {
    if (const auto* value = from_.if_contains(name)) read(*value, to);
    return *this;
  }

 private:
  const boost::json::object& from_;
};

VisitorMoved read_visitor(ObjectReader object) {
  VisitorMoved r;
  Visitor& v = r.visitor;
  object.get("step", r.step).get("token", v.token).get("room", v.room).get("user", v.user);
  object.get("number", v.number).get("state", v.state).get("issued_at", v.issued_at);
  object.get("activated_at", v.activated_at).get("expires_at", v.expires_at);
  object.get("ended_at", v.ended_at).get("claimed", v.claimed).get("deadline", v.deadline);
  object.get("browser_id", v.browser_id).get("by", r.by);
  std::optional<std::int64_t> order_key;
  object.get("order_key", order_key);
  v.order_key = order_key.value_or(v.number);
  std::optional<std::int64_t> excused;
  object.get(excused_field, excused);
  if (excused) r.step = VisitorStep::excused;
  return r;
}

RoomMoved read_room(ObjectReader object) {
  RoomMoved r;
  WaitingRoom& v = r.room;
  RoomPolicyOverrides& own = v.policy;
  object.get("step", r.step).get("by", r.by).get("id", v.id).get("name", v.name);
  object.get("active_sessions_max", own.active_sessions_max);
  object.get("admission_rate_per_minute", own.admission_rate_per_minute);
  object.get("session_duration_ms", own.session_duration);
  object.get("claim_timeout_ms", own.claim_timeout).get("idle_timeout_ms", own.idle_timeout);
  object.get("entry_work", own.entry_work);
  object.get("session_ends_on", own.session_ends_on).get("order", own.order);
  object.get("state", v.state).get("opens_at", v.opens_at).get("draw_seed", v.draw_seed);
  object.get("drawn_at", v.drawn_at).get("next_number", v.next_number);
  object.get("waiting_count", v.waiting_count).get("active_count", v.active_count);
  object.get("next_admission_us", v.next_admission_us).get("silence_from", v.silence_from);
  std::optional<std::int64_t> resumed;
  object.get(resumed_field, resumed);
  if (resumed) r.step = RoomStep::resumed;
  return r;
}

PolicyDeclared read_policy(ObjectReader object) {
  PolicyDeclared r;
  auto& [room, sales, wallet] = r.policy;
  object.get("active_sessions_max", room.active_sessions_max);
  object.get("admission_rate_per_minute", room.admission_rate_per_minute);
  object.get("session_duration_ms", room.session_duration);
  object.get("claim_timeout_ms", room.claim_timeout).get("idle_timeout_ms", room.idle_timeout);
  object.get("entry_work", room.entry_work).get("session_ends_on", room.session_ends_on);
  object.get("order", room.order).get("hold_duration_ms", sales.hold_duration);
  object.get("seats_per_user_max", sales.seats_per_user_max);
  object.get("require_balance_at_hold", sales.require_balance_at_hold);
  object.get("charge_max", wallet.charge_max);
  return r;
}

ReservationMoved read_reservation(ObjectReader object) {
  ReservationMoved r;
  Reservation& v = r.reservation;
  object.get("step", r.step).get("id", v.id).get("user", v.user).get("event", v.event);
  object.get("state", v.state).get("total", v.total).get("seat_count", v.seat_count);
  object.get("created_at", v.created_at).get("expires_at", v.expires_at);
  object.get("paid_at", v.paid_at).get("ended_at", v.ended_at);
  object.get("attendee_name", v.attendee_name).get("seats", r.seats);
  return r;
}

MoneyMoved read_money(ObjectReader object) {
  MoneyMoved r;
  Transfer& v = r.transfer;
  object.get("id", v.id).get("debit", v.debit).get("credit", v.credit).get("amount", v.amount);
  object.get("cause", v.cause).get("wallet", v.wallet);
  object.get("wallet_balance_after", v.wallet_balance_after);
  object.get("reservation", v.reservation).get("seat", v.seat).get("created_at", v.created_at);
  return r;
}

CatalogueChanged read_catalogue(ObjectReader object) {
  CatalogueChanged r;
  object.get("what", r.what).get("id", r.id);
  return r;
}

Record read_record(const boost::json::object& object) {
  const std::string_view kind = text(object.at("record"));
  const ObjectReader reader(object);
  if (kind == "visitor") return read_visitor(reader);
  if (kind == "reservation") return read_reservation(reader);
  if (kind == "money") return read_money(reader);
  if (kind == "catalogue" && object.contains("declares")) return read_policy(reader);
  if (kind == "catalogue") return read_catalogue(reader);
  if (kind == "room") return read_room(reader);
  throw Strange{};
}

}  // namespace

void withhold_secrets(Record& record) {
  auto* moved = std::get_if<RoomMoved>(&record);
  if (moved && moved->room.draw_ahead()) moved->room.draw_seed.clear();
}

void write_records(const std::vector<Record>& records, std::string& text) {
  text += '[';
  bool first = true;
  for (const Record& record : records) {
    if (!std::exchange(first, false)) text += ",\n";
    std::visit([&](const auto& r) { write(r, text); }, record);
  }
  text += ']';
}

std::optional<std::vector<Record>> read_records(std::string_view text) {
  try {
    boost::json::monotonic_resource memory;
    boost::json::parse_options options;
    options.allow_invalid_utf8 = true;  // a text comes back as it was, whatever it was
    const boost::json::value parsed = boost::json::parse(text, &memory, options);
    std::vector<Record> records;
    for (const auto& record : parsed.as_array()) records.push_back(read_record(record.as_object()));
    return records;
  } catch (const Strange&) {
    return std::nullopt;
  } catch (const std::exception&) {  // what Boost.JSON throws for a wrong type or syntax
    return std::nullopt;
  }
}

}  // namespace onsale::store
