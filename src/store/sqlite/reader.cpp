#include <limits>
#include <type_traits>
#include <utility>

#include "domain/require.h"
#include "store/journal_codec.h"
#include "store/sqlite/settings.h"
#include "store/sqlite/shared.h"
#include "store/sqlite/source.h"

namespace onsale::store::sqlite {
namespace {

using namespace domain;

/// One read transaction around several statements, unless one is open already.
class Moment {
 public:
  explicit Moment(Connection& db) : db_(db), mine_(!db.in_transaction()) {
    if (!mine_) return;
    db_.statement("begin").run();
    // The snapshot is taken by the first read, not by BEGIN.
    Query first_read(db_.statement("select count(*) from secrets"));
    domain::require(first_read.next(), "a count is a row");
  }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  ~Moment() {
    if (mine_) db_.rollback();
  }

 private:
  Connection& db_;
  bool mine_;
};

constexpr auto seats_on_map_sql = Sql("select ") + seat_columns + ", " + seat_place_columns +
                                  " from seats s cross join seat_places p on p.seat_id = s.id ";

SeatOnMap read_seat_on_map(Columns c) {
  Seat seat = read_seat(c);
  return {std::move(seat), read_seat_place(c)};
}

constexpr auto ticket_row_sql = Sql("select ") + ticket_columns +
                                ", s.label, p.section, p.row_name, p.number, l.price, f.event_id, "
                                "r.attendee_name from tickets t "
                                "cross join seats s on s.id = t.seat_id "
                                "cross join seat_places p on p.seat_id = t.seat_id "
                                "cross join reservation_lines l "
                                "on l.reservation_id = t.reservation_id and l.seat_id = t.seat_id "
                                "cross join performances f on f.id = t.performance_id "
                                "cross join reservations r on r.id = t.reservation_id ";

TicketRow read_ticket_row(Columns c) {
  TicketRow row;
  row.ticket = read_ticket(c);
  c.into(row.label, row.section, row.row, row.number, row.price, row.event, row.attendee_name);
  return row;
}

/// The two directions of a list by id. Both take the owner, the id to go on from and the
/// number of rows.
struct PageSql {
  const char* oldest_first;  ///< … id > ?2 order by id limit ?3
  const char* newest_first;  ///< … id < ?2 order by id desc limit ?3
};

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(std::shared_ptr<const Shared> shared)
      : shared_(std::move(shared)), db_(open_for_reading(shared_->path)), source_(db_) {}

  Result<std::optional<User>> user(UserId id) override {
    return guarded([&] { return source_.user(id); });
  }
  Result<std::optional<User>> user_by_email(std::string_view email) override {
    return guarded([&] { return source_.user_by_email(email); });
  }
  Result<std::optional<Account>> wallet(UserId owner) override {
    return guarded([&] { return source_.account(AccountKind::wallet, owner.value); });
  }
  Result<std::optional<Visitor>> visitor(const VisitorToken& token) override {
    return guarded([&] { return source_.visitor(token); });
  }

  Result<std::vector<Transfer>> transfers_of_wallet(UserId owner, Page page) override {
    static constexpr auto of_wallet = Sql("select ") + transfer_columns +
                                      " from transfers where wallet_id = (select id from "
                                      "accounts where kind = 'wallet' and owner = ?1) and ";
    static constexpr auto up = of_wallet + "id > ?2 order by id limit ?3";
    static constexpr auto down = of_wallet + "id < ?2 order by id desc limit ?3";
    return guarded([&] { return list({up.text, down.text}, owner, page, read_transfer); });
  }

  Result<std::optional<ReservationRow>> reservation(ReservationId id) override {
    return guarded([&]() -> std::optional<ReservationRow> {
      const Moment moment(db_);
      const auto found = source_.reservation(id);
      if (!found) return std::nullopt;
      return ReservationRow{*found, lines_of(id)};
    });
  }

  Result<std::vector<ReservationRow>> reservations_of(UserId user, Page page,
                                                      ReservationsWanted wanted) override {
    static constexpr auto all =
        Sql("select ") + reservation_columns + " from reservations where user_id = ?1 and ";
    static constexpr auto all_up = all + "id > ?2 order by id limit ?3";
    static constexpr auto all_down = all + "id < ?2 order by id desc limit ?3";
    static constexpr auto some = all + "state in ('held', 'paid') and ";
    static constexpr auto some_up = some + "id > ?2 order by id limit ?3";
    static constexpr auto some_down = some + "id < ?2 order by id desc limit ?3";
    const PageSql sql = wanted == ReservationsWanted::all ? PageSql{all_up.text, all_down.text}
                                                          : PageSql{some_up.text, some_down.text};
    return guarded([&] {
      const Moment moment(db_);
      std::vector<ReservationRow> rows;
      for (const auto& found : list(sql, user, page, read_reservation)) {
        rows.push_back({found, lines_of(found.id)});
      }
      return rows;
    });
  }

  Result<std::optional<SeatOnMap>> seat(SeatId id) override {
    static constexpr auto sql = seats_on_map_sql + "where s.id = ?1";
    return guarded([&]() -> std::optional<SeatOnMap> {
      Query query(db_.statement(sql.text), id);
      if (!query.next()) return std::nullopt;
      return read_seat_on_map(query.row());
    });
  }

  Result<std::optional<TicketRow>> ticket(TicketId id) override {
    static constexpr auto sql = ticket_row_sql + "where t.id = ?1";
    return guarded([&]() -> std::optional<TicketRow> {
      Query query(db_.statement(sql.text), id);
      if (!query.next()) return std::nullopt;
      return read_ticket_row(query.row());
    });
  }

  Result<std::vector<TicketRow>> tickets_of(UserId user, Page page) override {
    static constexpr auto of_user = ticket_row_sql + "where t.user_id = ?1 and ";
    static constexpr auto up = of_user + "t.id > ?2 order by t.id limit ?3";
    static constexpr auto down = of_user + "t.id < ?2 order by t.id desc limit ?3";
    return guarded([&] { return list({up.text, down.text}, user, page, read_ticket_row); });
  }

  Result<void> each_user(const Sink<User>& sink) override {
    static constexpr auto sql = Sql("select ") + user_columns + " from users order by id";
    return each(sql.text, read_user, sink);
  }
  Result<void> each_venue(const Sink<Venue>& sink) override {
    static constexpr auto sql = Sql("select ") + venue_columns + " from venues order by id";
    return each(sql.text, read_venue, sink);
  }
  Result<void> each_room(const Sink<WaitingRoom>& sink) override {
    static constexpr auto sql = Sql("select ") + room_columns + " from waiting_rooms order by id";
    return each(sql.text, read_room, sink);
  }
  Result<void> each_event(const Sink<Event>& sink) override {
    static constexpr auto sql = Sql("select ") + event_columns + " from events order by id";
    return each(sql.text, read_event, sink);
  }
  Result<void> each_performance(const Sink<Performance>& sink) override {
    static constexpr auto sql =
        Sql("select ") + performance_columns + " from performances order by id";
    return each(sql.text, read_performance, sink);
  }
  Result<void> each_price_tier(const Sink<PriceTier>& sink) override {
    static constexpr auto sql =
        Sql("select ") + price_tier_columns + " from price_tiers order by id";
    return each(sql.text, read_price_tier, sink);
  }

  Result<void> each_seat(PerformanceId performance, const Sink<SeatOnMap>& sink) override {
    static constexpr auto all = seats_on_map_sql + "order by s.id";
    static constexpr auto some = seats_on_map_sql + "where s.performance_id = ?1 order by s.id";
    if (performance) return each(some.text, read_seat_on_map, sink, performance);
    return each(all.text, read_seat_on_map, sink);
  }

  Result<void> each_visitor(bool live_only, const Sink<Visitor>& sink) override {
    static constexpr auto visitors = Sql("select ") + visitor_columns + " from visitors ";
    static constexpr auto all = visitors + "order by room_id, number";
    static constexpr auto live =
        visitors + "where state in ('waiting', 'active') order by room_id, number";
    return each(live_only ? live.text : all.text, read_visitor, sink);
  }
  Result<void> each_reservation(const Sink<Reservation>& sink) override {
    static constexpr auto sql =
        Sql("select ") + reservation_columns + " from reservations order by id";
    return each(sql.text, read_reservation, sink);
  }
  Result<void> each_line(const Sink<ReservationLine>& sink) override {
    static constexpr auto sql = Sql("select ") + line_columns +
                                " from reservation_lines l order by reservation_id, seat_id";
    return each(sql.text, [](Columns c) { return read_line(c); }, sink);
  }
  Result<void> each_ticket(const Sink<Ticket>& sink) override {
    static constexpr auto sql = Sql("select ") + ticket_columns + " from tickets t order by id";
    return each(sql.text, [](Columns c) { return read_ticket(c); }, sink);
  }
  Result<void> each_account(const Sink<Account>& sink) override {
    static constexpr auto sql = Sql("select ") + account_columns + " from accounts order by id";
    return each(sql.text, read_account, sink);
  }
  Result<void> each_transfer(const Sink<Transfer>& sink) override {
    static constexpr auto sql = Sql("select ") + transfer_columns + " from transfers order by id";
    return each(sql.text, read_transfer, sink);
  }

  Result<void> each_journal_entry(JournalId after, const Sink<JournalEntry>& sink) override {
    const auto read = [](Columns c) {
      JournalEntry entry;
      c.into(entry.id, entry.batch, entry.at);
      auto records = read_records(c.next<std::string_view>());
      if (!records) {
        throw SqliteFailure{SQLITE_CORRUPT,
                            {Failure::damaged, "journal entry " + std::to_string(entry.id.value) +
                                                   " cannot be read"}};
      }
      entry.records = *std::move(records);
      return entry;
    };
    return each("select id, batch_id, at, records from journal where id > ?1 order by id", read,
                sink, after.value);
  }

  Result<JournalId> journal_end() override {
    return guarded([&] {
      Query query(db_.statement("select max(id) from journal"));
      return query.next() ? query.row().next<JournalId>() : JournalId{};
    });
  }

  Result<void> snapshot(const std::function<Result<void>()>& work) override {
    auto done = guarded([&] {
      const Moment moment(db_);
      return work();
    });
    return done ? *std::move(done) : std::unexpected(done.error());
  }

 private:
  template <class Row, class Read, class... Key>
  Result<void> each(const char* sql, const Read& read, const Sink<Row>& sink, const Key&... key) {
    return guarded([&] {
      Query query(db_.statement(sql), key...);
      while (query.next()) sink(read(query.row()));
    });
  }

  template <class Read>
  std::vector<std::invoke_result_t<Read, Columns>> list(const PageSql& sql, UserId owner,
                                                        const Page& page, const Read& read) {
    std::int64_t from = page.after;
    if (page.newest_first && from == 0) from = std::numeric_limits<std::int64_t>::max();
    std::vector<std::invoke_result_t<Read, Columns>> rows;
    Query query(db_.statement(page.newest_first ? sql.newest_first : sql.oldest_first), owner, from,
                static_cast<std::int64_t>(page.limit));
    while (query.next()) rows.push_back(read(query.row()));
    return rows;
  }

  std::vector<LineRow> lines_of(ReservationId id) {
    static constexpr auto sql = Sql("select ") + line_columns +
                                ", s.label from reservation_lines l cross join seats s "
                                "on s.id = l.seat_id where l.reservation_id = ?1 "
                                "order by l.seat_id";
    std::vector<LineRow> lines;
    Query query(db_.statement(sql.text), id);
    while (query.next()) {
      Columns c = query.row();
      const ReservationLine line = read_line(c);
      lines.push_back({line, c.next<std::string>()});
    }
    return lines;
  }

  std::shared_ptr<const Shared> shared_;
  Connection db_;
  SqliteSource source_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared) {
  return std::make_unique<SqliteReader>(std::move(shared));
}

}  // namespace onsale::store::sqlite
