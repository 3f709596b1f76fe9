#include "store/fingerprint.h"

#include <sodium.h>

#include <array>
#include <bit>
#include <boost/pfr.hpp>
#include <chrono>
#include <optional>
#include <type_traits>
#include <variant>

#include "store/journal_codec.h"
#include "store/parts.h"

namespace onsale::store {
namespace {

/// Fields go in with fixed width or with their length, so that no two rows look alike.
class Hasher {
 public:
  Hasher() { crypto_generichash_init(&state_, nullptr, 0, digest_.size()); }

  template <class Field>
  void add(const Field& field) {
    if constexpr (std::is_same_v<Field, std::string>) {
      add(std::ssize(field));
      bytes(field.data(), field.size());
    } else if constexpr (std::is_same_v<Field, BatchId>) {
      bytes(field.data, sizeof field.data);
    } else if constexpr (std::is_same_v<Field, std::vector<domain::Record>>) {
      std::string text;
      write_records(field, text);
      add(text);
    } else if constexpr (std::is_floating_point_v<Field>) {
      add(std::bit_cast<std::int64_t>(static_cast<double>(field)));
    } else if constexpr (std::is_integral_v<Field> || std::is_enum_v<Field>) {
      const auto wide = static_cast<std::int64_t>(field);
      bytes(&wide, sizeof wide);
    } else {
      compound(field);
    }
  }

  [[nodiscard]] std::string hex() {
    crypto_generichash_final(&state_, digest_.data(), digest_.size());
    std::string text(digest_.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), digest_.data(), digest_.size());
    text.pop_back();
    return text;
  }

 private:
  void compound(const domain::Timestamp& at) { add(at.time_since_epoch().count()); }
  void compound(const domain::Duration& duration) { add(duration.count()); }
  template <class Value>
  void compound(const std::optional<Value>& value) {
    add(value.has_value());
    if (value) add(*value);
  }
  template <class Struct>
  void compound(const Struct& row) {
    boost::pfr::for_each_field(row, [this](const auto& field) { add(field); });
  }
  void bytes(const void* data, std::size_t size) {
    crypto_generichash_update(&state_, static_cast<const unsigned char*>(data), size);
  }

  crypto_generichash_state state_{};
  std::array<unsigned char, crypto_generichash_BYTES> digest_{};
};

class Counted {
 public:
  template <class Row>
  void row(const Row& row) {
    ++rows_;
    hasher_.add(row);
  }
  template <class List>
  void list(const List& rows) {
    for (const auto& one : rows) row(one);
  }
  template <class Key, class Row>
  void table(const domain::Table<Key, Row>& table) {
    for (const auto& entry : table.entries()) row(entry.row);
  }

  void part(const Part& part) {
    const domain::Rows& rows = part.rows;
    table(rows.users);
    table(rows.venues);
    table(rows.rooms);
    table(rows.events);
    table(rows.performances);
    table(rows.price_tiers);
    table(rows.accounts);
    table(rows.reservations);
    list(rows.new_seats);
    table(rows.visitors);
    list(rows.new_tickets);
    table(rows.lines);
    list(rows.new_transfers);
    list(rows.new_idempotency);
    list(part.secrets);
    list(part.journal);
  }

  [[nodiscard]] Fingerprint result() { return {rows_, hasher_.hex()}; }

 private:
  std::int64_t rows_ = 0;
  Hasher hasher_;
};

}  // namespace

Result<Fingerprint> fingerprint(Reader& reader) {
  Counted counted;
  const auto read = each_part(reader, [&](const Part& part) { counted.part(part); });
  if (!read) return std::unexpected(read.error());
  return counted.result();
}

}  // namespace onsale::store
