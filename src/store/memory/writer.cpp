#include <algorithm>
#include <mutex>
#include <utility>

#include "domain/require.h"
#include "store/journal_codec.h"
#include "store/loading.h"
#include "store/memory/batch.h"
#include "store/memory/shared.h"
#include "store/memory/source.h"

namespace onsale::store::memory {
namespace {

using namespace domain;

/// Writes one working set down, parents before the rows that refer to them. What changed
/// comes before what is new: an ended visitor makes room for the user's next one.
class Writing {
 public:
  Writing(Tables& tables, Timestamp now) : t_(tables), batch_(tables), now_(now) {}

  JournalId write(const Rows& rows, BatchId batch) {
    table(rows.users, t_.users, "users_pkey", "users_exist");
    table(rows.venues, t_.venues, "venues_pkey", "venues_exist");
    table(rows.rooms, t_.rooms, "waiting_rooms_pkey", "waiting_rooms_exist");
    table(rows.events, t_.events, "events_pkey", "events_exist");
    table(rows.performances, t_.performances, "performances_pkey", "performances_exist");
    table(rows.price_tiers, t_.price_tiers, "price_tiers_pkey", "price_tiers_exist");
    accounts(rows);
    table(rows.reservations, t_.reservations, "reservations_pkey", "reservations_exist");
    seats(rows);
    visitors(rows);
    for (const Ticket& row : rows.new_tickets) {
      batch_.insert(t_.tickets, row.id, row, "tickets_pkey");
    }
    lines(rows);
    for (const Transfer& row : rows.new_transfers) {
      batch_.insert(t_.transfers, row.id, row, "transfers_pkey");
    }
    idempotency(rows);
    const JournalId id = MemorySource(t_).next_id(JournalId{});
    JournalEntry entry{id, batch, now_, rows.records};
    for (Record& record : entry.records) withhold_secrets(record);
    batch_.insert(t_.journal, id, entry, "journal_pkey");
    batch_.keep();
    return id;
  }

 private:
  void idempotency(const Rows& rows) {
    for (const IdempotencyRecord& row : rows.new_idempotency) {
      const auto old = t_.idempotency.find(row.key);
      if (old != t_.idempotency.end() &&
          old->second.created_at + idempotency_kept <= row.created_at) {
        batch_.replace(t_.idempotency, row.key, row, "idempotency_exist");
      } else {
        batch_.insert(t_.idempotency, row.key, row, "idempotency_key_unique");
      }
    }
  }

  template <class Key, class Row, class Write>
  static void each(const Table<Key, Row>& from, RowState state, const Write& write) {
    for (const auto& entry : from.entries()) {
      if (entry.state == state) write(entry.row);
    }
  }

  template <class Key, class Row>
  void table(const Table<Key, Row>& from, std::map<Key, Row>& to, const char* key_guard,
             const char* exists_guard) {
    each(from, RowState::changed,
         [&](const Row& row) { batch_.replace(to, row.id, row, exists_guard); });
    each(from, RowState::added, [&](const Row& row) { batch_.insert(to, row.id, row, key_guard); });
  }

  void accounts(const Rows& rows) {
    each(rows.accounts, RowState::changed, [&](const AccountRow& row) {
      const auto at = t_.accounts.find(row.account.id);
      if (at == t_.accounts.end()) throw Violation{"accounts_exist"};
      Account moved = at->second;
      moved.balance += row.difference();
      batch_.replace(t_.accounts, moved.id, moved, "accounts_exist");
    });
    each(rows.accounts, RowState::added, [&](const AccountRow& row) {
      batch_.insert(t_.accounts, row.account.id, row.account, "accounts_pkey");
    });
  }

  void seats(const Rows& rows) {
    each(rows.seats, RowState::changed, [&](const Seat& seat) {
      const auto at = t_.seats.find(seat.id);
      if (at == t_.seats.end()) throw Violation{"seats_one_owner"};
      check_owner(t_, at->second.seat, seat, now_);
      SeatOnMap moved = at->second;
      moved.seat.status = seat.status;
      moved.seat.reservation = seat.reservation;
      moved.seat.held_until = seat.held_until;
      batch_.replace(t_.seats, seat.id, moved, "seats_exist");
    });
    for (const NewSeat& row : rows.new_seats) {
      batch_.insert(t_.seats, row.seat.id, SeatOnMap{row.seat, row.place}, "seats_pkey");
    }
  }

  void visitors(const Rows& rows) {
    each(rows.visitors, RowState::changed, [&](const Visitor& row) {
      batch_.replace(t_.visitors, place_of(row), row, "visitors_exist");
    });
    each(rows.visitors, RowState::added, [&](const Visitor& row) {
      batch_.insert(t_.visitors, place_of(row), row, "visitors_number_unique");
    });
  }

  void lines(const Rows& rows) {
    each(rows.lines, RowState::changed, [&](const ReservationLine& row) {
      batch_.replace(t_.lines, {row.reservation, row.seat}, row, "reservation_lines_exist");
    });
    each(rows.lines, RowState::added, [&](const ReservationLine& row) {
      batch_.insert(t_.lines, {row.reservation, row.seat}, row, "reservation_lines_pkey");
    });
  }

  Tables& t_;
  Batch batch_;
  Timestamp now_;
};

class MemoryWriter final : public Writer {
 public:
  explicit MemoryWriter(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  MemoryWriter(const MemoryWriter&) = delete;
  MemoryWriter& operator=(const MemoryWriter&) = delete;
  ~MemoryWriter() override { MemoryWriter::abandon(); }

  Result<void> load(const Footprint& need, Rows& rows) override {
    require(!open_, "a batch is open already");
    if (!shared_->turn.take(turn_timeout)) {
      return std::unexpected(Error{Failure::unavailable, "another lane's batch does not end"});
    }
    open_ = true;
    const std::shared_lock lock(shared_->mutex);
    const MemorySource source(shared_->tables);
    Loader(source, rows).load(need);
    return {};
  }

  Result<void> load_first_waiting(RoomId room, std::int64_t count, Rows& rows) override {
    require(open_, "no batch is open");
    const std::shared_lock lock(shared_->mutex);
    const MemorySource source(shared_->tables);
    Loader(source, rows).first_waiting(room, count);
    return {};
  }

  Result<JournalId> commit(const Rows& rows, BatchId batch, Timestamp now) override {
    require(open_, "no batch is open");
    const Ending ending(*this);
    try {
      const std::lock_guard lock(shared_->mutex);
      return Writing(shared_->tables, now).write(rows, batch);
    } catch (const Violation& violation) {
      return std::unexpected(Error{Failure::constraint, violation.constraint});
    }
  }

  void abandon() override {
    if (std::exchange(open_, false)) shared_->turn.give_back();
  }

  Result<std::optional<JournalId>> find_batch(BatchId batch) override {
    const std::shared_lock lock(shared_->mutex);
    const auto at = shared_->tables.batches.find(batch);
    if (at == shared_->tables.batches.end()) return std::nullopt;
    return at->second;
  }

  Result<std::optional<Timestamp>> next_due() override {
    const std::shared_lock lock(shared_->mutex);
    const Tables& t = shared_->tables;
    std::optional<Timestamp> due;
    if (!t.holds_by_expiry.empty()) due = t.holds_by_expiry.begin()->first;
    if (!t.deadlines.empty())
      due = std::min(due.value_or(Timestamp::max()), t.deadlines.begin()->first);
    return due;
  }

  bool leads() noexcept override { return true; }

  Result<std::size_t> purge_idempotency(Timestamp before, std::size_t limit) override {
    const std::lock_guard lock(shared_->mutex);
    std::size_t purged = 0;
    for (auto at = shared_->tables.idempotency.begin();
         at != shared_->tables.idempotency.end() && purged < limit;) {
      if (at->second.created_at < before) {
        at = shared_->tables.idempotency.erase(at);
        ++purged;
      } else {
        ++at;
      }
    }
    return purged;
  }

 private:
  /// commit() ends the batch in any case.
  struct Ending {
    explicit Ending(MemoryWriter& of) : writer(of) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() { writer.abandon(); }
    MemoryWriter& writer;
  };

  std::shared_ptr<Shared> shared_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Writer> make_writer(std::shared_ptr<Shared> shared) {
  return std::make_unique<MemoryWriter>(std::move(shared));
}

}  // namespace onsale::store::memory
