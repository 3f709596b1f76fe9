// One function per dialect; each registers its routes.
#pragma once

#include "api/dialects/office.h"
#include "http/router.h"

namespace onsale::api::dialects {

void add_performances_routes(http::Router& router, const Office& office);
void add_schedules_routes(http::Router& router, const Office& office);
void add_availability_routes(http::Router& router, const Office& office);
void add_customers_routes(http::Router& router, const Office& office);
void add_dates_routes(http::Router& router, const Office& office);

}  // namespace onsale::api::dialects
