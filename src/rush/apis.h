// The APIs that a rush can be played in: the native one and the five of docs/dialects.md, each
// through its own routes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "rush/sale.h"

namespace onsale::rush {

/// Seats that any buyer wants, at most.
inline constexpr int party_most = 4;

struct Api {
  /// What it calls a performance: the member of Wanted that it takes.
  enum class Called : std::uint8_t { by_id, by_date };

  std::string_view name;
  Called performance = Called::by_id;
  int party_max = 1;          ///< seats of one hold
  bool numbers_users = true;  ///< wants Person::user
  /// What is referred to must outlive it.
  std::unique_ptr<Sale> (*sale)(Client& client, Tally& tally, const Wanted& wanted) = nullptr;
};

/// "native" first, then the dialects by name.
[[nodiscard]] std::span<const Api> apis();

}  // namespace onsale::rush
