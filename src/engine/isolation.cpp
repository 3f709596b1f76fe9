#include "engine/isolation.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace onsale::engine {

using Fate = Attempt::Fate;

bool Isolation::isolate(const std::vector<Chore>& chores, Now now) {
  tries_left_ = tries_max;
  guilty_in_.clear();
  return search(chores, now);
}

/// Those that are part of what is left alone altogether by now are passed over.
bool Isolation::search(std::span<const Chore> chores, Now now) {
  Chores wanted;
  for (const Chore& chore : chores) {
    if (!left_alone_.contains(lane_.whole_of(chore))) wanted.insert(chore);
  }
  if (wanted.empty()) return true;
  if (tries_left_-- <= 0) return false;
  switch (attempt_(wanted)) {
    case Fate::committed:
      return true;
    case Fate::conflict:
    case Fate::unavailable:
      return false;
    case Fate::refused:
    case Fate::broken:
      break;
  }
  if (wanted.size() == 1) {
    leave_alone(*wanted.begin(), now);
    return true;
  }
  const std::size_t half = chores.size() / 2;
  return search(chores.first(half), now) && search(chores.subspan(half), now);
}

void Isolation::leave_alone(const Chore& guilty, Now now) {
  const Chore whole = lane_.whole_of(guilty);
  const Chore chore = whole != guilty && ++guilty_in_[whole] > guilty_max ? whole : guilty;
  const std::string name = lane_.name_of(chore);
  spdlog::error("{} is left alone, since it breaks a guard; everything else that is due goes on",
                name);
  change([&] { left_alone_[chore] = {.name = name, .again_at = now + left_alone_for_}; });
}

void Isolation::try_again(Now now) {
  std::vector<Chore> due;
  for (const auto& [chore, left] : left_alone_) {
    if (left.again_at <= now && due.size() < tried_again_max) due.push_back(chore);
  }
  for (const Chore& chore : due) {
    if (attempt_(Chores{chore}) == Fate::committed) {
      spdlog::info("{} is no longer left alone", left_alone_.at(chore).name);
      change([&] { left_alone_.erase(chore); });
    } else {
      change([&] { left_alone_.at(chore).again_at = now + left_alone_for_; });
    }
  }
}

void Isolation::change(const std::function<void()>& by) {
  Chores left;
  {
    const std::lock_guard lock(mutex_);
    by();
    for (const auto& [chore, _] : left_alone_) left.insert(chore);
  }
  lane_.leave_alone(std::move(left));
}

std::vector<std::string> Isolation::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  names.reserve(left_alone_.size());
  for (const auto& [_, left] : left_alone_) names.push_back(left.name);
  return names;
}

}  // namespace onsale::engine
