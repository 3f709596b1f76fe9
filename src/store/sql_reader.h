// The Reader of every store on SQL: its statements are the same, what differs is how one is
// executed. `Db` has, each throwing the store's own exception:
//
//   Columns                          a row of a result, read from left to right
//   join                             an Sql that joins two tables, the left one first
//   bytewise                         an Sql behind a text to order it by its bytes
//   part_of_union(select, order)     an Sql of a part of a union of which no more is to be read
//   than
//                                    `order`, which is that of the union too, asks for
//   by_live_visitors                 an Sql behind a table: its index of those who have not left
//   guarded(work)                    hands what work() returns, or threw, over the border
//   rows(sql, row, keys...)          executes, and calls row(Columns) for each row
//   stream(sql, row, keys...)        the same for many rows, which are not kept
//   mark()                           what has been committed by now, as text
//   follow(mark, known, row)         row(Columns) for each journal entry since, as id, batch, time
//   and
//                                    records, which may be null if the batch is known; returns the
//                                    new mark
//   clock()                          the time by its clock, if it has one of its own
//   is_settled(mark)                 whether all that was being committed at the mark has ended
//   takes_lists                      whether a value may be a list of ids, for any($1)
//   Moment                           all statements while one lives see one and the same moment
//   damaged(message)                 throws: the database is not what it should be
//
// Values are $1, $2, … in the order in which they first appear, which is what SQLite goes by.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "store/columns.h"
#include "store/journal_codec.h"
#include "store/store.h"

namespace onsale::store {

template <class Db>
class SqlReader final : public Reader {
 public:
  /// `open` are what a Db is made of.
  template <class... Open>
  explicit SqlReader(Open&&... open) : db_(std::forward<Open>(open)...) {}

  Result<std::optional<domain::User>> user(domain::UserId id) override {
    static constexpr auto sql = Sql("select ") + user_columns + " from users where id = $1";
    return only(sql.text, read_user, id);
  }
  Result<std::optional<domain::User>> user_by_email(std::string_view email) override {
    static constexpr auto sql = Sql("select ") + user_columns + " from users where email = $1";
    return only(sql.text, read_user, email);
  }
  Result<std::optional<domain::Account>> wallet(domain::UserId owner) override {
    static constexpr auto sql =
        Sql("select ") + account_columns + " from accounts where kind = 'wallet' and owner = $1";
    return only(sql.text, read_account, owner);
  }
  Result<std::optional<domain::Visitor>> visitor(const domain::VisitorToken& token) override {
    static constexpr auto sql =
        Sql("select ") + visitor_columns + " from visitors where token = $1";
    return only(sql.text, read_visitor, token);
  }

  Result<std::vector<domain::Transfer>> transfers_of_wallet(domain::UserId owner,
                                                            Page page) override {
    static constexpr auto of_wallet = Sql("select ") + transfer_columns +
                                      " from transfers where wallet_id = (select id from "
                                      "accounts where kind = 'wallet' and owner = $1) and ";
    static constexpr auto up = of_wallet + "id > $2 order by id limit $3";
    static constexpr auto down = of_wallet + "id < $2 order by id desc limit $3";
    return Db::guarded([&] { return list({up.text, down.text}, owner, page, read_transfer); });
  }

  Result<std::optional<ReservationRow>> reservation(domain::ReservationId id) override {
    static constexpr auto sql =
        Sql("select ") + reservation_columns + " from reservations where id = $1";
    return Db::guarded([&] {
      const typename Db::Moment moment(db_);
      std::optional<ReservationRow> found;
      db_.rows(sql.text, [&](Columns c) { found = {read_reservation(c), {}}; }, id);
      if (found) found->lines = lines_of(id);
      return found;
    });
  }

  Result<std::vector<ReservationRow>> reservations_of(domain::UserId user, Page page,
                                                      ReservationsWanted wanted) override {
    static constexpr Sql up{"id > $2"};
    static constexpr Sql down{"id < $2"};
    static constexpr Sql by_up{" order by id limit $3"};
    static constexpr Sql by_down{" order by id desc limit $3"};
    static constexpr auto all_up = reservations_in_all_states(up, by_up) + by_up;
    static constexpr auto all_down = reservations_in_all_states(down, by_down) + by_down;
    static constexpr auto live_up = live_reservations(up, by_up) + by_up;
    static constexpr auto live_down = live_reservations(down, by_down) + by_down;
    const PageSql sql = wanted == ReservationsWanted::all ? PageSql{all_up.text, all_down.text}
                                                          : PageSql{live_up.text, live_down.text};
    return Db::guarded([&] {
      const typename Db::Moment moment(db_);
      std::vector<ReservationRow> rows;
      for (const auto& found : list(sql, user, page, read_reservation)) {
        rows.push_back({found, lines_of(found.id)});
      }
      return rows;
    });
  }

  Result<std::optional<SeatOnMap>> seat(domain::SeatId id) override {
    static constexpr auto sql = seats_on_map_sql + "where s.id = $1";
    return only(sql.text, read_seat_on_map, id);
  }

  Result<std::optional<TicketRow>> ticket(domain::TicketId id) override {
    static constexpr auto sql = ticket_row_sql + "where t.id = $1";
    return only(sql.text, read_ticket_row, id);
  }

  Result<std::vector<TicketRow>> tickets_of(domain::UserId user, Page page) override {
    static constexpr auto of_user = ticket_row_sql + "where t.user_id = $1 and ";
    static constexpr auto up = of_user + "t.id > $2 order by t.id limit $3";
    static constexpr auto down = of_user + "t.id < $2 order by t.id desc limit $3";
    return Db::guarded([&] { return list({up.text, down.text}, user, page, read_ticket_row); });
  }

  Result<void> each_user(const Sink<domain::User>& sink) override {
    static constexpr auto sql = Sql("select ") + user_columns + " from users order by id";
    return each(sql.text, read_user, sink);
  }
  Result<void> each_venue(const Sink<domain::Venue>& sink) override {
    static constexpr auto sql = Sql("select ") + venue_columns + " from venues order by id";
    return each(sql.text, read_venue, sink);
  }
  Result<void> each_room(const Sink<domain::WaitingRoom>& sink) override {
    static constexpr auto sql = Sql("select ") + room_columns + " from waiting_rooms order by id";
    return each(sql.text, read_room, sink);
  }
  Result<void> each_event(const Sink<domain::Event>& sink) override {
    static constexpr auto sql = Sql("select ") + event_columns + " from events order by id";
    return each(sql.text, read_event, sink);
  }
  Result<void> each_performance(const Sink<domain::Performance>& sink) override {
    static constexpr auto sql =
        Sql("select ") + performance_columns + " from performances order by id";
    return each(sql.text, read_performance, sink);
  }
  Result<void> each_price_tier(const Sink<domain::PriceTier>& sink) override {
    static constexpr auto sql =
        Sql("select ") + price_tier_columns + " from price_tiers order by id";
    return each(sql.text, read_price_tier, sink);
  }

  Result<void> each_seat(domain::PerformanceId performance, const Sink<SeatOnMap>& sink) override {
    static constexpr auto all = seats_on_map_sql + "order by s.id";
    static constexpr auto some = seats_on_map_sql + "where s.performance_id = $1 order by s.id";
    if (performance) return each(some.text, read_seat_on_map, sink, performance);
    return each(all.text, read_seat_on_map, sink);
  }

  Result<void> each_seat_of(const std::vector<domain::PerformanceId>& performances,
                            const Sink<SeatOnMap>& sink) override {
    if constexpr (Db::takes_lists) {
      // Said of both tables, so that neither is scanned for the sake of a few.
      static constexpr auto sql = seats_on_map_sql +
                                  "where s.performance_id = any($1) and p.performance_id = any($1) "
                                  "order by s.performance_id, s.id";
      return each(sql.text, read_seat_on_map, sink, performances);
    } else {
      static constexpr auto sql = seats_on_map_sql + "where s.performance_id = $1 order by s.id";
      return Db::guarded([&] {
        const typename Db::Moment moment(db_);
        for (const domain::PerformanceId id : performances) {
          db_.rows(sql.text, [&](Columns c) { sink(read_seat_on_map(c)); }, id);
        }
      });
    }
  }

  Result<void> each_visitor(bool live_only, const Sink<domain::Visitor>& sink) override {
    static constexpr auto visitors = Sql("select ") + visitor_columns + " from visitors";
    static constexpr auto all = visitors + " order by room_id, number";
    static constexpr auto live = visitors + Db::by_live_visitors +
                                 " where state in ('waiting', 'active') order by room_id, number";
    return each(live_only ? live.text : all.text, read_visitor, sink);
  }
  Result<void> each_reservation(const Sink<domain::Reservation>& sink) override {
    static constexpr auto sql =
        Sql("select ") + reservation_columns + " from reservations order by id";
    return each(sql.text, read_reservation, sink);
  }
  Result<void> each_line(const Sink<domain::ReservationLine>& sink) override {
    static constexpr auto sql = Sql("select ") + line_columns +
                                " from reservation_lines l order by reservation_id, seat_id";
    return each(sql.text, read_line, sink);
  }
  Result<void> each_ticket(const Sink<domain::Ticket>& sink) override {
    static constexpr auto sql = Sql("select ") + ticket_columns + " from tickets t order by id";
    return each(sql.text, read_ticket, sink);
  }
  Result<void> each_account(const Sink<domain::Account>& sink) override {
    static constexpr auto sql = Sql("select ") + account_columns + " from accounts order by id";
    return each(sql.text, read_account, sink);
  }
  Result<void> each_transfer(const Sink<domain::Transfer>& sink) override {
    static constexpr auto sql = Sql("select ") + transfer_columns + " from transfers order by id";
    return each(sql.text, read_transfer, sink);
  }

  Result<void> each_journal_entry(domain::JournalId after,
                                  const Sink<JournalEntry>& sink) override {
    return each(
        "select id, batch_id, at, records from journal where id > $1 order by id",
        [](Columns& c) { return read_journal_entry(c, {}); }, sink, after.value);
  }

  Result<void> each_idempotency(const Sink<domain::IdempotencyRecord>& sink) override {
    static constexpr auto sql = Sql("select ") + idempotency_columns +
                                " from idempotency order by user_id, route" + Db::bytewise +
                                ", key" + Db::bytewise;
    return each(sql.text, read_idempotency, sink);
  }
  Result<void> each_secret(const Sink<Secret>& sink) override {
    static constexpr auto sql = Sql("select name, value from secrets order by name") + Db::bytewise;
    static constexpr auto read = [](auto&& c) {
      Secret row;
      c.into(row.name, row.value);
      return row;
    };
    return each(sql.text, read, sink);
  }

  Result<domain::JournalId> journal_end() override {
    return Db::guarded([&] {
      domain::JournalId end;
      db_.rows("select max(id) from journal", [&](Columns c) { c.into(end); });
      return end;
    });
  }

  Result<std::optional<StoreTime>> clock() override {
    if constexpr (requires { db_.clock(); }) {
      return Db::guarded([&] { return std::optional<StoreTime>(db_.clock()); });
    } else {
      return std::optional<StoreTime>();
    }
  }
  Result<JournalMark> journal_mark() override {
    return Db::guarded([&] { return JournalMark{db_.mark()}; });
  }
  Result<void> follow_journal(JournalMark& mark, const std::vector<BatchId>& known,
                              const Sink<JournalEntry>& sink) override {
    return Db::guarded([&] {
      mark.text =
          db_.follow(mark.text, known, [&](Columns c) { sink(read_journal_entry(c, known)); });
    });
  }

  Result<bool> is_settled(const JournalMark& mark) override {
    return Db::guarded([&] { return db_.is_settled(mark.text); });
  }

  Result<void> snapshot(const std::function<Result<void>()>& work) override {
    auto done = Db::guarded([&] {
      const typename Db::Moment moment(db_);
      return work();
    });
    return done ? *std::move(done) : std::unexpected(done.error());
  }

 private:
  using Columns = typename Db::Columns;

  /// The two directions of a list by id. Both take the owner, the id to go on from and the
  /// number of rows.
  struct PageSql {
    const char* oldest_first;  ///< … id > $2 order by id limit $3
    const char* newest_first;  ///< … id < $2 order by id desc limit $3
  };

  /// A page of a user's reservations in one state, which are in order in reservations_by_user.
  /// Those in several are merged: no more is read than a page of each, whatever the others are.
  template <std::size_t M, std::size_t N, std::size_t O>
  static consteval auto reservations_in(const Sql<M>& state, const Sql<N>& beyond,
                                        const Sql<O>& order) {
    return Db::part_of_union(Sql("select ") + reservation_columns +
                                 " from reservations where user_id = $1 and state = '" + state +
                                 "' and " + beyond,
                             order);
  }
  template <std::size_t N, std::size_t O>
  static consteval auto live_reservations(const Sql<N>& beyond, const Sql<O>& order) {
    return reservations_in(Sql("held"), beyond, order) + " union all " +
           reservations_in(Sql("paid"), beyond, order);
  }
  template <std::size_t N, std::size_t O>
  static consteval auto reservations_in_all_states(const Sql<N>& beyond, const Sql<O>& order) {
    return live_reservations(beyond, order) + " union all " +
           reservations_in(Sql("refunded"), beyond, order) + " union all " +
           reservations_in(Sql("expired"), beyond, order) + " union all " +
           reservations_in(Sql("canceled"), beyond, order);
  }

  static constexpr auto seats_on_map_sql = Sql("select ") + seat_columns + ", " +
                                           seat_place_columns + " from seats s" + Db::join +
                                           "seat_places p on p.seat_id = s.id ";
  static constexpr auto ticket_row_sql =
      Sql("select ") + ticket_columns +
      ", s.label, p.section, p.row_name, p.number, l.price, f.event_id, r.attendee_name "
      "from tickets t" +
      Db::join + "seats s on s.id = t.seat_id" + Db::join +
      "seat_places p on p.seat_id = t.seat_id" + Db::join +
      "reservation_lines l on l.reservation_id = t.reservation_id and l.seat_id = t.seat_id" +
      Db::join + "performances f on f.id = t.performance_id" + Db::join +
      "reservations r on r.id = t.reservation_id ";

  static SeatOnMap read_seat_on_map(Columns& c) {
    domain::Seat seat = read_seat(c);
    return {std::move(seat), read_seat_place(c)};
  }
  static TicketRow read_ticket_row(Columns& c) {
    TicketRow row;
    row.ticket = read_ticket(c);
    c.into(row.label, row.section, row.row, row.number, row.price, row.event, row.attendee_name);
    return row;
  }

  static JournalEntry read_journal_entry(Columns& c, const std::vector<BatchId>& known) {
    JournalEntry entry;
    c.into(entry.id, entry.batch, entry.at);
    if (std::ranges::find(known, entry.batch) != known.end()) return entry;
    auto records = read_records(c.template next<std::string_view>());
    if (!records) {
      Db::damaged("journal entry " + std::to_string(entry.id.value) + " cannot be read");
    }
    entry.records = *std::move(records);
    return entry;
  }

  template <class Read, class... Key>
  auto only(const char* sql, const Read& read, const Key&... key)
      -> Result<std::optional<std::invoke_result_t<Read, Columns&>>> {
    return Db::guarded([&] {
      std::optional<std::invoke_result_t<Read, Columns&>> found;
      db_.rows(sql, [&](Columns c) { found = read(c); }, key...);
      return found;
    });
  }

  template <class Row, class Read, class... Key>
  Result<void> each(const char* sql, const Read& read, const Sink<Row>& sink, const Key&... key) {
    return Db::guarded([&] { db_.stream(sql, [&](Columns c) { sink(read(c)); }, key...); });
  }

  template <class Read>
  auto list(const PageSql& sql, domain::UserId owner, const Page& page, const Read& read) {
    std::int64_t from = page.after;
    if (page.newest_first && from == 0) from = std::numeric_limits<std::int64_t>::max();
    std::vector<std::invoke_result_t<Read, Columns&>> rows;
    db_.rows(
        page.newest_first ? sql.newest_first : sql.oldest_first,
        [&](Columns c) { rows.push_back(read(c)); }, owner, from,
        static_cast<std::int64_t>(page.limit));
    return rows;
  }

  std::vector<LineRow> lines_of(domain::ReservationId id) {
    static constexpr auto sql = Sql("select ") + line_columns +
                                ", s.label from reservation_lines l" + Db::join +
                                "seats s on s.id = l.seat_id where l.reservation_id = $1 "
                                "order by l.seat_id";
    std::vector<LineRow> lines;
    db_.rows(
        sql.text,
        [&](Columns c) {
          const domain::ReservationLine line = read_line(c);
          lines.push_back({line, c.template next<std::string>()});
        },
        id);
    return lines;
  }

  Db db_;
};

}  // namespace onsale::store
