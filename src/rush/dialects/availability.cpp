// The API of document 002. The queue's token opens all of it; seats are called by their labels,
// and what they cost it does not say.
#include <algorithm>
#include <boost/describe.hpp>
#include <map>

#include "rush/dialects/dialect_sale.h"
#include "rush/dialects/sales.h"

namespace onsale::rush {
namespace {

/// The one currency whose amounts are the same in this API and in the native one.
constexpr std::string_view won = "KRW";

// What is sent, and what is read of the answers; they have more.

struct TokenWords {
  std::string userId;
  std::string browserId = "rush";
};
BOOST_DESCRIBE_STRUCT(TokenWords, (), (userId, browserId))

struct TokenSeen {
  std::string token;
  std::int64_t queuePosition = 0;
};
BOOST_DESCRIBE_STRUCT(TokenSeen, (), (token, queuePosition))

struct SeatSeen {
  std::string seatNo;
};
BOOST_DESCRIBE_STRUCT(SeatSeen, (), (seatNo))

struct DateSeen {
  std::vector<SeatSeen> availableSeats;
};
BOOST_DESCRIBE_STRUCT(DateSeen, (), (availableSeats))

struct AvailabilitySeen {
  std::vector<DateSeen> dates;
};
BOOST_DESCRIBE_STRUCT(AvailabilitySeen, (), (dates))

struct ReservationWords {
  std::string date;
  std::string seatNo;
  std::string userId;
};
BOOST_DESCRIBE_STRUCT(ReservationWords, (), (date, seatNo, userId))

struct ReservationSeen {
  std::string reservationId;
};
BOOST_DESCRIBE_STRUCT(ReservationSeen, (), (reservationId))

struct PaymentWords {
  std::string reservationId;
  std::string userId;
  std::int64_t paymentAmount = 0;
};
BOOST_DESCRIBE_STRUCT(PaymentWords, (), (reservationId, userId, paymentAmount))

struct PricedSeat {
  std::string label;
  std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(PricedSeat, (), (label, price))

struct PricedSeats {
  std::vector<PricedSeat> seats;
};
BOOST_DESCRIBE_STRUCT(PricedSeats, (), (seats))

class AvailabilitySale final : public DialectSale {
 public:
  using DialectSale::DialectSale;

  asio::awaitable<std::expected<void, std::string>> open() override {
    const auto all = co_await nights();
    if (!all) co_return std::unexpected(all.error());
    const auto night = found_in(*all);
    if (!night) co_return std::unexpected(night.error());
    date_ = night->date();
    concert_ = fmt::format("/api/v1/concerts/{}", night->event);
    const auto same = [&](const Night& other) {
      return other.event == night->event && other.date() == date_;
    };
    if (std::ranges::count_if(*all, same) > 1) {
      co_return std::unexpected(
          fmt::format("event {} is played more than once on {}, which this dialect does not tell "
                      "apart",
                      night->event, date_));
    }
    if (night->currency != won) {
      co_return std::unexpected(
          fmt::format("this dialect is played in {}, not in {}", won, night->currency));
    }
    if (auto read = co_await read_prices(night->performance); !read) co_return read;
    co_return co_await speaks(concert_ + "/availability");
  }

  Said<Place> enter(Person& person, Moment meant_at) override {
    return token(Ask::enter, person, meant_at);
  }

  Said<Place> look(Person& person, const Place&, Moment meant_at) override {
    return token(Ask::look, person, meant_at);
  }

  Said<void> see_seats(Person&, const Place& place, Moment meant_at) override {
    Request request{.path = fmt::format("{}/availability?date={}", concert_, date_),
                    .bearer = place.token};
    const Look look = next_look();
    const auto answer = co_await ask(Ask::seats, std::move(request), meant_at);
    const auto seen = parsed<AvailabilitySeen>(answer);
    if (!seen) co_return std::unexpected(seen.error());
    std::vector<std::int64_t> free;
    for (const DateSeen& date : seen->dates) {
      for (const SeatSeen& seat : date.availableSeats) {
        const auto known = index_.find(seat.seatNo);
        if (known != index_.end()) free.push_back(known->second);
      }
    }
    show(look, std::move(free));
    co_return std::expected<void, Refusal>();
  }

  Said<HeldSeats> hold(Person& person, const Place& place, const std::vector<std::int64_t>& seats,
                       Moment meant_at) override {
    const PricedSeat& seat = seats_.at(static_cast<std::size_t>(seats.front()));
    const ReservationWords words{
        .date = date_, .seatNo = seat.label, .userId = fmt::to_string(person.user)};
    Request request = post(concert_ + "/reservations", words);
    request.bearer = place.token;
    const auto answer = co_await ask(Ask::hold, std::move(request), meant_at);
    const auto held = parsed<ReservationSeen>(answer);
    if (!held) co_return std::unexpected(held.error());
    co_return HeldSeats{.reservation = held->reservationId, .total = seat.price};
  }

  Said<void> charge(Person& person, const Place& place, std::int64_t amount,
                    Moment meant_at) override {
    Request request =
        post(fmt::format("/api/v1/users/{}/balance", person.user), AmountWords{amount});
    request.bearer = place.token;
    co_return done(co_await ask(Ask::charge, std::move(request), meant_at));
  }

  Said<void> pay(Person& person, const Place& place, const HeldSeats& held,
                 Moment meant_at) override {
    const PaymentWords words{.reservationId = held.reservation,
                             .userId = fmt::to_string(person.user),
                             .paymentAmount = held.total};
    Request request = post(concert_ + "/payments", words);
    request.bearer = place.token;
    co_return done(co_await ask(Ask::pay, std::move(request), meant_at));
  }

 private:
  /// People know the prices from elsewhere: the native seat map.
  asio::awaitable<std::expected<void, std::string>> read_prices(std::int64_t performance) {
    auto map = co_await read<PricedSeats>(fmt::format("/v1/performances/{}/seats", performance));
    if (!map) co_return std::unexpected(map.error());
    seats_ = std::move(map->seats);
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      index_.try_emplace(seats_[i].label, static_cast<std::int64_t>(i));
    }
    co_return std::expected<void, std::string>();
  }

  /// To enter and to look are the same.
  Said<Place> token(Ask what, Person& person, Moment meant_at) {
    const TokenWords words{.userId = fmt::to_string(person.user)};
    Request request = post("/api/v1/users/token", words);
    const auto answer = co_await ask(what, std::move(request), meant_at);
    const auto seen = parsed<TokenSeen>(answer);
    if (!seen) co_return std::unexpected(seen.error());
    const bool in = seen->queuePosition == 0;
    co_return place(in ? Place::State::active : Place::State::waiting, seen->token, answer);
  }

  std::string date_;
  std::string concert_;
  std::vector<PricedSeat> seats_;
  std::map<std::string, std::int64_t> index_;  // by label
};

}  // namespace

std::unique_ptr<Sale> availability_sale(Client& client, Tally& tally, const Wanted& wanted) {
  return std::make_unique<AvailabilitySale>(client, tally, wanted);
}

}  // namespace onsale::rush
