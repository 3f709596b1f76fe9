#include "rush/apis.h"

#include <array>

#include "rush/dialects/sales.h"

namespace onsale::rush {
namespace {

using enum Api::Called;

constexpr auto all = std::to_array<Api>({
    {.name = "native", .party_max = party_most, .numbers_users = false, .sale = native_sale},
    {.name = "availability", .performance = by_date, .sale = availability_sale},
    {.name = "customers", .party_max = party_most, .sale = customers_sale},
    {.name = "dates", .performance = by_date, .sale = dates_sale},
    {.name = "performances", .numbers_users = false, .sale = performances_sale},
    {.name = "schedules", .sale = schedules_sale},
});

}  // namespace

std::span<const Api> apis() { return all; }

}  // namespace onsale::rush
