// The API of document 004. The user's number is all it wants; a payment pays all that is held.
#include <algorithm>
#include <boost/describe.hpp>

#include "rush/dialects/dialect_sale.h"
#include "rush/dialects/sales.h"

namespace onsale::rush {
namespace {

// What is sent, and what is read of the answers; they have more.

struct UserWords {
  std::int64_t userId = 0;
};
BOOST_DESCRIBE_STRUCT(UserWords, (), (userId))

struct StatusSeen {
  std::string token;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(StatusSeen, (), (token, status))

struct SeatSeen {
  std::int64_t seatId = 0;
};
BOOST_DESCRIBE_STRUCT(SeatSeen, (), (seatId))

struct SeatWords {
  std::int64_t userId = 0;
  std::int64_t seatId = 0;
};
BOOST_DESCRIBE_STRUCT(SeatWords, (), (userId, seatId))

struct ReservedSeen {
  std::int64_t seatId = 0;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(ReservedSeen, (), (seatId, amount))

struct ProcessWords {
  std::int64_t userId = 0;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(ProcessWords, (), (userId, amount))

class DatesSale final : public DialectSale {
 public:
  using DialectSale::DialectSale;

  asio::awaitable<std::expected<void, std::string>> open() override {
    const auto dates = co_await read<std::vector<std::string>>("/api/available-dates");
    if (!dates) co_return std::unexpected(dates.error());
    if (dates->empty()) co_return std::unexpected("nothing is on sale there");
    date_ = wanted_.date.value_or(dates->front());
    if (std::ranges::find(*dates, date_) == dates->end()) {
      co_return std::unexpected(fmt::format("there is no seat on {}", date_));
    }
    co_return std::expected<void, std::string>();
  }

  Said<Place> enter(Person& person, Moment meant_at) override {
    Request request = post("/api/issue", UserWords{person.user});
    co_return place_of(co_await ask(Ask::enter, std::move(request), meant_at));
  }

  Said<Place> look(Person& person, const Place&, Moment meant_at) override {
    Request request{.path = fmt::format("/api/status/{}", person.user)};
    const auto answer = co_await ask(Ask::look, std::move(request), meant_at);
    if (not_found(answer)) co_return Place{};
    co_return place_of(answer);
  }

  Said<void> see_seats(Person&, const Place&, Moment meant_at) override {
    Request request{.path = "/api/available-seats/" + date_};
    const Look look = next_look();
    const auto answer = co_await ask(Ask::seats, std::move(request), meant_at);
    const auto seats = parsed<std::vector<SeatSeen>>(answer);
    if (!seats) co_return std::unexpected(seats.error());
    std::vector<std::int64_t> free;
    for (const SeatSeen& seat : *seats) free.push_back(seat.seatId);
    show(look, std::move(free));
    co_return std::expected<void, Refusal>();
  }

  Said<HeldSeats> hold(Person& person, const Place&, const std::vector<std::int64_t>& seats,
                       Moment meant_at) override {
    const SeatWords words{.userId = person.user, .seatId = seats.front()};
    Request request = post("/api/reserve", words);
    const auto answer = co_await ask(Ask::hold, std::move(request), meant_at);
    const auto held = parsed<ReservedSeen>(answer);
    if (!held) co_return std::unexpected(held.error());
    co_return HeldSeats{.reservation = fmt::to_string(held->seatId), .total = held->amount};
  }

  Said<void> charge(Person& person, const Place&, std::int64_t amount, Moment meant_at) override {
    Request request = post(fmt::format("/api/{}/charge", person.user), AmountWords{amount});
    co_return done(co_await ask(Ask::charge, std::move(request), meant_at));
  }

  Said<void> pay(Person& person, const Place&, const HeldSeats& held, Moment meant_at) override {
    const ProcessWords words{.userId = person.user, .amount = held.total};
    Request request = post("/api/process", words);
    co_return done(co_await ask(Ask::pay, std::move(request), meant_at));
  }

 private:
  std::expected<Place, Refusal> place_of(const Answer& answer) {
    const auto seen = parsed<StatusSeen>(answer);
    if (!seen) return std::unexpected(seen.error());
    const bool in = seen->status == "activate";
    return place(in ? Place::State::active : Place::State::waiting, seen->token, answer);
  }

  std::string date_;
};

}  // namespace

std::unique_ptr<Sale> dates_sale(Client& client, Tally& tally, const Wanted& wanted) {
  return std::make_unique<DatesSale>(client, tally, wanted);
}

}  // namespace onsale::rush
