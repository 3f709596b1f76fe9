// The list of all performances, as document 000 has it: with every date there ever was. It is
// worded once and again when something of it is different; in between an answer only puts in how
// many seats are left where it still sells, so that what is over costs no more than its bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/dialects/performances/shapes.h"
#include "engine/views/catalogue.h"

namespace onsale::api::dialects::performances {

/// An event as the document shows it, without its dates.
template <class Staging>
PerformanceOf<Staging> performance_of(const engine::Catalogue& catalogue,
                                      const domain::Event& event) {
  const auto venue = catalogue.venues.find(event.venue);
  return {.id = event.id,
          .title = event.title,
          .artist = event.artist,
          .ticketing_start_date = event.sales_open_at,
          .stage = venue == catalogue.venues.end()
                       ? Stage{}
                       : Stage{venue->second.name, venue->second.location},
          .performance_staging_date = {}};
}

/// Any thread.
class PerformanceListText {
 public:
  /// Is body() quick? Otherwise it words everything first: microseconds for each date.
  [[nodiscard]] bool is_worded(const engine::Catalogue& catalogue, Timestamp now) const;
  /// A PerformanceList.
  [[nodiscard]] std::string body(const engine::Catalogue& catalogue, Timestamp now,
                                 const QueueData& session);

 private:
  /// A date that still sells: the number of seats belongs here in the text.
  struct Selling {
    std::size_t at = 0;
    std::shared_ptr<const engine::Seats> seats;
  };
  struct Worded {
    std::shared_ptr<const engine::Catalogue::Shows> of;
    Timestamp from;   // when it was worded
    Timestamp until;  // when the first of those that sell does not any more
    std::string text;
    std::vector<Selling> selling;

    [[nodiscard]] bool good(const engine::Catalogue& catalogue, Timestamp now) const {
      return of == catalogue.shows && from <= now && now < until;
    }
  };

  [[nodiscard]] std::shared_ptr<const Worded> newest() const;
  static std::shared_ptr<const Worded> word(const engine::Catalogue& catalogue, Timestamp now);
  static void word_dates(Worded& into, const engine::Catalogue& catalogue,
                         const domain::Event& event, Timestamp now);

  mutable std::mutex mutex_;
  std::shared_ptr<const Worded> newest_;  // guarded by mutex_; null until somebody asks
};

}  // namespace onsale::api::dialects::performances
