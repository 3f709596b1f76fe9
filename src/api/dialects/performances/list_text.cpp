#include "api/dialects/performances/list_text.h"

#include <algorithm>
#include <string_view>

#include "domain/require.h"
#include "domain/reservation.h"

namespace onsale::api::dialects::performances {
namespace {

/// Adds the text of a struct without its end, which is to follow later.
void append_without(std::string& out, const std::string& text, std::string_view end) {
  domain::require(text.ends_with(end), "the last member of a shape comes last");
  out.append(text, 0, text.size() - end.size());
}

}  // namespace

std::shared_ptr<const PerformanceListText::Worded> PerformanceListText::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

bool PerformanceListText::is_worded(const engine::Catalogue& catalogue, Timestamp now) const {
  const auto worded = newest();
  return worded && worded->good(catalogue, now);
}

std::string PerformanceListText::body(const engine::Catalogue& catalogue, Timestamp now,
                                      const QueueData& session) {
  auto worded = newest();
  if (!worded || !worded->good(catalogue, now)) {
    worded = word(catalogue, now);
    const std::lock_guard lock(mutex_);
    newest_ = worded;
  }
  constexpr std::size_t count_bytes = 8;
  constexpr std::size_t session_bytes = 256;
  std::string out;
  out.reserve(worded->text.size() + worded->selling.size() * count_bytes + session_bytes);
  std::size_t done = 0;
  for (const Selling& date : worded->selling) {
    out.append(worded->text, done, date.at - done);
    const auto seats = date.seats->summary();
    out += std::to_string(seats ? seats->available : 0);
    done = date.at;
  }
  out.append(worded->text, done);
  out += http::write(session);
  out += '}';
  return out;
}

std::shared_ptr<const PerformanceListText::Worded> PerformanceListText::word(
    const engine::Catalogue& catalogue, Timestamp now) {
  auto worded = std::make_shared<Worded>();
  worded->of = catalogue.shows;
  worded->from = now;
  worded->until = Timestamp::max();
  worded->text = "{\"data\":[";
  const char* separator = "";
  for (const auto& [id, event] : catalogue.events) {
    worded->text += separator;
    separator = ",";
    append_without(worded->text, http::write(performance_of<StagingDate>(catalogue, event)), "]}");
    word_dates(*worded, catalogue, event, now);
    worded->text += "]}";
  }
  worded->text += "],\"queue_data\":";
  return worded;
}

void PerformanceListText::word_dates(Worded& into, const engine::Catalogue& catalogue,
                                     const domain::Event& event, Timestamp now) {
  const auto of = catalogue.performances_of.find(event.id);
  if (of == catalogue.performances_of.end()) return;
  const char* separator = "";
  for (const domain::PerformanceId id : of->second) {
    const auto& entry = *catalogue.performance(id);
    into.text += separator;
    separator = ",";
    const std::string date = http::write(StagingDate{
        .id = id, .staging_date = entry.performance.starts_at, .reserveable_seats_count = 0});
    const Timestamp closes_at = sales_window(event, entry.performance).closes_at;
    if (now >= closes_at) {
      into.text += date;
      continue;
    }
    append_without(into.text, date, "0}");
    into.selling.push_back({into.text.size(), entry.seats});
    into.until = std::min(into.until, closes_at);
    into.text += '}';
  }
}

}  // namespace onsale::api::dialects::performances
