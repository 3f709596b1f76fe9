// The port to whatever keeps the box office: memory, a SQLite file, PostgreSQL. Its promise
// is the same for all of them and is tested by one conformance suite (tests/conformance):
//
//   * A batch is one transaction. When commit() returns success, everything the batch
//     changed is durable: it survives the process being killed and, for stores on disk,
//     the machine losing power. When it returns an error that is not `unknown`, nothing
//     of it is there. There is no in between, and no reader ever sees half a batch.
//   * A read that starts after a commit returned sees that commit.
//   * The store guards the invariants a second time (unique names, one owner per seat, no
//     negative wallet, references that exist). A batch that would break one is refused
//     as a whole with `constraint`, naming the constraint.
//
// Two kinds of access: a Writer, one per committer lane, and Readers, any number, which
// never wait for a writer nor make one wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/footprint.h"
#include "domain/rows.h"

namespace onsale::store {

/// What went wrong, as far as a caller can react to it.
enum class Failure {
  unavailable,  ///< cannot read or write now (disk full, read-only, gone): try again later
  conflict,     ///< another writer was first (PostgreSQL): load again and decide again
  unknown,      ///< the connection broke in the commit: ask find_batch() whether it happened
  constraint,   ///< a guard in the store refused the batch: a bug, `message` names the guard
  damaged,      ///< the database is not what it should be; needs an operator
};

struct Error {
  Failure failure = Failure::unavailable;
  std::string message;  ///< for the log and the operator; never for a buyer
};

template <class T>
using Result = std::expected<T, Error>;

/// Names a batch, so that after a lost connection the journal can be asked whether it was
/// committed. Unique; chosen by the engine.
using BatchId = boost::uuids::uuid;

/// One lane's access. Not thread-safe: one thread at a time. Between load() and the end of
/// commit() or abandon(), the rows loaded are locked against other writers.
class Writer {
 public:
  virtual ~Writer() = default;

  /// Begins a batch and fills `rows` (empty at entry) with what `need` names, as
  /// domain/footprint.h describes; keys without a row are marked absent. Also sets
  /// `rows.ids`, `rows.room_ids` and, where wallets are needed, `rows.funding`.
  /// On error no batch is open.
  [[nodiscard]] virtual Result<void> load(const domain::Footprint& need, domain::Rows& rows) = 0;

  /// Adds to `rows.first_waiting[room]` (and `rows.visitors`) the `count` waiting visitors
  /// that come first of those the store knows of, in the order of Visitor::admitted_before; all
  /// if there are fewer.
  /// Rows that `rows.visitors` has already keep what the decisions made of them, and those
  /// that no longer wait there are left out and do not count towards `count`.
  [[nodiscard]] virtual Result<void> load_first_waiting(domain::RoomId room, std::int64_t count,
                                                        domain::Rows& rows) = 0;

  /// Writes every changed and added row, the new tickets, transfers, seats and idempotency
  /// records (each in the place of one of the same key that was kept long enough), and one
  /// journal entry with `rows.records`; durable on success. Ends the batch in any case.
  /// Returns the entry's position.
  [[nodiscard]] virtual Result<domain::JournalId> commit(const domain::Rows& rows, BatchId batch,
                                                         domain::Timestamp now) = 0;

  /// Ends the batch without writing anything. Harmless when none is open.
  virtual void abandon() = 0;

  /// The journal position of a batch if it was committed, none if it was not.
  [[nodiscard]] virtual Result<std::optional<domain::JournalId>> find_batch(BatchId batch) = 0;

  /// The earliest time at which a held reservation or a live visitor runs out by itself.
  [[nodiscard]] virtual Result<std::optional<domain::Timestamp>> next_due() = 0;

  /// Whether this process is the one, of all that write to the store, that does what only one
  /// should do. It stays so for as long as it lives and the store can be reached; then another one
  /// is, within two seconds. For a moment two may believe it: what is done must bear that. May take
  /// as long as connecting does.
  [[nodiscard]] virtual bool leads() noexcept = 0;

  /// Deletes idempotency records older than `before`, at most `limit`; returns how many.
  [[nodiscard]] virtual Result<std::size_t> purge_idempotency(domain::Timestamp before,
                                                              std::size_t limit) = 0;
};

/// A seat with its place, as seat maps and tickets show it.
struct SeatOnMap {
  domain::Seat seat;
  domain::SeatPlace place;
};

/// A ticket with what is printed on it.
struct TicketRow {
  domain::Ticket ticket;
  std::string label;
  std::string section;
  std::string row;
  std::string number;
  domain::Money price;
  domain::EventId event;
  std::string attendee_name;  ///< as in its reservation
};

struct LineRow {
  domain::ReservationLine line;
  std::string label;
};

struct ReservationRow {
  domain::Reservation reservation;
  std::vector<LineRow> lines;  ///< by seat id
};

/// One transaction of the journal.
struct JournalEntry {
  domain::JournalId id;
  BatchId batch{};
  domain::Timestamp at;
  std::vector<domain::Record> records;
};

/// A small secret that is kept with the data.
struct Secret {
  std::string name;
  std::string value;
};

/// A moment in the life of the journal: what had been committed by then. To be given back to the
/// store that made it; means nothing to anybody else.
struct JournalMark {
  std::string text;
};

using StoreTime = std::chrono::sys_time<std::chrono::microseconds>;

/// A page of a list by id: rows with an id beyond `after`, at most `limit`.
struct Page {
  std::int64_t after = 0;
  std::size_t limit = 50;
  bool newest_first = false;  ///< then `after` is the id to stay below, 0 for the newest
};

/// Which of a user's reservations a list has, by the state that is written down.
enum class ReservationsWanted { all, held_or_paid };

/// Reads what was committed. Each call sees one consistent moment, and none is kept
/// between calls except inside snapshot(). Not thread-safe: one thread at a time, but any
/// number of Readers.
class Reader {
 public:
  virtual ~Reader() = default;

  // -- single rows and pages, for answers --
  [[nodiscard]] virtual Result<std::optional<domain::User>> user(domain::UserId id) = 0;
  /// `email` in normal form.
  [[nodiscard]] virtual Result<std::optional<domain::User>> user_by_email(
      std::string_view email) = 0;
  [[nodiscard]] virtual Result<std::optional<domain::Account>> wallet(domain::UserId owner) = 0;
  [[nodiscard]] virtual Result<std::vector<domain::Transfer>> transfers_of_wallet(
      domain::UserId owner, Page page) = 0;
  [[nodiscard]] virtual Result<std::optional<ReservationRow>> reservation(
      domain::ReservationId id) = 0;
  [[nodiscard]] virtual Result<std::vector<ReservationRow>> reservations_of(
      domain::UserId user, Page page, ReservationsWanted wanted = ReservationsWanted::all) = 0;
  [[nodiscard]] virtual Result<std::optional<SeatOnMap>> seat(domain::SeatId id) = 0;
  [[nodiscard]] virtual Result<std::optional<TicketRow>> ticket(domain::TicketId id) = 0;
  [[nodiscard]] virtual Result<std::vector<TicketRow>> tickets_of(domain::UserId user,
                                                                  Page page) = 0;
  [[nodiscard]] virtual Result<std::optional<domain::Visitor>> visitor(
      const domain::VisitorToken& token) = 0;

  // -- whole tables, for building views and for proving invariants; by id, streamed --
  template <class Row>
  using Sink = std::function<void(const Row&)>;
  [[nodiscard]] virtual Result<void> each_user(const Sink<domain::User>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_venue(const Sink<domain::Venue>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_room(const Sink<domain::WaitingRoom>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_event(const Sink<domain::Event>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_performance(const Sink<domain::Performance>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_price_tier(const Sink<domain::PriceTier>& sink) = 0;
  /// All seats, or those of one performance.
  [[nodiscard]] virtual Result<void> each_seat(domain::PerformanceId performance,
                                               const Sink<SeatOnMap>& sink) = 0;
  /// Those of many performances, whose ids ascend and are different: performance after performance
  /// in that order. What others have costs nothing.
  [[nodiscard]] virtual Result<void> each_seat_of(
      const std::vector<domain::PerformanceId>& performances, const Sink<SeatOnMap>& sink) = 0;
  /// Visitors by (room, number): all, or only those waiting or active.
  [[nodiscard]] virtual Result<void> each_visitor(bool live_only,
                                                  const Sink<domain::Visitor>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_reservation(const Sink<domain::Reservation>& sink) = 0;
  /// By (reservation, seat).
  [[nodiscard]] virtual Result<void> each_line(const Sink<domain::ReservationLine>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_ticket(const Sink<domain::Ticket>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_account(const Sink<domain::Account>& sink) = 0;
  [[nodiscard]] virtual Result<void> each_transfer(const Sink<domain::Transfer>& sink) = 0;
  /// The answers kept for idempotency keys, by key.
  [[nodiscard]] virtual Result<void> each_idempotency(
      const Sink<domain::IdempotencyRecord>& sink) = 0;
  /// By name.
  [[nodiscard]] virtual Result<void> each_secret(const Sink<Secret>& sink) = 0;
  /// Journal entries beyond `after`, ascending.
  [[nodiscard]] virtual Result<void> each_journal_entry(domain::JournalId after,
                                                        const Sink<JournalEntry>& sink) = 0;

  /// Position of the newest journal entry; zero when there is none.
  [[nodiscard]] virtual Result<domain::JournalId> journal_end() = 0;
  /// What has been committed by now, or by the moment of a snapshot().
  [[nodiscard]] virtual Result<JournalMark> journal_mark() = 0;
  /// Brings every entry that was committed since `mark`, whoever wrote it, and moves `mark` to now.
  /// None is ever left out or comes twice, though entries of several writers are not committed in
  /// the order of their positions; one that comes later never changes what an earlier one has
  /// changed after it. Those of the batches `known` come without their records. On error, or if
  /// `sink` throws, `mark` stays where it is; a connection that was lost in between changes
  /// nothing. The error `unknown` says that the mark means nothing any more, since the database is
  /// another one now or went back in time: everything is to be read anew.
  [[nodiscard]] virtual Result<void> follow_journal(JournalMark& mark,
                                                    const std::vector<BatchId>& known,
                                                    const Sink<JournalEntry>& sink) = 0;
  /// The time by the store's own clock, by which all who share the store can go; none if it has no
  /// clock of its own. The store is asked, so the answer is as exact as the way there is short.
  [[nodiscard]] virtual Result<std::optional<StoreTime>> clock() {
    return std::optional<StoreTime>();
  }
  /// Whether every batch that was being committed at `mark` has ended by now. From then on no entry
  /// comes with a position below one that had been committed by the mark.
  [[nodiscard]] virtual Result<bool> is_settled(const JournalMark& mark) = 0;
  /// Runs `work` so that all reads in it see one and the same moment.
  [[nodiscard]] virtual Result<void> snapshot(const std::function<Result<void>()>& work) = 0;
};

/// How a store is beside the answers it gives, for those who run it.
struct Condition {
  /// Of a write-ahead log that has to be copied into a file, for a store that has one.
  struct Log {
    std::uint64_t bytes = 0;
    bool copying_fails = false;
    std::uint64_t failures = 0;  ///< of copying it, since the start
  };

  std::string concern{};  ///< what should be looked after, though writes are taken; or empty
  std::optional<Log> log{};
};

class Store {
 public:
  virtual ~Store() = default;

  /// A new lane's access; null error-free only while the store is open for writing.
  [[nodiscard]] virtual Result<std::unique_ptr<Writer>> writer() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> reader() = 0;

  /// A small secret kept with the data (a signing key). The first value offered for a name
  /// stays; every later call, also by other nodes and after a restart, returns that one.
  [[nodiscard]] virtual Result<std::string> secret(std::string_view name,
                                                   std::string_view if_absent) = 0;

  /// Makes this store, in which nothing has happened yet, the same as what `from` reads: every row
  /// with its id, the journal with its positions, the answers kept for idempotency keys, the
  /// secrets. In one transaction, durable on success. To be called within a snapshot() of `from`,
  /// and while nobody else has a Writer of this store. A store that has a user or a journal entry
  /// is refused as `unavailable` and stays as it is, like after any other error.
  [[nodiscard]] virtual Result<void> fill_from(Reader& from) = 0;

  /// From then on nobody waits for the store any more, also who does so already: what it has not
  /// answered fails as `unavailable`, a commit as `unknown`. For a process that has to end. Any
  /// thread. A store within the process keeps nobody waiting.
  virtual void give_up_at(std::chrono::steady_clock::time_point when) { static_cast<void>(when); }

  /// Whether other processes may write to the same store at the same time.
  [[nodiscard]] virtual bool has_other_writers() const = 0;

  /// For messages: "sqlite:var/onsale.db".
  [[nodiscard]] virtual std::string describe() const = 0;

  /// Any thread.
  [[nodiscard]] virtual Condition condition() const { return {}; }
};

enum class Access {
  read_write,  ///< creates and migrates; the only process that may write (SQLite)
  read_only,   ///< of an existing database, also beside a running server
};

/// Opens `sqlite:PATH`, `memory:`. Errors name what is wrong and what can be done: unknown
/// scheme, missing directory, file in use by another process (with its process id if
/// known), a newer schema than this program knows, not a database.
[[nodiscard]] Result<std::unique_ptr<Store>> open(std::string_view url, Access access);

}  // namespace onsale::store
