#include "sim/shadow_line.h"

#include "domain/require.h"

namespace onsale::sim {

std::size_t ShadowLine::append(std::int64_t who) {
  domain::require(who != 0, "nobody has the number zero");
  const std::size_t place = who_.size();
  who_.push_back(who);
  if (place % block == 0) in_block_.push_back(0);
  ++in_block_.back();
  ++size_;
  return place;
}

void ShadowLine::remove(std::size_t place) {
  domain::require(place < who_.size() && who_[place] != 0, "only who is there can go");
  who_[place] = 0;
  --in_block_[place / block];
  --size_;
}

std::optional<std::int64_t> ShadowLine::first() {
  while (front_ < who_.size() && who_[front_] == 0) ++front_;
  return front_ < who_.size() ? std::optional(who_[front_]) : std::nullopt;
}

std::int64_t ShadowLine::ahead_of(std::size_t place) const {
  std::int64_t ahead = 0;
  for (std::size_t b = 0; b < place / block; ++b) ahead += in_block_[b];
  for (std::size_t p = place / block * block; p < place; ++p) ahead += who_[p] != 0 ? 1 : 0;
  return ahead;
}

}  // namespace onsale::sim
