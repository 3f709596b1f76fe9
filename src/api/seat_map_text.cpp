#include "api/seat_map_text.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "api/v1/bodies.h"

namespace onsale::api {
namespace {

/// Plans are drawn in thousandths at most; what is finer is the noise of a float.
double thousandths(float coordinate) {
  return std::round(static_cast<double>(coordinate) * 1000) / 1000;
}

void append_head(std::string& out, const engine::SeatMap& map) {
  out += "{\"performance_id\":" + std::to_string(map.performance.value) +
         ",\"version\":" + std::to_string(map.version) + ",\"seats\":[";
}

void append_status(std::string& out, domain::SeatStatus status) {
  out += to_text(status);
  out += "\"}";
}

/// A seat as SeatBody describes it, except that its text stops where the status begins.
std::string piece_of(const engine::PlacedSeat& seat, const engine::SeatLayout& layout) {
  std::string text = http::write(v1::SeatBody{.id = seat.id,
                                              .label = seat.label,
                                              .section = layout.names[seat.section],
                                              .row = layout.names[seat.row],
                                              .price_tier = layout.names[seat.tier],
                                              .price = seat.price,
                                              .x = thousandths(seat.x),
                                              .y = thousandths(seat.y),
                                              .status = {}});
  constexpr std::string_view end_without_status = "\"}";
  text.resize(text.size() - end_without_status.size());
  return text;
}

constexpr int fastest_level = 1;
constexpr int gzip_window_bits = 15 + 16;  // the largest window, with a gzip header (zlib.h)
constexpr int default_memory_level = 8;

}  // namespace

http::SharedBody SeatMapText::made(const engine::SeatMap& map, Coding coding) {
  return find(*entries_.of(map.performance), map.version, coding);
}

http::SharedBody SeatMapText::make(const engine::SeatMap& map, Coding coding) {
  const auto entry = entries_.of(map.performance);
  Entry& of = *entry;
  const std::lock_guard making(of.making);
  if (auto body = find(of, map.version, coding)) return body;
  auto plain = find(of, map.version, Coding::plain);
  if (!plain) plain = make_plain(of, map);
  return coding == Coding::plain ? plain : keep(of, map.version, coding, gzip(*plain));
}

http::SharedBody SeatMapText::changes(const engine::SeatMap& map, std::int64_t since) {
  const auto entry = entries_.of(map.performance);
  Entry& of = *entry;
  if (auto body = find_changes(of, map.version, since)) return body;
  const auto pieces = pieces_of(of, map);
  std::string out;
  append_head(out, map);
  bool first = true;
  for (std::size_t i = 0; i < map.status.size(); ++i) {
    if (map.changed_at[i] <= since) continue;
    if (!first) out += ',';
    first = false;
    out.append(pieces->text, pieces->begin[i], pieces->begin[i + 1] - pieces->begin[i]);
    append_status(out, map.status[i]);
  }
  out += "]}";
  auto body = std::make_shared<const std::string>(std::move(out));
  keep_changes(of, map.version, {since, body});
  return body;
}

bool SeatMapText::knows_plan(const engine::SeatMap& map) {
  return known_pieces(*entries_.of(map.performance), map) != nullptr;
}

http::SharedBody SeatMapText::find(Entry& entry, std::int64_t version, Coding coding) {
  const std::lock_guard lock(entry.mutex);
  const Made& newest = entry.newest[static_cast<std::size_t>(coding)];
  return newest.version == version ? newest.body : nullptr;
}

http::SharedBody SeatMapText::find_changes(Entry& entry, std::int64_t version, std::int64_t since) {
  const std::lock_guard lock(entry.mutex);
  if (entry.changes_version != version) return nullptr;
  const auto at = std::ranges::find(entry.changes, since, &Changes::since);
  return at == entry.changes.end() ? nullptr : at->body;
}

void SeatMapText::keep_changes(Entry& entry, std::int64_t version, Changes made) {
  const std::lock_guard lock(entry.mutex);
  if (entry.changes_version > version) return;
  if (entry.changes_version < version) {
    entry.changes_version = version;
    entry.changes.clear();
  }
  // Much has changed: then it is hardly what all ask for, and would be much to keep.
  if (made.body->size() > changes_bytes_max) return;
  // Another event loop may have been as quick.
  if (std::ranges::find(entry.changes, made.since, &Changes::since) != entry.changes.end()) return;
  if (entry.changes.size() < changes_kept_max) {
    entry.changes.push_back(std::move(made));
  } else {
    entry.changes[entry.next_changes++ % changes_kept_max] = std::move(made);
  }
}

std::shared_ptr<const SeatMapText::Pieces> SeatMapText::known_pieces(Entry& entry,
                                                                     const engine::SeatMap& map) {
  const std::lock_guard lock(entry.mutex);
  return entry.pieces && entry.pieces->layout == map.layout ? entry.pieces : nullptr;
}

std::shared_ptr<const SeatMapText::Pieces> SeatMapText::pieces_of(Entry& entry,
                                                                  const engine::SeatMap& map) {
  if (auto known = known_pieces(entry, map)) return known;
  auto pieces = make_pieces(map);
  const std::lock_guard lock(entry.mutex);
  entry.pieces = pieces;
  return pieces;
}

std::shared_ptr<const SeatMapText::Pieces> SeatMapText::make_pieces(const engine::SeatMap& map) {
  auto pieces = std::make_shared<Pieces>();
  pieces->layout = map.layout;
  pieces->begin.reserve(map.layout->seats.size() + 1);
  for (const engine::PlacedSeat& seat : map.layout->seats) {
    pieces->begin.push_back(pieces->text.size());
    pieces->text += piece_of(seat, *map.layout);
  }
  pieces->begin.push_back(pieces->text.size());
  return pieces;
}

http::SharedBody SeatMapText::make_plain(Entry& entry, const engine::SeatMap& map) {
  const auto pieces = pieces_of(entry, map);
  std::string out;
  constexpr std::size_t status_bytes_max = 16;
  out.reserve(pieces->text.size() + map.status.size() * status_bytes_max + 64);
  append_head(out, map);
  for (std::size_t i = 0; i < map.status.size(); ++i) {
    if (i > 0) out += ',';
    out.append(pieces->text, pieces->begin[i], pieces->begin[i + 1] - pieces->begin[i]);
    append_status(out, map.status[i]);
  }
  out += "]}";
  return keep(entry, map.version, Coding::plain, std::move(out));
}

/// Keeps the text if it is the newest so far.
http::SharedBody SeatMapText::keep(Entry& entry, std::int64_t version, Coding coding,
                                   std::string text) {
  auto body = std::make_shared<const std::string>(std::move(text));
  const std::lock_guard lock(entry.mutex);
  Made& newest = entry.newest[static_cast<std::size_t>(coding)];
  if (newest.version < version) newest = {version, body};
  return body;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, fastest_level, Z_DEFLATED, gzip_window_bits, default_memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  // zlib's interface is older than const; it does not write to its input.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // deflateBound made room for all of it
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace onsale::api
