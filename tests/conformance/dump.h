// Everything a store holds as lines of text, to compare stores and to see that nothing
// was left behind.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace onsale::testing {

std::string text(const domain::User& r);
std::string text(const domain::Venue& r);
std::string text(const domain::WaitingRoom& r);
std::string text(const domain::Event& r);
std::string text(const domain::Performance& r);
std::string text(const domain::PriceTier& r);
std::string text(const domain::Seat& r);
std::string text(const store::SeatOnMap& r);
std::string text(const domain::Visitor& r);
std::string text(const domain::Reservation& r);
std::string text(const domain::ReservationLine& r);
std::string text(const domain::Ticket& r);
std::string text(const domain::Account& r);
std::string text(const domain::Transfer& r);
std::string text(const store::JournalEntry& r);
std::string text(const store::ReservationRow& r);
std::string text(const store::TicketRow& r);

/// All rows of the store, table by table in the order promised.
std::vector<std::string> dump(store::Reader& reader);

}  // namespace onsale::testing
