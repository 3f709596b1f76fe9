#include "engine/views/shown.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>

#include "domain/reservation.h"
#include "store/policy_words.h"

namespace onsale::engine {

std::shared_ptr<WaitingRoomView> Rooms::room(domain::RoomId id) const {
  const auto at = by_id.find(id);
  return at == by_id.end() ? nullptr : at->second;
}

std::shared_ptr<WaitingRoomView> Rooms::room_of(const domain::VisitorToken& token) const {
  const auto in = visitors->find(token);
  return in ? room(*in) : nullptr;
}

// ---- seats ---------------------------------------------------------------------------

/// The seat maps that a batch touches: each copied once, as far as it changes, and published once.
class Shown::SeatMapEdits {
 public:
  SeatMapEdits(Shown& of, std::int64_t version)
      : of_(of), catalogue_(of.catalogue.get()), rooms_(of.rooms.get()), version_(version) {}

  void apply(const domain::ReservationMoved& moved) {
    const domain::SeatStatus status = status_after(moved.step);
    for (const auto& [performance, seat] : moved.seats) {
      if (SeatMap* map = editable(performance)) map->set(seat, status, version_);
    }
  }

  void publish() {
    for (auto& [performance, map] : edited_) {
      const auto* entry = catalogue_->performance(performance);
      if (!entry->seats->kept()) {
        entry->seats->lend(map);
        of_.recent_.hold(std::move(map));
        continue;
      }
      const std::int64_t more = map->available - entry->seats->get()->available;
      entry->seats->keep(std::move(map));
      const auto room = rooms_->room(catalogue_->event(entry->performance.event)->room);
      room->add_seats_left(more);
    }
  }

 private:
  SeatMap* editable(domain::PerformanceId performance) {
    if (const auto at = edited_.find(performance); at != edited_.end()) return at->second.get();
    const auto* entry = catalogue_->performance(performance);
    if (!entry) return nullptr;
    const auto current = entry->seats->get();
    if (!current) entry->seats->forget();
    if (!current || (!of_.reading_ && current->version >= version_)) return nullptr;
    auto copy = std::make_shared<SeatMap>(*current);
    copy->version = std::max(copy->version, version_);
    return edited_.emplace(performance, std::move(copy)).first->second.get();
  }

  Shown& of_;
  const std::shared_ptr<const Catalogue> catalogue_;
  const std::shared_ptr<const Rooms> rooms_;
  const std::int64_t version_;
  std::map<domain::PerformanceId, std::shared_ptr<SeatMap>> edited_;
};

/// Those whose seats are kept.
Shown::Performances Shown::ahead(const Catalogue& of) const {
  Performances ids;
  for (const auto& [id, entry] : of.performances) {
    if (entry.performance.starts_at > past_until_) ids.push_back(id);
  }
  return ids;
}

bool Shown::let_go_of_past() {
  constexpr domain::Duration clock_step_max = std::chrono::hours{1};
  const domain::Timestamp until = clock_.now() - domain::over_after;
  if (until <= past_until_) return until + clock_step_max > past_until_;
  const auto in = catalogue.get();
  const auto from = std::exchange(past_until_, until);
  for (const auto& [at, id] : in->beginning_after(from)) {
    if (at > until) break;
    const auto& entry = in->performances.at(id);
    const auto map = entry.seats->get();
    if (!entry.seats->kept()) continue;
    entry.seats->let_go();
    rooms.get()->room(in->event(entry.performance.event)->room)->add_seats_left(-map->available);
  }
  return true;
}

std::shared_ptr<const SeatMap> Shown::lend(std::shared_ptr<SeatMap> map) {
  const auto in = catalogue.get();
  const auto* entry = in->performance(map->performance);
  if (!entry) return map;
  if (auto there = entry->seats->get()) return there;
  entry->seats->lend(map);
  recent_.hold(map);
  return map;
}

// ---- everything ----------------------------------------------------------------------

store::Result<Place> Shown::read(store::Reader& reader) {
  reading_ = true;
  past_until_ = clock_.now() - domain::over_after;
  auto fresh_rooms = std::make_shared<Rooms>();
  std::shared_ptr<Catalogue> fresh;
  Place place;
  const auto read = [&]() -> store::Result<void> {
    const auto mark = reader.journal_mark();
    if (!mark) return std::unexpected(mark.error());
    const auto end = reader.journal_end();
    if (!end) return std::unexpected(end.error());
    place = {.mark = *mark, .end = *end};
    auto loaded = load_catalogue(reader, nullptr);
    if (!loaded) return std::unexpected(loaded.error());
    fresh = *loaded;
    const Performances wanted = ahead(*fresh);
    auto maps = load_seat_maps(reader, wanted, tier_names(*fresh, wanted), end->value);
    if (!maps) return std::unexpected(maps.error());
    for (auto& [id, map] : *maps) fresh->performances.at(id).seats->keep(std::move(map));
    for (const auto& [id, room] : fresh->rooms) {
      fresh_rooms->by_id.emplace(id, view_of(room));
    }
    return reader.each_visitor(/*live_only=*/true, [&](const domain::Visitor& visitor) {
      fresh_rooms->by_id.at(visitor.room)->load(visitor);
      fresh_rooms->visitors->add(visitor.token, visitor.room);
    });
  };
  if (auto done = reader.snapshot(read); !done) return std::unexpected(done.error());
  for (const auto& [id, room] : fresh->rooms) {
    fresh_rooms->by_id.at(id)->loaded(room.drawn_at.has_value());
  }
  count_seats(*fresh, *fresh_rooms);
  fresh->index();
  catalogue.set(std::move(fresh));
  rooms.set(std::move(fresh_rooms));
  return place;
}

void Shown::take_over(Shown& other) {
  const auto old_catalogue = catalogue.get();
  const auto old_rooms = rooms.get();
  catalogue.set(other.catalogue.get());
  rooms.set(other.rooms.get());
  other.catalogue.set(old_catalogue);  // to be freed when nobody waits
  other.rooms.set(old_rooms);
  if (auto known = other.declared.get()) declared.set(std::move(known));
  past_until_ = other.past_until_;
  recent_ = std::move(other.recent_);
  reading_ = false;
}

// ---- following -----------------------------------------------------------------------

void Shown::follow(std::span<const domain::Record> records, domain::JournalId version,
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
  const auto in = rooms.get();
  SeatMapEdits edits(*this, version.value);
  for (const domain::Record& record : records) {
    if (const auto* moved = std::get_if<domain::VisitorMoved>(&record)) {
      const domain::Visitor& visitor = moved->visitor;
      in->by_id.at(visitor.room)->apply(*moved, now);
      if (visitor.live())
        in->visitors->add(visitor.token, visitor.room);
      else
        in->visitors->remove(visitor.token);
    } else if (const auto* room = std::get_if<domain::RoomMoved>(&record)) {
      if (room->step == domain::RoomStep::drawn) in->by_id.at(room->room.id)->draw();
    } else if (const auto* seats = std::get_if<domain::ReservationMoved>(&record)) {
      edits.apply(*seats);
    } else if (const auto* by = std::get_if<domain::PolicyDeclared>(&record)) {
      declared.set(std::make_shared<domain::Policy>(by->policy));
      if (by->policy == policy_) continue;
      spdlog::warn("another server on this database decides by another configuration: {}",
                   store::words_of_change(policy_, by->policy));
    }
  }
  edits.publish();
}

/// What organisers and draws did to rooms, as the catalogue shows it.
void Shown::follow_rooms(std::span<const domain::Record> records) {
  std::shared_ptr<Catalogue> fresh;
  for (const domain::Record& record : records) {
    const auto* moved = std::get_if<domain::RoomMoved>(&record);
    if (!moved) continue;
    if (!fresh) fresh = std::make_shared<Catalogue>(*catalogue.get());
    fresh->rooms.insert_or_assign(moved->room.id, moved->room);
  }
  if (!fresh) return;
  publish_rooms(*fresh);
  catalogue.set(std::move(fresh));
}

store::Result<void> Shown::reload(std::span<const domain::CatalogueChanged> changes,
                                  domain::JournalId version, store::Reader& reader) {
  const auto previous = catalogue.get();
  std::shared_ptr<Catalogue> fresh;
  SeatMaps maps;
  const auto has_new_seats = [&](domain::PerformanceId id) {
    return std::ranges::any_of(changes, [&](const auto& change) {
      return change.what == domain::CatalogueChanged::What::seats && change.id == id.value;
    });
  };
  const auto read = [&]() -> store::Result<void> {
    auto loaded = load_catalogue(reader, previous.get());
    if (!loaded) return std::unexpected(loaded.error());
    fresh = *loaded;
    Performances wanted = ahead(*fresh);
    std::erase_if(wanted, [&](domain::PerformanceId id) {
      return fresh->performances.at(id).seats->kept() && !has_new_seats(id);
    });
    auto read_maps = load_seat_maps(reader, wanted, tier_names(*fresh, wanted), version.value);
    if (!read_maps) return std::unexpected(read_maps.error());
    maps = *std::move(read_maps);
    return {};
  };
  // As of one moment: others may be adding a performance while this one is being read.
  if (auto done = reader.snapshot(read); !done) return done;
  for (auto& [id, map] : maps) fresh->performances.at(id).seats->keep(std::move(map));
  for (const auto& [id, entry] : fresh->performances) {
    if (!entry.seats->kept() && has_new_seats(id)) entry.seats->forget();
  }
  fresh->index();
  publish_rooms(*fresh);
  catalogue.set(std::move(fresh));
  return {};
}

void Shown::publish_rooms(const Catalogue& of) {
  auto fresh = std::make_shared<Rooms>(*rooms.get());
  for (const auto& [id, room] : of.rooms) {
    const auto [at, is_new] = fresh->by_id.try_emplace(id, nullptr);
    if (is_new) {
      at->second = view_of(room);
    } else {
      at->second->set_policy(room.policy.over(policy_.room), room.state == domain::RoomState::open,
                             room.silence_from);
    }
  }
  count_seats(of, *fresh);
  rooms.set(std::move(fresh));
}

std::shared_ptr<WaitingRoomView> Shown::view_of(const domain::WaitingRoom& room) const {
  const bool open = room.state == domain::RoomState::open;
  auto view = std::make_shared<WaitingRoomView>(room.policy.over(policy_.room), open, &hearing_,
                                                others_decide_);
  view->set_policy(room.policy.over(policy_.room), open, room.silence_from);
  return view;
}

/// Anew, after the catalogue changed; SeatMapEdits keeps the counts up in between.
void Shown::count_seats(const Catalogue& of, const Rooms& in) {
  std::map<domain::RoomId, std::int64_t> seats;
  for (const auto& [id, entry] : of.performances) {
    const domain::Event* event = of.event(entry.performance.event);
    if (event && entry.seats->kept()) seats[event->room] += entry.seats->get()->available;
  }
  for (const auto& [id, room] : in.by_id) room->set_seats_left(seats[id]);
}

}  // namespace onsale::engine
