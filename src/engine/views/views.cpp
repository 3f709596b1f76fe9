#include "engine/views/views.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>

#include "store/policy_words.h"

namespace onsale::engine {
namespace {

/// A bug in following is an error like others: what was committed stays so.
template <class Work>
store::Result<void> unless_thrown(const Work& work) noexcept {
  try {
    return work();
  } catch (const std::exception& bug) {
    return std::unexpected(store::Error{store::Failure::damaged, bug.what()});
  }
}

}  // namespace

/// The seat maps that a batch touches: each copied once, as far as it changes, and published once.
class Views::SeatMapEdits {
 public:
  SeatMapEdits(const Catalogue& catalogue, const Rooms& rooms, std::int64_t version)
      : catalogue_(catalogue), rooms_(rooms), version_(version) {}

  void apply(const domain::ReservationMoved& moved) {
    const domain::SeatStatus status = status_after(moved.step);
    for (const auto& [performance, seat] : moved.seats) {
      if (SeatMap* map = editable(performance)) set(*map, seat, status);
    }
  }

  void publish() {
    for (auto& [performance, map] : edited_) {
      const auto* entry = catalogue_.performance(performance);
      const std::int64_t more = map->available - entry->seats->get()->available;
      entry->seats->set(std::move(map));
      rooms_.at(catalogue_.event(entry->performance.event)->room)->add_seats_left(more);
    }
  }

 private:
  SeatMap* editable(domain::PerformanceId performance) {
    if (const auto at = edited_.find(performance); at != edited_.end()) return at->second.get();
    const auto* entry = catalogue_.performance(performance);
    const auto current = entry ? entry->seats->get() : nullptr;
    if (!current) return nullptr;
    auto copy = std::make_shared<SeatMap>(*current);
    copy->version = version_;
    return edited_.emplace(performance, std::move(copy)).first->second.get();
  }

  void set(SeatMap& map, domain::SeatId seat, domain::SeatStatus status) {
    const auto index = map.layout->index_of(seat);
    if (!index) return;
    if (map.status[*index] == domain::SeatStatus::available) --map.available;
    if (status == domain::SeatStatus::available) ++map.available;
    map.status.set(*index, status);
    map.changed_at.set(*index, version_);
  }

  const Catalogue& catalogue_;
  const Rooms& rooms_;
  const std::int64_t version_;
  std::map<domain::PerformanceId, std::shared_ptr<SeatMap>> edited_;
};

store::Result<void> Views::rebuild(store::Reader& reader) {
  const std::lock_guard lock(changing_);
  return read_all(reader);
}

store::Result<void> Views::read_all(store::Reader& reader) {
  auto rooms = std::make_shared<Rooms>();
  std::shared_ptr<Catalogue> fresh;
  store::JournalMark mark;
  const auto read = [&]() -> store::Result<void> {
    const auto now = reader.journal_mark();
    if (!now) return std::unexpected(now.error());
    mark = *now;
    const auto end = reader.journal_end();
    if (!end) return std::unexpected(end.error());
    auto catalogue = load_catalogue(reader, nullptr);
    if (!catalogue) return std::unexpected(catalogue.error());
    fresh = *catalogue;
    for (const auto& [id, entry] : fresh->performances) {
      auto map = load_seat_map(reader, id, end->value);
      if (!map) return std::unexpected(map.error());
      entry.seats->set(*map);
    }
    for (const auto& [id, room] : fresh->rooms) {
      rooms->emplace(id, view_of(room));
    }
    return reader.each_visitor(/*live_only=*/true, [&](const domain::Visitor& visitor) {
      rooms->at(visitor.room)->load(visitor);
    });
  };
  if (auto done = reader.snapshot(read); !done) return done;
  for (const auto& [id, room] : fresh->rooms) rooms->at(id)->loaded(room.drawn_at.has_value());
  count_seats(*fresh, *rooms);
  catalogue_.set(std::move(fresh));
  rooms_.set(std::move(rooms));
  followed_ = std::move(mark);
  stale_ = false;
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
    done = refresh_locked(reader);  // what is read has these records in it already
  } else if (writers_ == Writers::others_too) {
    done = catch_up_locked(reader);
  } else {
    done = unless_thrown([&]() -> store::Result<void> {
      follow(announced().at(batch), version, now, reader);
      return {};
    });
    stale_ = !done;
  }
  forget_announced(batch);
  if (!done) spdlog::error("views not up to date: {}", done.error().message);
}

store::Result<void> Views::catch_up(store::Reader& reader) noexcept {
  const std::lock_guard lock(changing_);
  if (stale_) return refresh_locked(reader);
  return writers_ == Writers::others_too ? catch_up_locked(reader) : store::Result<void>();
}

store::Result<void> Views::catch_up_locked(store::Reader& reader) noexcept {
  bool begun = false;
  auto done = unless_thrown([&] {
    const Announced ours = announced();
    std::vector<store::BatchId> known;
    for (const auto& [batch, records] : ours) known.push_back(batch);
    return reader.follow_journal(followed_, known, [&](const store::JournalEntry& entry) {
      begun = true;
      const auto own = ours.find(entry.batch);
      follow(own == ours.end() ? std::span(entry.records) : own->second, entry.id, entry.at,
             reader);
    });
  });
  if (done) return done;
  const bool lost_its_place = done.error().failure == store::Failure::unknown;
  stale_ = begun || lost_its_place;  // or half of what there was has been followed
  return lost_its_place ? refresh_locked(reader) : done;
}

void Views::forget() {
  const std::lock_guard lock(changing_);
  stale_ = true;
}

store::Result<void> Views::refresh(store::Reader& reader) noexcept {
  const std::lock_guard lock(changing_);
  return refresh_locked(reader);
}

store::Result<void> Views::refresh_locked(store::Reader& reader) noexcept {
  if (!stale_) return {};
  return unless_thrown([&] { return read_all(reader); });
}

void Views::follow(std::span<const domain::Record> records, domain::JournalId version,
                   domain::Timestamp now, store::Reader& reader) {
  std::vector<domain::CatalogueChanged> changes;
  for (const domain::Record& record : records) {
    if (const auto* change = std::get_if<domain::CatalogueChanged>(&record)) {
      if (change->what != domain::CatalogueChanged::What::user) changes.push_back(*change);
    }
  }
  if (!changes.empty()) {
    if (const auto done = reload(changes, version, reader); !done) {
      throw std::runtime_error(done.error().message);
    }
  }
  follow_rooms(records);
  const auto catalogue = catalogue_.get();
  const auto rooms = rooms_.get();
  SeatMapEdits edits(*catalogue, *rooms, version.value);
  for (const domain::Record& record : records) {
    if (const auto* moved = std::get_if<domain::VisitorMoved>(&record)) {
      rooms->at(moved->visitor.room)->apply(*moved, now);
    } else if (const auto* room = std::get_if<domain::RoomMoved>(&record)) {
      if (room->step == domain::RoomStep::drawn) rooms->at(room->room.id)->draw();
    } else if (const auto* seats = std::get_if<domain::ReservationMoved>(&record)) {
      edits.apply(*seats);
    } else if (const auto* declared = std::get_if<domain::PolicyDeclared>(&record)) {
      declared_.set(std::make_shared<domain::Policy>(declared->policy));
      if (declared->policy == policy_) continue;
      spdlog::warn("another server on this database decides by another configuration: {}",
                   store::words_of_change(policy_, declared->policy));
    }
  }
  edits.publish();
}

/// What organisers and draws did to rooms, as the catalogue shows it.
void Views::follow_rooms(std::span<const domain::Record> records) {
  std::shared_ptr<Catalogue> fresh;
  for (const domain::Record& record : records) {
    const auto* moved = std::get_if<domain::RoomMoved>(&record);
    if (!moved) continue;
    if (!fresh) fresh = std::make_shared<Catalogue>(*catalogue_.get());
    fresh->rooms.insert_or_assign(moved->room.id, moved->room);
  }
  if (!fresh) return;
  publish_rooms(*fresh);
  catalogue_.set(std::move(fresh));
}

store::Result<void> Views::reload(std::span<const domain::CatalogueChanged> changes,
                                  domain::JournalId version, store::Reader& reader) {
  const auto previous = catalogue_.get();
  std::shared_ptr<Catalogue> fresh;
  std::map<domain::PerformanceId, std::shared_ptr<const SeatMap>> maps;
  const auto read = [&]() -> store::Result<void> {
    auto catalogue = load_catalogue(reader, previous.get());
    if (!catalogue) return std::unexpected(catalogue.error());
    fresh = *catalogue;
    for (const auto& [id, entry] : fresh->performances) {
      const bool has_new_seats = std::ranges::any_of(changes, [&](const auto& change) {
        return change.what == domain::CatalogueChanged::What::seats && change.id == id.value;
      });
      if (entry.seats->get() && !has_new_seats) continue;
      auto map = load_seat_map(reader, id, version.value);
      if (!map) return std::unexpected(map.error());
      maps.emplace(id, *std::move(map));
    }
    return {};
  };
  // As of one moment: others may be adding a performance while this one is being read.
  if (auto done = reader.snapshot(read); !done) return done;
  for (auto& [id, map] : maps) fresh->performances.at(id).seats->set(std::move(map));
  publish_rooms(*fresh);
  catalogue_.set(std::move(fresh));
  return {};
}

void Views::publish_rooms(const Catalogue& catalogue) {
  auto rooms = std::make_shared<Rooms>(*rooms_.get());
  for (const auto& [id, room] : catalogue.rooms) {
    const auto [at, fresh] = rooms->try_emplace(id, nullptr);
    if (fresh) {
      at->second = view_of(room);
    } else {
      at->second->set_policy(room.policy.over(policy_.room), room.state == domain::RoomState::open,
                             room.silence_from);
    }
  }
  count_seats(catalogue, *rooms);
  rooms_.set(std::move(rooms));
}

std::shared_ptr<WaitingRoomView> Views::view_of(const domain::WaitingRoom& room) const {
  const bool open = room.state == domain::RoomState::open;
  const bool others_decide = writers_ == Writers::others_too;
  auto view = std::make_shared<WaitingRoomView>(room.policy.over(policy_.room), open, &hearing_,
                                                others_decide);
  view->set_policy(room.policy.over(policy_.room), open, room.silence_from);
  return view;
}

/// Anew, after the catalogue changed; SeatMapEdits keeps the counts up in between.
void Views::count_seats(const Catalogue& catalogue, const Rooms& rooms) {
  std::map<domain::RoomId, std::int64_t> seats;
  for (const auto& [id, entry] : catalogue.performances) {
    const domain::Event* event = catalogue.event(entry.performance.event);
    const auto map = event ? entry.seats->get() : nullptr;
    if (map) seats[event->room] += map->available;
  }
  for (const auto& [id, room] : rooms) room->set_seats_left(seats[id]);
}

std::shared_ptr<const SeatMap> Views::seat_map(domain::PerformanceId id) const {
  const auto catalogue = catalogue_.get();
  const auto* entry = catalogue->performance(id);
  return entry ? entry->seats->get() : nullptr;
}

std::shared_ptr<const SeatMap> Views::seat_map_with(domain::SeatId seat) const {
  const auto current = catalogue();  // kept: a newer one may replace it meanwhile
  for (const auto& [id, entry] : current->performances) {
    auto map = entry.seats->get();
    if (map && map->layout->index_of(seat)) return map;
  }
  return nullptr;
}

std::shared_ptr<WaitingRoomView> Views::room(domain::RoomId id) const {
  const auto rooms = rooms_.get();
  const auto at = rooms->find(id);
  return at == rooms->end() ? nullptr : at->second;
}

std::optional<domain::Timestamp> Views::last_heard(const domain::Visitor& visitor) const {
  const auto view = room(visitor.room);
  return view ? view->last_heard(visitor) : std::nullopt;
}

std::optional<domain::RoomId> Views::room_of(const domain::VisitorToken& token) const {
  const auto rooms = rooms_.get();
  for (const auto& [id, room] : *rooms) {
    if (room->has(token)) return id;
  }
  return std::nullopt;
}

std::optional<VisitorView> Views::visitor(const domain::VisitorToken& token,
                                          domain::Timestamp now) const {
  const auto rooms = rooms_.get();
  for (const auto& [id, room] : *rooms) {
    if (auto found = room->find(token, now)) return found;
  }
  return std::nullopt;
}

}  // namespace onsale::engine
