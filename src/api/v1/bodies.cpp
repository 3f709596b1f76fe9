#include "api/v1/bodies.h"

#include <algorithm>
#include <chrono>

namespace onsale::api::v1 {
namespace {

template <class Id>
std::optional<Id> known(Id id) {
  return id ? std::optional(id) : std::nullopt;
}

std::optional<std::string> known(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::int64_t> seconds(const std::optional<domain::Duration>& duration) {
  if (!duration) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(*duration).count();
}

LineBody body_of_line(const domain::ReservationLine& line, const std::string& label) {
  return {.performance_id = line.performance,
          .seat_id = line.seat,
          .label = label,
          .price = line.price,
          .ticket_id = known(line.ticket)};
}

}  // namespace

UserBody body_of(const domain::User& user) {
  return {.id = user.id,
          .email = user.email,
          .name = user.name,
          .role = std::string(to_text(user.role)),
          .created_at = user.created_at};
}

VenueBody body_of(const domain::Venue& venue) {
  return {
      .id = venue.id, .name = venue.name, .location = venue.location, .time_zone = venue.time_zone};
}

EventBody CatalogueWords::body_of(const domain::Event& event) const {
  const domain::SalesPolicy sales = event.policy.over(policy.sales);
  bool on_sale = false;
  // Whatever has begun does not sell any more.
  for (const auto& ahead : catalogue.beginning_after(event.id, now)) {
    on_sale |=
        sales_window(event, catalogue.performance(ahead.performance)->performance).open_at(now);
  }
  // An event may be worded before the view has its venue: both can be of one batch.
  const auto venue = catalogue.venues.find(event.venue);
  return {.id = event.id,
          .title = event.title,
          .artist = event.artist,
          .venue = venue == catalogue.venues.end() ? VenueBody{.id = event.venue}
                                                   : v1::body_of(venue->second),
          .waiting_room_id = event.room,
          .sales_open_at = event.sales_open_at,
          .sales_close_at = event.sales_close_at,
          .on_sale = on_sale,
          .seats_per_user_max = sales.seats_per_user_max,
          .hold_seconds = std::chrono::ceil<std::chrono::seconds>(sales.hold_duration).count(),
          .currency = currency};
}

PerformanceBody CatalogueWords::body_of(const engine::Catalogue::PerformanceEntry& entry) const {
  const domain::Performance& performance = entry.performance;
  const auto window = sales_window(*catalogue.event(performance.event), performance);
  const auto seats = entry.seats->summary().value_or(engine::SeatSummary{});
  PerformanceBody body{.id = performance.id,
                       .event_id = performance.event,
                       .name = performance.name,
                       .starts_at = performance.starts_at,
                       .sales_open_at = window.opens_at,
                       .sales_close_at = window.closes_at,
                       .on_sale = window.open_at(now),
                       .seats_total = performance.seat_count,
                       .seats_available = seats.available,
                       .price_from = seats.price_from,
                       .currency = currency,
                       .price_tiers = {}};
  for (const domain::PriceTier& tier : entry.tiers) {
    body.price_tiers.push_back({.name = tier.name, .price = tier.price});
  }
  return body;
}

VisitorBody body_of(const Visit& visit) {
  VisitorBody body{.token = token_text(visit.visitor.token),
                   .room_id = visit.visitor.room,
                   .number = visit.visitor.number,
                   .state = std::string(to_text(visit.visitor.state)),
                   .position = visit.position,
                   .people_behind = visit.people_behind,
                   .estimated_wait = std::nullopt,
                   .issued_at = visit.visitor.issued_at,
                   .activated_at = visit.visitor.activated_at,
                   .expires_at = visit.visitor.expires_at};
  body.estimated_wait = seconds(visit.estimated_wait);
  body.estimated_wait_min = seconds(visit.estimated_wait_min);
  body.estimated_wait_max = seconds(visit.estimated_wait_max);
  body.admissions_per_minute = visit.admissions_per_minute;
  body.seats_left = visit.seats_left;
  return body;
}

ReservationBody body_of(const domain::Reservation& reservation,
                        const std::vector<domain::LineView>& lines, const std::string& currency) {
  ReservationBody body{.id = reservation.id,
                       .event_id = reservation.event,
                       .state = std::string(to_text(reservation.state)),
                       .total = reservation.total,
                       .currency = currency,
                       .created_at = reservation.created_at,
                       .expires_at = reservation.expires_at,
                       .paid_at = reservation.paid_at,
                       .attendee_name = known(reservation.attendee_name),
                       .lines = {}};
  for (const auto& [line, label] : lines) body.lines.push_back(body_of_line(line, label));
  // Just made, they are in the order asked for; whoever looks later sees them by seat.
  std::ranges::sort(body.lines, {}, &LineBody::seat_id);
  return body;
}

ReservationBody body_of(const store::ReservationRow& row, Timestamp now,
                        const std::string& currency) {
  ReservationBody body = body_of(row.reservation, std::vector<domain::LineView>{}, currency);
  body.state = to_text(row.reservation.state_at(now));
  for (const auto& [line, label] : row.lines) body.lines.push_back(body_of_line(line, label));
  return body;
}

TicketBody body_of(const store::TicketRow& row, const engine::Catalogue& catalogue,
                   const std::string& currency) {
  TicketBody body{.id = row.ticket.id,
                  .reservation_id = row.ticket.reservation,
                  .event_id = row.event,
                  .event_title = {},
                  .performance_id = row.ticket.performance,
                  .performance_name = {},
                  .starts_at = std::nullopt,
                  .venue = {},
                  .seat_id = row.ticket.seat,
                  .label = row.label,
                  .section = row.section,
                  .row = row.row,
                  .price = row.price,
                  .currency = currency,
                  .attendee_name = known(row.attendee_name),
                  .state = std::string(to_text(row.ticket.state)),
                  .issued_at = row.ticket.issued_at};
  if (const domain::Event* event = catalogue.event(row.event)) {
    body.event_title = event->title;
    if (const auto venue = catalogue.venues.find(event->venue); venue != catalogue.venues.end()) {
      body.venue = venue->second.name;
    }
  }
  if (const auto* performance = catalogue.performance(row.ticket.performance)) {
    body.performance_name = performance->performance.name;
    body.starts_at = performance->performance.starts_at;
  }
  return body;
}

TransferBody body_of(const domain::Transfer& transfer, const std::string& currency) {
  const bool out = transfer.debit == transfer.wallet;
  return {.id = transfer.id,
          .created_at = transfer.created_at,
          .amount = out ? -transfer.amount : transfer.amount,
          .cause = std::string(to_text(transfer.cause)),
          .reservation_id = known(transfer.reservation),
          .seat_id = known(transfer.seat),
          .balance_after = transfer.wallet_balance_after,
          .currency = currency};
}

}  // namespace onsale::api::v1
