#include "bench/asks.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "api/wire.h"

namespace onsale::bench {
namespace {

std::string get(std::string_view path, std::string_view headers = {}) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n{}\r\n", path, headers);
}

/// Into `text`, whose room is used again.
void post(std::string& text, std::string_view path, std::string_view access,
          std::string_view body) {
  text.clear();
  fmt::format_to(std::back_inserter(text),
                 "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
                 "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                 path, access, body.size(), body);
}

std::string hold_body(std::int64_t event, std::int64_t performance, std::int64_t seat) {
  return fmt::format(R"({{"event_id":{},"seats":[{{"performance_id":{},"seat_id":{}}}]}})", event,
                     performance, seat);
}

std::string hold_body(const domain::Hold& hold) {
  return hold_body(hold.event.value, hold.seats[0].performance.value, hold.seats[0].seat.value);
}

const std::string& access_of(const World& world, std::int64_t user) {
  return world.access[static_cast<std::size_t>(user - 1)];
}

/// `path_and_body(i)` says what number i of the line posts: first … last - 1, each once.
template <class PathAndBody>
NextRequest each_posts(const World& world, int first, int last, PathAndBody path_and_body) {
  return [&world, path_and_body, next = first, last, text = std::make_shared<std::string>()](
             std::size_t, std::string_view) mutable {
    if (next == last) return std::string_view();
    const auto [path, body] = path_and_body(next);
    post(*text, path, access_of(world, world.line[static_cast<std::size_t>(next++)]), body);
    return std::string_view(*text);
  };
}

NextRequest always(std::string request) {
  return [request = std::make_shared<const std::string>(std::move(request))](
             std::size_t, std::string_view) { return std::string_view(*request); };
}

// ---- the whole way -----------------------------------------------------------------------

/// The number after the first `name` in an answer's body.
std::int64_t number_of(std::string_view answer, std::string_view name) {
  const auto at = answer.find(name);
  std::int64_t value = 0;
  if (at == std::string_view::npos ||
      std::from_chars(answer.data() + at + name.size(), answer.data() + answer.size(), value).ec !=
          std::errc()) {
    throw std::runtime_error(fmt::format("an answer without {}: {}", name, answer));
  }
  return value;
}

class Walks {
 public:
  explicit Walks(const World& world) : world_(world) {}

  std::string_view next(std::size_t connection, std::string_view answer) {
    if (walkers_.size() <= connection) walkers_.resize(connection + 1);
    Walker& walker = walkers_[connection];
    switch (walker.step++ % walk_requests) {
      case 0:
        if (begun_ == walk_performances * walk_seats_per_performance) return {};
        walker.buyer = begun_++;
        return say(walker, fmt::format("/v1/waiting-rooms/{}/visitors", world_.walk_room.value),
                   "{}");
      case 1:
        text_ = get(fmt::format("/v1/performances/{}/seats", performance(walker)));
        return text_;
      case 2:
        return say(walker, "/v1/reservations",
                   hold_body(world_.walk_event.value, performance(walker),
                             world_.walk_first_seat + walker.buyer));
      case 3:
        walker.reservation = number_of(answer, R"({"id":)");
        return say(walker, "/v1/wallet/charges", fmt::format(R"({{"amount":{}}})", seat_price));
      default:
        return say(walker, fmt::format("/v1/reservations/{}/payment", walker.reservation), "{}");
    }
  }

 private:
  struct Walker {
    int step = 0;
    int buyer = 0;
    std::int64_t reservation = 0;
  };

  std::string_view say(const Walker& walker, const std::string& path, const std::string& body) {
    post(text_, path, access_of(world_, world_.line[static_cast<std::size_t>(walker.buyer)]), body);
    return text_;
  }
  [[nodiscard]] std::int64_t performance(const Walker& walker) const {
    return world_.walk_first_performance + walker.buyer / walk_seats_per_performance;
  }

  const World& world_;
  std::vector<Walker> walkers_;
  int begun_ = 0;
  std::string text_;
};

}  // namespace

NextRequest ask_livez() { return always(get("/livez")); }

NextRequest ask_poll(const World& world) {
  return [&world, next = std::size_t{0}, text = std::make_shared<std::string>()](
             std::size_t, std::string_view) mutable {
    *text = "GET /v1/visitors/";
    *text += api::token_text(world.waiting[next++ % world.waiting.size()]);
    *text += " HTTP/1.1\r\nHost: x\r\n\r\n";
    return std::string_view(*text);
  };
}

NextRequest ask_seats(const Performance& performance, const std::string& query,
                      const std::string& headers) {
  return always(
      get(fmt::format("/v1/performances/{}/seats{}", performance.id.value, query), headers));
}

NextRequest ask_first_seats(const World& world, const Performance& performance, int seats) {
  return each_posts(world, 1, seats + 1, [&world, performance](int user) {
    return std::pair(
        std::string("/v1/reservations"),
        hold_body(world.maps.value, performance.id.value, performance.first_seat + user - 1));
  });
}

NextRequest ask_enter(const World& world) {
  const auto path = fmt::format("/v1/waiting-rooms/{}/visitors", world.queue.value);
  return each_posts(world, world_waiting, world_users,
                    [path](int) { return std::pair(path, std::string("{}")); });
}

NextRequest ask_hold(const World& world) {
  return each_posts(world, 0, seats_total, [&world](int i) {
    return std::pair(std::string("/v1/reservations"), hold_body(world.free.hold(i)));
  });
}

NextRequest ask_same_seat(const World& world, int rivals) {
  return [&world, rivals, next = 0, text = std::make_shared<std::string>()](
             std::size_t, std::string_view) mutable {
    const domain::Hold hold = world.free.hold(next / rivals);
    // Others each time, so that nobody wins more seats than one may have.
    const std::int64_t user = 1 + next++ % world_users;
    post(*text, "/v1/reservations", access_of(world, user), hold_body(hold));
    return std::string_view(*text);
  };
}

NextRequest ask_charge(const World& world) {
  return each_posts(world, 0, world_users, [](int) {
    return std::pair(std::string("/v1/wallet/charges"), std::string(R"({"amount":1000})"));
  });
}

NextRequest ask_pay(const World& world) {
  return each_posts(world, 0, world_held, [first = world.first_reservation](int i) {
    return std::pair(fmt::format("/v1/reservations/{}/payment", first + i), std::string("{}"));
  });
}

NextRequest ask_walk(const World& world) {
  return [walks = std::make_shared<Walks>(world)](std::size_t connection, std::string_view answer) {
    return walks->next(connection, answer);
  };
}

}  // namespace onsale::bench
