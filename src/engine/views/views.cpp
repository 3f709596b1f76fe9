#include "engine/views/views.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

namespace onsale::engine {
namespace {

/// A batch that hangs is ended by the database before that.
constexpr std::chrono::seconds settling_max{10};
constexpr std::chrono::seconds settling_for_some_max{2};
constexpr std::chrono::milliseconds settling_asked_every{5};
/// Between two questions to the journal they are always a little behind.
constexpr domain::Duration behind_tolerated{1000};

/// A bug in following is an error like others: what was committed stays so.
template <class Work>
store::Result<void> unless_thrown(const Work& work) noexcept {
  try {
    return work();
  } catch (const std::exception& bug) {
    return std::unexpected(store::Error{store::Failure::damaged, bug.what()});
  }
}

/// Waits until no entry can come any more with a position below one that had been committed by the
/// mark: only then is what was read at the mark exactly what the entries up to that position did.
store::Result<bool> settled(store::Reader& reader, const store::JournalMark& mark,
                            std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto done = reader.is_settled(mark);
    if (!done || *done || std::chrono::steady_clock::now() > deadline) return done;
    std::this_thread::sleep_for(settling_asked_every);
  }
}

/// What was committed after the place comes on top of what was read there.
store::Result<void> follow_into(Shown& fresh, Place& place, store::Reader& reader) {
  return unless_thrown([&]() -> store::Result<void> {
    std::vector<store::JournalEntry> entries;
    auto read = reader.follow_journal(
        place.mark, {}, [&](const store::JournalEntry& entry) { entries.push_back(entry); });
    if (!read) return read;
    for (const store::JournalEntry& entry : entries) {
      place.end = std::max(place.end, entry.id);
      fresh.follow(entry.records, entry.id, entry.at, reader);
    }
    return {};
  });
}

void follow_on(SeatMaps& maps, const domain::ReservationMoved& moved, domain::JournalId at) {
  for (const auto& [performance, seat] : moved.seats) {
    const auto map = maps.find(performance);
    if (map == maps.end()) continue;
    map->second->version = std::max(map->second->version, at.value);
    map->second->set(seat, status_after(moved.step), at.value);
  }
}

}  // namespace

store::Result<void> Views::rebuild(store::Reader& reader) { return read_anew(reader); }

store::Result<void> Views::read_anew(store::Reader& reader) {
  const std::lock_guard alone(reading_);
  Shown fresh(policy_, clock_, hearing_, writers_ == Writers::others_too);
  auto place = fresh.read(reader);
  if (!place) return std::unexpected(place.error());
  const auto done = settled(reader, place->mark, settling_max);
  if (!done) return std::unexpected(done.error());
  if (!*done) {
    spdlog::warn(
        "somebody has been writing to the journal for {} s; whoever asks what changed on a seat "
        "map "
        "since this moment may miss what that is",
        settling_max.count());
  }
  // What was committed in the meantime, and then what while that was followed, which is little.
  for (int round = 0; round < 2; ++round) {
    if (auto followed = follow_into(fresh, *place, reader); !followed) return followed;
  }
  const std::lock_guard lock(changing_);
  if (auto followed = follow_into(fresh, *place, reader); !followed) return followed;
  shown_.take_over(fresh);
  followed_ = *std::move(place);
  set_stale(false);
  // The signs of life were in the views that these replace; where others write too, those that
  // matter are written down.
  if (writers_ == Writers::only_we) hearing_.interrupt();
  return {};
}

void Views::announce(const store::BatchId& batch, std::span<const domain::Record> records) {
  // Not waiting for changing_: the batch has rows locked in the store by now, and whoever changes
  // the views may be reading there for long.
  const std::lock_guard lock(announcing_);
  announced_.emplace(batch, records);
}

void Views::withdraw(const store::BatchId& batch) {
  const std::lock_guard lock(changing_);  // nobody is following its records
  forget_announced(batch);
}

void Views::forget_announced(const store::BatchId& batch) {
  const std::lock_guard lock(announcing_);
  announced_.erase(batch);
}

Views::Announced Views::announced() const {
  const std::lock_guard lock(announcing_);
  return announced_;
}

void Views::apply(const store::BatchId& batch, domain::JournalId version, domain::Timestamp now,
                  store::Reader& reader) noexcept {
  const std::lock_guard lock(changing_);
  store::Result<void> done;
  if (stale_) {
    // It shows when they have been read anew.
  } else if (writers_ == Writers::others_too) {
    done = catch_up_locked(reader);
  } else if (version > followed_.end) {  // else what was read anew has it already
    done = unless_thrown([&]() -> store::Result<void> {
      shown_.follow(announced().at(batch), version, now, reader);
      return {};
    });
    if (!done) set_stale(true);
  }
  forget_announced(batch);
  if (!done) spdlog::error("views not up to date: {}", done.error().message);
}

store::Result<void> Views::catch_up(store::Reader& reader) noexcept {
  {
    const std::lock_guard lock(changing_);
    store::Result<void> done;
    if (!stale_ && writers_ == Writers::others_too) done = catch_up_locked(reader);
    if (!stale_ && !shown_.let_go_of_past()) set_stale(true);
    if (!stale_) return done;
  }
  return refresh(reader);
}

store::Result<void> Views::catch_up_locked(store::Reader& reader) noexcept {
  bool begun = false;
  auto done = unless_thrown([&] {
    const Announced ours = announced();
    std::vector<store::BatchId> known;
    for (const auto& [batch, records] : ours) known.push_back(batch);
    return reader.follow_journal(followed_.mark, known, [&](const store::JournalEntry& entry) {
      begun = true;
      const auto own = ours.find(entry.batch);
      shown_.follow(own == ours.end() ? std::span(entry.records) : own->second, entry.id, entry.at,
                    reader);
    });
  });
  if (done) {
    note_current();
  } else if (begun || done.error().failure == store::Failure::unknown) {
    set_stale(true);  // half of what there was has been followed, or nobody knows what there was
  }
  return done;
}

void Views::forget() {
  const std::lock_guard lock(changing_);
  set_stale(true);
}

store::Result<void> Views::refresh(store::Reader& reader) noexcept {
  if (!stale_) return {};
  return unless_thrown([&] { return read_anew(reader); });
}

void Views::set_stale(bool stale) {
  const bool was = stale_.exchange(stale);
  if (!stale || (!was && writers_ == Writers::only_we)) note_current();
}

domain::Duration Views::behind() const {
  if (!stale_ && writers_ == Writers::only_we) return {};
  const Steady::duration since{Steady::now().time_since_epoch().count() - current_at_};
  const auto behind = std::chrono::duration_cast<domain::Duration>(since);
  return behind < behind_tolerated ? domain::Duration{} : behind;
}

store::Result<std::map<domain::PerformanceId, std::shared_ptr<const SeatMap>>>
Views::fetch_seat_maps(std::vector<domain::PerformanceId> performances, store::Reader& reader) {
  const auto known = catalogue();
  std::map<domain::PerformanceId, std::shared_ptr<const SeatMap>> found;
  std::erase_if(performances, [&](auto id) {
    const auto* entry = known->performance(id);
    auto map = entry ? entry->seats->get() : nullptr;
    return !entry || (map && found.emplace(id, std::move(map)).second);
  });
  if (performances.empty()) return found;
  std::ranges::sort(performances);
  performances.erase(std::ranges::unique(performances).begin(), performances.end());
  Place place;
  SeatMaps maps;
  const auto read = [&]() -> store::Result<void> {
    auto mark = reader.journal_mark();
    if (!mark) return std::unexpected(mark.error());
    const auto end = reader.journal_end();
    if (!end) return std::unexpected(end.error());
    place = {.mark = *std::move(mark), .end = *end};
    auto loaded =
        load_seat_maps(reader, performances, tier_names(*known, performances), end->value);
    if (!loaded) return std::unexpected(loaded.error());
    maps = *std::move(loaded);
    return {};
  };
  if (auto done = reader.snapshot(read); !done) return std::unexpected(done.error());
  const auto done = settled(reader, place.mark, settling_for_some_max);
  if (!done) return std::unexpected(done.error());
  if (!*done) {
    return std::unexpected(
        store::Error{store::Failure::unavailable, "somebody is writing to the journal"});
  }
  const std::lock_guard lock(changing_);  // nothing is followed between this and their being shown
  const auto followed =
      reader.follow_journal(place.mark, {}, [&](const store::JournalEntry& entry) {
        for (const domain::Record& record : entry.records) {
          if (const auto* moved = std::get_if<domain::ReservationMoved>(&record)) {
            follow_on(maps, *moved, entry.id);
          }
        }
      });
  if (!followed) return std::unexpected(followed.error());
  for (auto& [id, map] : maps) found.emplace(id, shown_.lend(std::move(map)));
  return found;
}

std::shared_ptr<const SeatMap> Views::seat_map(domain::PerformanceId id) const {
  const auto known = catalogue();
  const auto* entry = known->performance(id);
  return entry ? entry->seats->get() : nullptr;
}

std::shared_ptr<WaitingRoomView> Views::room(domain::RoomId id) const {
  return shown_.rooms.get()->room(id);
}

std::optional<domain::Timestamp> Views::last_heard(const domain::Visitor& visitor) const {
  const auto view = room(visitor.room);
  return view ? view->last_heard(visitor) : std::nullopt;
}

std::optional<domain::RoomId> Views::room_of(const domain::VisitorToken& token) const {
  return shown_.rooms.get()->visitors->find(token);
}

std::optional<VisitorView> Views::visitor(const domain::VisitorToken& token,
                                          domain::Timestamp now) const {
  const auto in = shown_.rooms.get()->room_of(token);
  return in ? in->find(token, now) : std::nullopt;
}

}  // namespace onsale::engine
