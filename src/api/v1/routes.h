// One function per area of the native API; each registers its routes.
#pragma once

#include "api/services.h"
#include "http/router.h"

namespace onsale::api::v1 {

void add_identity_routes(http::RouteGroup& v1, Services& services);
void add_catalogue_routes(http::RouteGroup& v1, Services& services);
void add_seat_routes(http::RouteGroup& v1, Services& services);
void add_room_routes(http::RouteGroup& v1, Services& services);
void add_waiting_room_routes(http::RouteGroup& v1, Services& services);
void add_stream_routes(http::RouteGroup& v1, Services& services);
void add_reservation_routes(http::RouteGroup& v1, Services& services);
void add_wallet_routes(http::RouteGroup& v1, Services& services);
void add_ticket_routes(http::RouteGroup& v1, Services& services);
void add_organiser_routes(http::RouteGroup& v1, Services& services);

}  // namespace onsale::api::v1
