#include "store/parts.h"

#include <type_traits>
#include <utility>

namespace onsale::store {
namespace {

using namespace domain;

/// Rows of one kind after the other, brought in parts.
class Parts {
 public:
  Parts(Reader& from, const Reader::Sink<Part>& sink) : from_(from), sink_(sink) {}

  /// `read` is one of the reader's each_…(), `add` puts one of its rows into a part.
  template <class Row, class Add>
  Parts& kind(Result<void> (Reader::*read)(const Reader::Sink<Row>&), const Add& add) {
    return all<Row>([&](const auto& sink) { return (from_.*read)(sink); }, add);
  }
  /// The same with whatever calls it.
  template <class Row, class Read, class Add>
  Parts& all(const Read& read, const Add& add) {
    if (!done_) return *this;
    done_ = read([&](const Row& row) {
      add(part_, row);
      size_ += 1;
      if constexpr (std::is_same_v<Row, JournalEntry>) size_ += row.records.size();
      if (size_ >= part_rows_max) bring();
    });
    if (done_ && size_ > 0) bring();
    return *this;
  }

  [[nodiscard]] Result<void> done() const { return done_; }

 private:
  void bring() {
    sink_(std::exchange(part_, Part{}));
    size_ = 0;
  }

  Reader& from_;
  const Reader::Sink<Part>& sink_;
  Part part_;
  std::size_t size_ = 0;
  Result<void> done_;
};

}  // namespace

Result<void> each_part(Reader& from, const Reader::Sink<Part>& sink) {
  const auto add_to = [](auto table) {
    return [table](Part& to, const auto& row) { (to.rows.*table).add(row.id, row); };
  };
  return Parts(from, sink)
      .kind(&Reader::each_user, add_to(&Rows::users))
      .kind(&Reader::each_venue, add_to(&Rows::venues))
      .kind(&Reader::each_room, add_to(&Rows::rooms))
      .kind(&Reader::each_event, add_to(&Rows::events))
      .kind(&Reader::each_performance, add_to(&Rows::performances))
      .kind(&Reader::each_price_tier, add_to(&Rows::price_tiers))
      .kind(&Reader::each_account,
            [](Part& to, const Account& row) { to.rows.accounts.add(row.id, {row, {}}); })
      .kind(&Reader::each_reservation, add_to(&Rows::reservations))
      .all<SeatOnMap>([&](const auto& seat) { return from.each_seat({}, seat); },
                      [](Part& to, const SeatOnMap& row) {
                        to.rows.new_seats.push_back({row.seat, row.place});
                      })
      .all<Visitor>([&](const auto& visitor) { return from.each_visitor(false, visitor); },
                    [](Part& to, const Visitor& row) { to.rows.visitors.add(row.token, row); })
      .kind(&Reader::each_ticket,
            [](Part& to, const Ticket& row) { to.rows.new_tickets.push_back(row); })
      .kind(&Reader::each_line,
            [](Part& to, const ReservationLine& row) {
              to.rows.lines.add({row.reservation, row.seat}, row);
            })
      .kind(&Reader::each_transfer,
            [](Part& to, const Transfer& row) { to.rows.new_transfers.push_back(row); })
      .kind(&Reader::each_idempotency,
            [](Part& to, const IdempotencyRecord& row) { to.rows.new_idempotency.push_back(row); })
      .kind(&Reader::each_secret, [](Part& to, const Secret& row) { to.secrets.push_back(row); })
      .all<JournalEntry>([&](const auto& entry) { return from.each_journal_entry({}, entry); },
                         [](Part& to, const JournalEntry& row) { to.journal.push_back(row); })
      .done();
}

}  // namespace onsale::store
