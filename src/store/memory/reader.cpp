#include <functional>
#include <iterator>
#include <limits>
#include <mutex>
#include <set>
#include <type_traits>
#include <utility>

#include "store/memory/shared.h"
#include "store/memory/source.h"

namespace onsale::store::memory {
namespace {

using namespace domain;

/// The ids of `owner` that the page asks for, in its order.
template <class Owner, class IdType>
std::vector<IdType> page_of(const std::set<std::pair<Owner, IdType>>& index, Owner owner,
                            const Page& page) {
  std::vector<IdType> ids;
  const auto more = [&](const auto& entry) {
    return entry.first == owner && ids.size() < page.limit;
  };
  if (!page.newest_first) {
    for (auto at = index.upper_bound({owner, IdType{page.after}}); at != index.end() && more(*at);
         ++at) {
      ids.push_back(at->second);
    }
    return ids;
  }
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  const IdType end{page.after == 0 ? highest : page.after};
  for (auto at = index.lower_bound({owner, end}); at != index.begin() && more(*std::prev(at));) {
    ids.push_back((--at)->second);
  }
  return ids;
}

ReservationRow reservation_row(const Tables& t, const Reservation& reservation) {
  ReservationRow row{.reservation = reservation, .lines = {}};
  MemorySource(t).each_line(reservation.id, [&](const ReservationLine& line) {
    row.lines.push_back({line, t.seats.at(line.seat).seat.label});
  });
  return row;
}

TicketRow ticket_row(const Tables& t, const Ticket& ticket) {
  const SeatOnMap& seat = t.seats.at(ticket.seat);
  return {.ticket = ticket,
          .label = seat.seat.label,
          .section = seat.place.section,
          .row = seat.place.row,
          .number = seat.place.number,
          .price = t.lines.at({ticket.reservation, ticket.seat}).price,
          .event = t.performances.at(ticket.performance).event,
          .attendee_name = t.reservations.at(ticket.reservation).attendee_name};
}

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}

  Result<std::optional<User>> user(UserId id) override {
    return look([&](const Tables& t) { return MemorySource(t).user(id); });
  }
  Result<std::optional<User>> user_by_email(std::string_view email) override {
    return look([&](const Tables& t) { return MemorySource(t).user_by_email(std::string(email)); });
  }
  Result<std::optional<Account>> wallet(UserId owner) override {
    return look(
        [&](const Tables& t) { return MemorySource(t).account(AccountKind::wallet, owner.value); });
  }
  Result<std::vector<Transfer>> transfers_of_wallet(UserId owner, Page page) override {
    return look([&](const Tables& t) {
      std::vector<Transfer> found;
      const Account* wallet = t.account_of(AccountKind::wallet, owner.value);
      if (!wallet) return found;
      for (const auto id : page_of(t.transfers_by_wallet, wallet->id, page)) {
        found.push_back(t.transfers.at(id));
      }
      return found;
    });
  }
  Result<std::optional<ReservationRow>> reservation(ReservationId id) override {
    return look([&](const Tables& t) -> std::optional<ReservationRow> {
      const auto at = t.reservations.find(id);
      if (at == t.reservations.end()) return std::nullopt;
      return reservation_row(t, at->second);
    });
  }
  Result<std::vector<ReservationRow>> reservations_of(UserId user, Page page,
                                                      ReservationsWanted wanted) override {
    return look([&](const Tables& t) {
      const auto& index =
          wanted == ReservationsWanted::all ? t.reservations_by_user : t.held_or_paid_by_user;
      std::vector<ReservationRow> found;
      for (const auto id : page_of(index, user, page)) {
        found.push_back(reservation_row(t, t.reservations.at(id)));
      }
      return found;
    });
  }
  Result<std::optional<SeatOnMap>> seat(SeatId id) override {
    return look([&](const Tables& t) -> std::optional<SeatOnMap> {
      const auto at = t.seats.find(id);
      return at == t.seats.end() ? std::nullopt : std::optional(at->second);
    });
  }
  Result<std::optional<TicketRow>> ticket(TicketId id) override {
    return look([&](const Tables& t) -> std::optional<TicketRow> {
      const auto at = t.tickets.find(id);
      if (at == t.tickets.end()) return std::nullopt;
      return ticket_row(t, at->second);
    });
  }
  Result<std::vector<TicketRow>> tickets_of(UserId user, Page page) override {
    return look([&](const Tables& t) {
      std::vector<TicketRow> found;
      for (const auto id : page_of(t.tickets_by_user, user, page)) {
        found.push_back(ticket_row(t, t.tickets.at(id)));
      }
      return found;
    });
  }
  Result<std::optional<Visitor>> visitor(const VisitorToken& token) override {
    return look([&](const Tables& t) { return MemorySource(t).visitor(token); });
  }

  Result<void> each_user(const Sink<User>& sink) override { return each(&Tables::users, sink); }
  Result<void> each_venue(const Sink<Venue>& sink) override { return each(&Tables::venues, sink); }
  Result<void> each_room(const Sink<WaitingRoom>& sink) override {
    return each(&Tables::rooms, sink);
  }
  Result<void> each_event(const Sink<Event>& sink) override { return each(&Tables::events, sink); }
  Result<void> each_performance(const Sink<Performance>& sink) override {
    return each(&Tables::performances, sink);
  }
  Result<void> each_price_tier(const Sink<PriceTier>& sink) override {
    return each(&Tables::price_tiers, sink);
  }
  Result<void> each_seat(PerformanceId performance, const Sink<SeatOnMap>& sink) override {
    return each(&Tables::seats, sink, [performance](const SeatOnMap& row) {
      return !performance || row.seat.performance == performance;
    });
  }
  Result<void> each_seat_of(const std::vector<PerformanceId>& performances,
                            const Sink<SeatOnMap>& sink) override {
    const auto rows = look([&](const Tables& t) {
      std::map<PerformanceId, std::vector<SeatOnMap>> found;
      for (const auto& [id, row] : t.seats) {
        if (std::ranges::binary_search(performances, row.seat.performance)) {
          found[row.seat.performance].push_back(row);
        }
      }
      return found;
    });
    for (const auto& [performance, seats] : rows) std::ranges::for_each(seats, sink);
    return {};
  }
  Result<void> each_visitor(bool live_only, const Sink<Visitor>& sink) override {
    return each(&Tables::visitors, sink,
                [live_only](const Visitor& row) { return !live_only || row.live(); });
  }
  Result<void> each_reservation(const Sink<Reservation>& sink) override {
    return each(&Tables::reservations, sink);
  }
  Result<void> each_line(const Sink<ReservationLine>& sink) override {
    return each(&Tables::lines, sink);
  }
  Result<void> each_ticket(const Sink<Ticket>& sink) override {
    return each(&Tables::tickets, sink);
  }
  Result<void> each_account(const Sink<Account>& sink) override {
    return each(&Tables::accounts, sink);
  }
  Result<void> each_transfer(const Sink<Transfer>& sink) override {
    return each(&Tables::transfers, sink);
  }
  Result<void> each_idempotency(const Sink<IdempotencyRecord>& sink) override {
    return each(&Tables::idempotency, sink);
  }
  Result<void> each_secret(const Sink<Secret>& sink) override {
    const auto secrets = look([](const Tables& t) { return t.secrets; });
    for (const auto& [name, value] : secrets) sink({name, value});
    return {};
  }
  Result<void> each_journal_entry(JournalId after, const Sink<JournalEntry>& sink) override {
    const auto entries = look([&](const Tables& t) {
      std::vector<JournalEntry> found;
      for (auto at = t.journal.upper_bound(after); at != t.journal.end(); ++at) {
        found.push_back(at->second);
      }
      return found;
    });
    for (const JournalEntry& entry : entries) sink(entry);
    return {};
  }

  Result<JournalId> journal_end() override {
    return look([](const Tables& t) {
      return t.journal.empty() ? JournalId{} : t.journal.rbegin()->first;
    });
  }

  Result<JournalMark> journal_mark() override { return JournalMark{mark_of(*journal_end())}; }
  Result<void> follow_journal(JournalMark& mark, const std::vector<BatchId>& known,
                              const Sink<JournalEntry>& sink) override {
    JournalId newest{std::stoll(mark.text)};
    auto done = each_journal_entry(newest, [&](JournalEntry entry) {
      newest = entry.id;
      if (std::ranges::find(known, entry.batch) != known.end()) entry.records.clear();
      sink(entry);
    });
    if (done) mark.text = mark_of(newest);
    return done;
  }

  Result<bool> is_settled(const JournalMark&) override { return true; }

  Result<void> snapshot(const std::function<Result<void>()>& work) override {
    if (moment_) return work();
    moment_ = look([](const Tables& t) { return std::make_shared<const Tables>(t); });
    const Forgetting forgetting(moment_);
    return work();
  }

 private:
  struct Forgetting {
    explicit Forgetting(std::shared_ptr<const Tables>& of) : moment(of) {}
    Forgetting(const Forgetting&) = delete;
    Forgetting& operator=(const Forgetting&) = delete;
    ~Forgetting() { moment.reset(); }
    std::shared_ptr<const Tables>& moment;
  };

  static std::string mark_of(JournalId end) { return std::to_string(end.value); }

  template <class Work>
  std::invoke_result_t<Work, const Tables&> look(const Work& work) const {
    if (moment_) return work(*moment_);
    const std::shared_lock lock(shared_->mutex);
    return work(shared_->tables);
  }

  /// Sinks are called on a copy, so that they may take their time and use the store.
  template <class Key, class Row>
  Result<void> each(
      std::map<Key, Row> Tables::* table, const Sink<Row>& sink,
      const std::type_identity_t<std::function<bool(const Row&)>>& wanted = {}) const {
    const auto rows = look([&](const Tables& t) {
      std::vector<Row> found;
      for (const auto& [key, row] : t.*table) {
        if (!wanted || wanted(row)) found.push_back(row);
      }
      return found;
    });
    for (const Row& row : rows) sink(row);
    return {};
  }

  std::shared_ptr<const Shared> shared_;
  std::shared_ptr<const Tables> moment_;  ///< set inside snapshot()
};

}  // namespace

std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared) {
  return std::make_unique<MemoryReader>(std::move(shared));
}

}  // namespace onsale::store::memory
