// The sales of the dialects, one file each.
#pragma once

#include <memory>

#include "rush/sale.h"

namespace onsale::rush {

[[nodiscard]] std::unique_ptr<Sale> availability_sale(Client& client, Tally& tally,
                                                      const Wanted& wanted);
[[nodiscard]] std::unique_ptr<Sale> customers_sale(Client& client, Tally& tally,
                                                   const Wanted& wanted);
[[nodiscard]] std::unique_ptr<Sale> dates_sale(Client& client, Tally& tally, const Wanted& wanted);
[[nodiscard]] std::unique_ptr<Sale> performances_sale(Client& client, Tally& tally,
                                                      const Wanted& wanted);
[[nodiscard]] std::unique_ptr<Sale> schedules_sale(Client& client, Tally& tally,
                                                   const Wanted& wanted);

}  // namespace onsale::rush
