// The API of document 003. The customer's number is all it wants; a payment pays all that is held.
#include <algorithm>
#include <boost/describe.hpp>

#include "rush/dialects/dialect_sale.h"
#include "rush/dialects/sales.h"

namespace onsale::rush {
namespace {

/// The least that can be charged.
constexpr std::int64_t charge_min = 10;

// What is sent, and what is read of the answers; they have more.

struct CustomerWords {
  std::int64_t customerId = 0;
};
BOOST_DESCRIBE_STRUCT(CustomerWords, (), (customerId))

struct WaitingSeen {
  std::string status;
  std::string token;
};
BOOST_DESCRIBE_STRUCT(WaitingSeen, (), (status, token))

struct OptionSeen {
  std::int64_t optionId = 0;
};
BOOST_DESCRIBE_STRUCT(OptionSeen, (), (optionId))

struct OptionsSeen {
  std::vector<OptionSeen> performances;
};
BOOST_DESCRIBE_STRUCT(OptionsSeen, (), (performances))

struct SeatsSeen {
  std::vector<std::int64_t> seats;
};
BOOST_DESCRIBE_STRUCT(SeatsSeen, (), (seats))

struct ReserverWords {
  std::int64_t customerId = 0;
  std::string reserverName;
};
BOOST_DESCRIBE_STRUCT(ReserverWords, (), (customerId, reserverName))

struct SeatWords {
  std::int64_t optionId = 0;
  std::int64_t seatId = 0;
};
BOOST_DESCRIBE_STRUCT(SeatWords, (), (optionId, seatId))

struct ReserveWords {
  ReserverWords reserver;
  std::int64_t concertId = 0;
  std::vector<SeatWords> performances;
};
BOOST_DESCRIBE_STRUCT(ReserveWords, (), (reserver, concertId, performances))

struct TicketSeen {
  std::int64_t optionPrice = 0;
};
BOOST_DESCRIBE_STRUCT(TicketSeen, (), (optionPrice))

struct TicketsSeen {
  std::vector<TicketSeen> tickets;
};
BOOST_DESCRIBE_STRUCT(TicketsSeen, (), (tickets))

struct ChargeWords {
  std::int64_t customerId = 0;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(ChargeWords, (), (customerId, amount))

struct MeansWords {
  std::string payMethod = "POINT";
  std::int64_t payAmount = 0;
};
BOOST_DESCRIBE_STRUCT(MeansWords, (), (payMethod, payAmount))

struct PayWords {
  std::int64_t customerId = 0;
  std::vector<MeansWords> pay;
};
BOOST_DESCRIBE_STRUCT(PayWords, (), (customerId, pay))

class CustomersSale final : public DialectSale {
 public:
  using DialectSale::DialectSale;

  /// The document lists the options of a concert, but no concerts.
  asio::awaitable<std::expected<void, std::string>> open() override {
    auto night = co_await find();
    if (!night) co_return std::unexpected(night.error());
    night_ = *std::move(night);
    const auto options =
        co_await read<OptionsSeen>(fmt::format("/concerts/{}/options", night_.event));
    if (!options) co_return std::unexpected(options.error());
    const auto& list = options->performances;
    if (std::ranges::find(list, night_.performance, &OptionSeen::optionId) == list.end()) {
      co_return std::unexpected(
          fmt::format("concert {} does not offer option {}", night_.event, night_.performance));
    }
    co_return std::expected<void, std::string>();
  }

  Said<Place> enter(Person& person, Moment meant_at) override {
    Request request = post("/customer/waiting/enter", CustomerWords{person.user});
    co_return place_of(co_await ask(Ask::enter, std::move(request), meant_at));
  }

  Said<Place> look(Person& person, const Place&, Moment meant_at) override {
    Request request = post("/customer/waiting/check", CustomerWords{person.user});
    const auto answer = co_await ask(Ask::look, std::move(request), meant_at);
    if (not_found(answer)) co_return Place{};
    co_return place_of(answer);
  }

  Said<void> see_seats(Person&, const Place&, Moment meant_at) override {
    Request request{.path =
                        fmt::format("/concerts/{}/options/{}", night_.event, night_.performance)};
    const Look look = next_look();
    const auto answer = co_await ask(Ask::seats, std::move(request), meant_at);
    auto seen = parsed<SeatsSeen>(answer);
    if (!seen) co_return std::unexpected(seen.error());
    show(look, std::move(seen->seats));
    co_return std::expected<void, Refusal>();
  }

  Said<HeldSeats> hold(Person& person, const Place&, const std::vector<std::int64_t>& seats,
                       Moment meant_at) override {
    ReserveWords words{.reserver = {.customerId = person.user,
                                    .reserverName = fmt::format("Customer {}", person.user)},
                       .concertId = night_.event,
                       .performances = {}};
    for (const std::int64_t seat : seats) words.performances.push_back({night_.performance, seat});
    Request request = post("/reservation/reserve", words);
    const auto answer = co_await ask(Ask::hold, std::move(request), meant_at);
    const auto held = parsed<TicketsSeen>(answer);
    if (!held) co_return std::unexpected(held.error());
    HeldSeats sum;
    for (const TicketSeen& ticket : held->tickets) sum.total += ticket.optionPrice;
    co_return sum;
  }

  Said<void> charge(Person& person, const Place&, std::int64_t amount, Moment meant_at) override {
    const ChargeWords words{.customerId = person.user, .amount = std::max(amount, charge_min)};
    Request request = post("/customer/point/charge", words);
    co_return done(co_await ask(Ask::charge, std::move(request), meant_at));
  }

  Said<void> pay(Person& person, const Place&, const HeldSeats& held, Moment meant_at) override {
    const PayWords words{.customerId = person.user, .pay = {{.payAmount = held.total}}};
    Request request = post("/reservation/pay", words);
    co_return done(co_await ask(Ask::pay, std::move(request), meant_at));
  }

 private:
  std::expected<Place, Refusal> place_of(const Answer& answer) {
    const auto seen = parsed<WaitingSeen>(answer);
    if (!seen) return std::unexpected(seen.error());
    const bool in = seen->status == "ACTIVE";
    return place(in ? Place::State::active : Place::State::waiting, seen->token, answer);
  }

  Night night_;
};

}  // namespace

std::unique_ptr<Sale> customers_sale(Client& client, Tally& tally, const Wanted& wanted) {
  return std::make_unique<CustomersSale>(client, tally, wanted);
}

}  // namespace onsale::rush
