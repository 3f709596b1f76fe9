#include "api/seat_map_text.h"

#include <zlib.h>

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

http::SharedBody SeatMapText::whole(const engine::SeatMap& map) {
  Entry& cached = entry(map.performance);
  const std::lock_guard lock(cached.mutex);
  return whole_of(cached, map);
}

http::SharedBody SeatMapText::whole_gzipped(const engine::SeatMap& map) {
  Entry& cached = entry(map.performance);
  const std::lock_guard lock(cached.mutex);
  const http::SharedBody plain = whole_of(cached, map);
  if (!cached.gzipped || cached.version != map.version) {
    auto compressed = std::make_shared<const std::string>(gzip(*plain));
    if (cached.version != map.version) return compressed;  // an older one that was still asked for
    cached.gzipped = std::move(compressed);
  }
  return cached.gzipped;
}

std::string SeatMapText::changes(const engine::SeatMap& map, std::int64_t since) {
  Entry& cached = entry(map.performance);
  std::shared_ptr<const Pieces> pieces;
  {
    const std::lock_guard lock(cached.mutex);
    pieces = pieces_of(cached, map);
  }
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
  return out;
}

SeatMapText::Entry& SeatMapText::entry(domain::PerformanceId performance) {
  const std::lock_guard lock(mutex_);
  auto& place = entries_[performance];
  if (!place) place = std::make_unique<Entry>();
  return *place;
}

std::shared_ptr<const SeatMapText::Pieces> SeatMapText::pieces_of(Entry& entry,
                                                                  const engine::SeatMap& map) {
  if (!entry.pieces || entry.pieces->layout != map.layout) entry.pieces = make_pieces(map);
  return entry.pieces;
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

http::SharedBody SeatMapText::whole_of(Entry& entry, const engine::SeatMap& map) {
  if (entry.whole && entry.version == map.version) return entry.whole;
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
  auto body = std::make_shared<const std::string>(std::move(out));
  if (map.version < entry.version) return body;  // an older one; the newest stays
  entry.version = map.version;
  entry.whole = std::move(body);
  entry.gzipped.reset();
  return entry.whole;
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
