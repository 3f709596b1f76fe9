#include "domain/model.h"

#include <array>
#include <utility>

namespace onsale::domain {
namespace {

template <class Enum>
using Names = std::pair<Enum, std::string_view>;

constexpr std::array role_names{Names<Role>{Role::buyer, "buyer"},
                                Names<Role>{Role::staff, "staff"},
                                Names<Role>{Role::organiser, "organiser"}};
constexpr std::array seat_names{Names<SeatStatus>{SeatStatus::available, "available"},
                                Names<SeatStatus>{SeatStatus::held, "held"},
                                Names<SeatStatus>{SeatStatus::sold, "sold"},
                                Names<SeatStatus>{SeatStatus::blocked, "blocked"}};
constexpr std::array reservation_names{
    Names<ReservationState>{ReservationState::held, "held"},
    Names<ReservationState>{ReservationState::paid, "paid"},
    Names<ReservationState>{ReservationState::refunded, "refunded"},
    Names<ReservationState>{ReservationState::expired, "expired"},
    Names<ReservationState>{ReservationState::canceled, "canceled"}};
constexpr std::array ticket_names{Names<TicketState>{TicketState::issued, "issued"},
                                  Names<TicketState>{TicketState::checked_in, "checked_in"},
                                  Names<TicketState>{TicketState::void_, "void"}};
constexpr std::array account_names{Names<AccountKind>{AccountKind::wallet, "wallet"},
                                   Names<AccountKind>{AccountKind::funding, "funding"},
                                   Names<AccountKind>{AccountKind::revenue, "revenue"}};
constexpr std::array cause_names{Names<TransferCause>{TransferCause::charge, "charge"},
                                 Names<TransferCause>{TransferCause::payment, "payment"},
                                 Names<TransferCause>{TransferCause::refund, "refund"}};
constexpr std::array visitor_names{Names<VisitorState>{VisitorState::waiting, "waiting"},
                                   Names<VisitorState>{VisitorState::active, "active"},
                                   Names<VisitorState>{VisitorState::completed, "completed"},
                                   Names<VisitorState>{VisitorState::expired, "expired"},
                                   Names<VisitorState>{VisitorState::left, "left"}};
constexpr std::array session_end_names{Names<SessionEnd>{SessionEnd::payment, "payment"},
                                       Names<SessionEnd>{SessionEnd::hold, "hold"}};
constexpr std::array room_order_names{Names<RoomOrder>{RoomOrder::fifo, "fifo"},
                                      Names<RoomOrder>{RoomOrder::lottery, "lottery"}};
constexpr std::array room_state_names{Names<RoomState>{RoomState::open, "open"},
                                      Names<RoomState>{RoomState::paused, "paused"},
                                      Names<RoomState>{RoomState::closed, "closed"}};

template <class Table, class Enum>
std::string_view text_of(const Table& table, Enum value) {
  for (const auto& [v, text] : table) {
    if (v == value) return text;
  }
  std::unreachable();
}

template <class Table>
auto value_of(const Table& table, std::string_view wanted)
    -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [value, text] : table) {
    if (text == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Role v) { return text_of(role_names, v); }
std::string_view to_text(SeatStatus v) { return text_of(seat_names, v); }
std::string_view to_text(ReservationState v) { return text_of(reservation_names, v); }
std::string_view to_text(TicketState v) { return text_of(ticket_names, v); }
std::string_view to_text(AccountKind v) { return text_of(account_names, v); }
std::string_view to_text(TransferCause v) { return text_of(cause_names, v); }
std::string_view to_text(VisitorState v) { return text_of(visitor_names, v); }
std::string_view to_text(SessionEnd v) { return text_of(session_end_names, v); }
std::string_view to_text(RoomOrder v) { return text_of(room_order_names, v); }
std::string_view to_text(RoomState v) { return text_of(room_state_names, v); }

template <>
std::optional<Role> from_text(std::string_view t) {
  return value_of(role_names, t);
}
template <>
std::optional<SeatStatus> from_text(std::string_view t) {
  return value_of(seat_names, t);
}
template <>
std::optional<ReservationState> from_text(std::string_view t) {
  return value_of(reservation_names, t);
}
template <>
std::optional<TicketState> from_text(std::string_view t) {
  return value_of(ticket_names, t);
}
template <>
std::optional<AccountKind> from_text(std::string_view t) {
  return value_of(account_names, t);
}
template <>
std::optional<TransferCause> from_text(std::string_view t) {
  return value_of(cause_names, t);
}
template <>
std::optional<VisitorState> from_text(std::string_view t) {
  return value_of(visitor_names, t);
}
template <>
std::optional<SessionEnd> from_text(std::string_view t) {
  return value_of(session_end_names, t);
}
template <>
std::optional<RoomOrder> from_text(std::string_view t) {
  return value_of(room_order_names, t);
}
template <>
std::optional<RoomState> from_text(std::string_view t) {
  return value_of(room_state_names, t);
}

}  // namespace onsale::domain
